# Compile options of every target of this tree, as a target: nothing global, nothing installed.
include(SheaflineHardening)
add_library(sheafline_options INTERFACE)
target_compile_options(sheafline_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # g++ 12 takes std::string's own operator+ for an overlap, at -O2 and above (GCC bug 105651)
    # The same function of std::string, with its sizes, in g++ 12 at -O3. The dev build still has these warnings, as errors.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>,$<CONFIG:Release>>:-Wno-stringop-overflow$<SEMICOLON>-Wno-array-bounds>
    # A unity build includes sources, and g++ expects no anonymous namespace in included files.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${SHEAFLINE_UNITY}>>:-Wno-subobject-linkage>
    $<$<BOOL:${SHEAFLINE_WERROR}>:-Werror> ${SHEAFLINE_HARDENING_COMPILE})
target_link_options(sheafline_options INTERFACE LINKER:--as-needed ${SHEAFLINE_HARDENING_LINK} $<$<BOOL:${SHEAFLINE_MOLD}>:-fuse-ld=mold>)

# sheafline_add_test(NAME sources... [ALONE] [FAULTS] LIBRARIES lib... [LABELS label...]): one Catch2 program, one ctest a case.
# ALONE: no other test runs at the same time. FAULTS: a case with a tag such as [F44] prints a line about that fault. A case that lacks something on this machine says
# WARN("skipped: …"), and ctest reports it as skipped.
function(sheafline_add_test name)
    cmake_parse_arguments(ARG "ALONE;FAULTS" "" "LIBRARIES;LABELS" ${ARGN})
    add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
    if(ARG_FAULTS)
        target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/fault_lines.cpp)
    endif()
    target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} sheafline_test_main sheafline_options)
    foreach(source ${ARG_UNPARSED_ARGUMENTS})
        cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE file)
        if(NOT EXISTS ${file})
            continue()  # an expression, which is known later
        endif()
        # Only those that ask for the folders: ccache serves the others to every clone.
        file(STRINGS ${file} folders REGEX "SHEAFLINE_(SOURCE|BINARY)_DIR")
        if(folders)
            set_source_files_properties(${source} PROPERTIES COMPILE_DEFINITIONS
                "SHEAFLINE_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\";SHEAFLINE_BINARY_DIR=\"${PROJECT_BINARY_DIR}\"")
        endif()
        file(STRINGS ${file} regex REGEX "^#include <regex>")
        if(regex)  # g++ 12 warns inside <regex> under ASan (GCC bug 105562)
            set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
        endif()
    endforeach()
    set(properties TIMEOUT 300 SKIP_RETURN_CODE 77)
    if(ARG_ALONE)
        list(APPEND properties RUN_SERIAL ON)
    endif()
    if(ARG_LABELS)
        list(APPEND properties LABELS "${ARG_LABELS}")
    endif()
    catch_discover_tests(${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST PROPERTIES ${properties})
endfunction()

# sheafline_test_through_servers(NAME...): runs these programs of sheafline_add_test() once more, each as one ctest, through
# three servers with one history and a proxy. tests/many_servers/one_server.txt lists the cases that are left out.
function(sheafline_test_through_servers)
    set(script ${PROJECT_SOURCE_DIR}/tests/many_servers/through_servers.py)
    set(files "")
    foreach(name ${ARGN})
        add_test(NAME through_servers_${name} COMMAND ${script} $<TARGET_FILE:${name}>)
        # One at a time: each has three servers, PostgreSQL, Redis and nginx.
        set_tests_properties(through_servers_${name} PROPERTIES
            LABELS "many_servers;slow" TIMEOUT 3600 SKIP_RETURN_CODE 77 RESOURCE_LOCK three_servers)
        add_dependencies(${name} sheafline_postgres)
        list(APPEND files $<TARGET_FILE:${name}>)
    endforeach()
    add_test(NAME through_servers_list COMMAND ${script} --check ${files})
endfunction()
