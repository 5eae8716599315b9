# What `cmake --install` lays out:
#   bin/sheafline  include/sheafline/  lib/libsheafline.so  lib/libsheafline_sheets.so
#   lib/sheafline/plugins/  share/sheafline/pipelines/
#   lib/cmake/Sheafline/  for find_package(Sheafline)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Sheafline)
install(TARGETS sheafline_framework sheafline_sheets EXPORT SheaflineTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(TARGETS sheafline_testing EXPORT SheaflineTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
install(EXPORT SheaflineTargets NAMESPACE sheafline:: DESTINATION ${package_dir} COMPONENT dev)
configure_package_config_file(cmake/SheaflineConfig.cmake.in ${PROJECT_BINARY_DIR}/SheaflineConfig.cmake
    INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR)
# Before 1.0 a minor version may break what is built on it.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/SheaflineConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/SheaflineConfig.cmake ${PROJECT_BINARY_DIR}/SheaflineConfigVersion.cmake
    cmake/SheaflineAddPlugin.cmake cmake/SheaflineHardening.cmake DESTINATION ${package_dir} COMPONENT dev)
install(DIRECTORY pipelines/ DESTINATION ${CMAKE_INSTALL_DATADIR}/sheafline/pipelines OPTIONAL)
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sheafline)
