# Flags that make memory errors harder to exploit, each only if the compiler, the linker and the architecture have it:
#   SHEAFLINE_HARDENING_COMPILE, SHEAFLINE_HARDENING_LINK
# They apply to the program, the libraries, the plugins of this tree, and the plugins of outside authors
# (sheafline_add_plugin). SHEAFLINE_HARDENING=OFF turns them off.
include_guard()
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)

option(SHEAFLINE_HARDENING "Compile and link with hardening flags" ON)
set(SHEAFLINE_HARDENING_COMPILE "")
set(SHEAFLINE_HARDENING_LINK "")
if(SHEAFLINE_HARDENING)
    foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection)
        string(MAKE_C_IDENTIFIER "SHEAFLINE_HAS${flag}" has)
        check_cxx_compiler_flag("-Werror ${flag}" ${has})  # clang only warns about a flag that it ignores
        if(${has})
            list(APPEND SHEAFLINE_HARDENING_COMPILE ${flag})
        endif()
    endforeach()
    list(APPEND SHEAFLINE_HARDENING_COMPILE -D_GLIBCXX_ASSERTIONS)
    # FORTIFY needs optimization, and hides calls from a sanitizer.
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize" AND
       (CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" OR CMAKE_CXX_FLAGS MATCHES "-O[1-3s]"))
        list(APPEND SHEAFLINE_HARDENING_COMPILE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endif()
    foreach(flag relro now noexecstack)
        check_linker_flag(CXX "LINKER:-z,${flag}" SHEAFLINE_HAS_Z_${flag})
        if(SHEAFLINE_HAS_Z_${flag})
            list(APPEND SHEAFLINE_HARDENING_LINK "LINKER:-z,${flag}")
        endif()
    endforeach()
endif()
