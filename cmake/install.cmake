# SPDX-License-Identifier: MIT
# `cmake --install` and what find_package(matgrad) reads afterwards: the target matgrad::core.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/matgrad)
target_include_directories(matgrad_core INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(TARGETS matgrad RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS matgrad_core EXPORT matgrad ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/matgrad DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT matgrad NAMESPACE matgrad:: FILE matgrad-targets.cmake DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/matgrad-config.cmake.in
  ${PROJECT_BINARY_DIR}/matgrad-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/matgrad-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/matgrad-config.cmake ${PROJECT_BINARY_DIR}/matgrad-config-version.cmake
  DESTINATION ${package_dir})
