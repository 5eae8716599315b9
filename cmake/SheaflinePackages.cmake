# What scripts/package.sh packs. Two Debian packages: `sheafline` (program, plugins, pipelines, systemd units, manual pages,
# completions, configuration) and `libsheafline-dev` (headers, CMake package).
# The files below are made by the program that was just built, from the tables that it reads its options and settings from.
set(made ${PROJECT_BINARY_DIR}/made)
file(MAKE_DIRECTORY ${made})
add_custom_command(OUTPUT ${made}/done
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${made}/man
    COMMAND sh -c "'$<TARGET_FILE:sheafline>' settings --set data-dir=/var/lib/sheafline > sheafline.conf"
    COMMAND sh -c "for shell in bash zsh fish; do '$<TARGET_FILE:sheafline>' completion $shell > completion.$shell || exit 1; done"
    COMMAND sheafline manual --out ${made}/man
    COMMAND sh -c "gzip -9n man/*.1 && touch done"
    DEPENDS sheafline WORKING_DIRECTORY ${made} COMMENT "Making the configuration, the manual pages and the completions" VERBATIM)
add_custom_target(sheafline_made ALL DEPENDS ${made}/done)

install(DIRECTORY ${made}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME sheafline)
install(FILES ${made}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _sheafline)
install(FILES ${made}/completion.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d RENAME sheafline.fish)
install(FILES CHANGELOG.md deploy/debian/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sheafline)
install(DIRECTORY deploy/prometheus deploy/grafana deploy/kubernetes DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sheafline OPTIONAL)
install(PROGRAMS deploy/scanner/sheafline-scan-folder DESTINATION ${CMAKE_INSTALL_DATADIR}/sheafline)
# Files at fixed places, which the relocatable archive leaves out.
install(FILES ${made}/sheafline.conf DESTINATION /etc/sheafline COMPONENT service)
install(FILES deploy/systemd/sheafline.service deploy/systemd/sheafline-worker.service DESTINATION /lib/systemd/system
    COMPONENT service)
install(FILES deploy/systemd/sheafline.tmpfiles DESTINATION /usr/lib/tmpfiles.d RENAME sheafline.conf COMPONENT service)

set(SHEAFLINE_PACKAGE_VERSION ${PROJECT_VERSION} CACHE STRING "Version of the Debian packages")
set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME sheafline)
set(CPACK_PACKAGE_VERSION ${SHEAFLINE_PACKAGE_VERSION})
set(CPACK_PACKAGE_CONTACT "The Sheafline authors <sheafline@localhost>")
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL program service dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENT_PROGRAM_GROUP program)
set(CPACK_COMPONENT_SERVICE_GROUP program)
set(CPACK_COMPONENT_DEV_GROUP dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
# The libraries of the package itself are found in the build tree.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME sheafline)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS fonts-dejavu-core)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "imagemagick, nginx | caddy, postgresql, python3, redis-server, sqlite3, tesseract-ocr")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "${PROJECT_DESCRIPTION}
Sheafline takes a ZIP of scanned answer sheets, sorts them by QR code, reads
the marks in parallel, and writes a CSV file and a database table. Progress
goes to a terminal, a file or a browser. A killed batch continues from its
last checkpoint.")
set(scripts ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA "${scripts}/conffiles;${scripts}/postinst;${scripts}/prerm;${scripts}/postrm")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libsheafline-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "sheafline (= ${SHEAFLINE_PACKAGE_VERSION})")
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "cmake, g++")
set(CPACK_DEBIAN_DEV_DESCRIPTION "Headers and CMake package for plugins of Sheafline
With these files an author builds stages, sinks and sheet processors for
Sheafline: find_package(Sheafline) and sheafline_add_plugin().")
include(CPack)
