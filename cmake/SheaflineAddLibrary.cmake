# sheafline_add_library(NAME SOURCES file... HEADERS file... [INCLUDES folder...] [PUBLIC lib...] [PRIVATE lib...])
# The static library sheafline::NAME of this tree, for its plugins and programs: headers below include/, hidden symbols.
function(sheafline_add_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;INCLUDES;PUBLIC;PRIVATE" ${ARGN})
    set(target sheafline_${name})
    add_library(${target} STATIC ${ARG_SOURCES})
    add_library(sheafline::${name} ALIAS ${target})
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${ARG_HEADERS})
    set_target_properties(${target} PROPERTIES
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON VERIFY_INTERFACE_HEADER_SETS ON)
    target_include_directories(${target} PRIVATE ${ARG_INCLUDES})
    target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE sheafline_options ${ARG_PRIVATE})
endfunction()
