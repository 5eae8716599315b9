# Writes commit.h with the commit that is built, and only when it changed, so that a build without
# a new commit compiles nothing. Run at build time: cmake -DSOURCE=... -DOUT=... -P write_commit.cmake
set(commit unknown)
find_program(git git)
if(git AND EXISTS ${SOURCE}/.git)
    execute_process(COMMAND ${CMAKE_COMMAND} -E env GIT_OPTIONAL_LOCKS=0 ${git} describe --always --dirty --abbrev=7 --exclude=*
        WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE found RESULT_VARIABLE failed
        OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(NOT failed)
        set(commit ${found})
    endif()
endif()
set(text "#define SHEAFLINE_COMMIT \"${commit}\"\n")
set(before "")
if(EXISTS ${OUT})
    file(READ ${OUT} before)
endif()
if(NOT before STREQUAL text)
    file(WRITE ${OUT} "${text}")
endif()
