# sheafline_add_plugin(NAME FILE... [LIBRARIES lib...])
# Builds NAME.so, a plugin: hidden symbols, no undefined symbols, hardening flags. `cmake --install` installs it into the
# folder in which sheafline looks, unless SHEAFLINE_INSTALL_PLUGINS is off. This tree and outside authors use the same call.
include_guard()
include(${CMAKE_CURRENT_LIST_DIR}/SheaflineHardening.cmake)

# From lib/sheafline/plugins to the libraries; and from a plugin of this tree, or of an outside author, to them.
set(SHEAFLINE_PLUGIN_RPATH "\$ORIGIN/../..")
if(DEFINED SHEAFLINE_LIBRARY_DIR)
    set(SHEAFLINE_BUILD_RPATH "${SHEAFLINE_LIBRARY_DIR}")
else()
    set(SHEAFLINE_BUILD_RPATH "\$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
    if(NOT CMAKE_INSTALL_LIBDIR STREQUAL "lib")
        string(APPEND SHEAFLINE_PLUGIN_RPATH ":\$ORIGIN/../../../${CMAKE_INSTALL_LIBDIR}")
    endif()
endif()

function(sheafline_add_plugin name)
    cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
    set(target sheafline_plugin_${name})
    add_library(${target} MODULE ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(${target} PRIVATE sheafline::framework ${ARG_LIBRARIES} $<TARGET_NAME_IF_EXISTS:sheafline_options>)
    if(NOT TARGET sheafline_options)
        target_compile_options(${target} PRIVATE ${SHEAFLINE_HARDENING_COMPILE})
        target_link_options(${target} PRIVATE LINKER:--as-needed ${SHEAFLINE_HARDENING_LINK})
    endif()
    set_target_properties(${target} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name}
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        # Where it is installed, and where it is built. CMake's own build RUNPATH ends with an empty entry, which means the
        # current directory.
        BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${SHEAFLINE_PLUGIN_RPATH};${SHEAFLINE_BUILD_RPATH}")
    # The symbols of a sanitizer are in the program, so a plugin may have undefined symbols then.
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
        target_link_options(${target} PRIVATE LINKER:-z,defs)
    endif()
    if(NOT DEFINED SHEAFLINE_INSTALL_PLUGINS OR SHEAFLINE_INSTALL_PLUGINS)
        install(TARGETS ${target} LIBRARY DESTINATION lib/sheafline/plugins)
        install(CODE "file(RPATH_SET FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/sheafline/plugins/${name}.so\"
            NEW_RPATH [[${SHEAFLINE_PLUGIN_RPATH}]])")
        if(TARGET sheafline_plugins)
            add_dependencies(sheafline_plugins ${target})
        endif()
    endif()
endfunction()

# sheafline_add_plugin_test(NAME FILE... PLUGIN name [LIBRARIES lib...])
# A test of a plugin, built with the test kit. The macro SHEAFLINE_PLUGIN is the path of the plugin's file.
function(sheafline_add_plugin_test name)
    cmake_parse_arguments(ARG "" "PLUGIN" "LIBRARIES" ${ARGN})
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE sheafline::testing ${ARG_LIBRARIES} $<TARGET_NAME_IF_EXISTS:sheafline_options>)
    target_compile_definitions(${name} PRIVATE SHEAFLINE_PLUGIN="$<TARGET_FILE:sheafline_plugin_${ARG_PLUGIN}>")
    add_dependencies(${name} sheafline_plugin_${ARG_PLUGIN})
    add_test(NAME ${name} COMMAND ${name})
endfunction()
