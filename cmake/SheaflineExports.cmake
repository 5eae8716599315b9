# sheafline_export_only_marked(TARGET): the shared library exports what carries SHEAFLINE_API and nothing else. Hidden
# visibility alone leaves the instances of standard templates visible, because their namespace is.
function(sheafline_export_only_marked target)
    set(script ${PROJECT_SOURCE_DIR}/cmake/exports.map)
    target_link_options(${target} PRIVATE LINKER:--version-script=${script})
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script})
endfunction()
