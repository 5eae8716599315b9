# sheafline_add_plugin(NAME FILE... [LIBRARIES lib...])
# Builds NAME.so, a plugin: hidden symbols, nothing left undefined. The same call serves this tree and outside authors.
function(sheafline_add_plugin name)
    cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
    add_library(sheafline_plugin_${name} MODULE ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(sheafline_plugin_${name} PRIVATE sheafline::framework ${ARG_LIBRARIES})
    set_target_properties(sheafline_plugin_${name} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name}
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    # A sanitizer leaves its own symbols to the program: only there may a plugin have undefined ones.
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
        target_link_options(sheafline_plugin_${name} PRIVATE -Wl,-z,defs)
    endif()
    if(TARGET sheafline_options)
        target_link_libraries(sheafline_plugin_${name} PRIVATE sheafline_options)
        set_target_properties(sheafline_plugin_${name} PROPERTIES
            LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/plugins)
        install(TARGETS sheafline_plugin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/sheafline/plugins)
    endif()
endfunction()
