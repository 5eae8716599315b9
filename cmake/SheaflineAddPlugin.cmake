# sheafline_add_plugin(NAME FILE... [LIBRARIES lib...])
# Builds NAME.so, a plugin: hidden symbols, nothing left undefined; `cmake --install` puts it where sheafline looks,
# unless SHEAFLINE_INSTALL_PLUGINS is off. The same call serves this tree and outside authors.
include_guard()

function(sheafline_add_plugin name)
    cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
    set(target sheafline_plugin_${name})
    add_library(${target} MODULE ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(${target} PRIVATE sheafline::framework ${ARG_LIBRARIES} $<TARGET_NAME_IF_EXISTS:sheafline_options>)
    set_target_properties(${target} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name}
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    # A sanitizer leaves its own symbols to the program: only there may a plugin have undefined ones.
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
        target_link_options(${target} PRIVATE LINKER:-z,defs)
    endif()
    if(NOT DEFINED SHEAFLINE_INSTALL_PLUGINS OR SHEAFLINE_INSTALL_PLUGINS)
        install(TARGETS ${target} LIBRARY DESTINATION lib/sheafline/plugins)
        if(TARGET sheafline_plugins)
            add_dependencies(sheafline_plugins ${target})
        endif()
    endif()
endfunction()
