# SPDX-License-Identifier: MIT
# Every third-party library, all used header-only but md4c and NLopt, which only the program needs. `matgrad_libraries`
# is what src/ may include besides the standard library; `tl::expected` is the one that our public headers show.
add_library(matgrad_libraries INTERFACE)
target_compile_definitions(matgrad_libraries INTERFACE FMT_HEADER_ONLY=1)

if(EMSCRIPTEN)
  # Emscripten's find root hides the system's packages, and -I/usr/include would mix in the system's C library: link
  # just the directories that are needed into one of our own.
  set(MATGRAD_SYSTEM_INCLUDE /usr/include CACHE PATH "Where fast_float, fmt, tl, nlohmann, boost and eigen3 are")
  set(links ${PROJECT_BINARY_DIR}/include)
  file(MAKE_DIRECTORY ${links})
  foreach(library fast_float fmt tl nlohmann boost)
    if(NOT EXISTS ${MATGRAD_SYSTEM_INCLUDE}/${library})
      message(FATAL_ERROR "${MATGRAD_SYSTEM_INCLUDE}/${library} is missing")
    endif()
    file(CREATE_LINK ${MATGRAD_SYSTEM_INCLUDE}/${library} ${links}/${library} SYMBOLIC)
  endforeach()
  target_include_directories(matgrad_libraries SYSTEM INTERFACE ${links} ${MATGRAD_SYSTEM_INCLUDE}/eigen3)
  add_library(matgrad_expected INTERFACE)
  add_library(tl::expected ALIAS matgrad_expected)
  target_include_directories(matgrad_expected SYSTEM INTERFACE $<BUILD_INTERFACE:${links}>)
  return()
endif()

find_package(tl-expected REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)  # unversioned: its config refuses another major version
find_package(FastFloat REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Boost REQUIRED)
find_package(CLI11 REQUIRED)
# Debian's md4cConfig.cmake also wants the library for HTML.
find_path(MATGRAD_MD4C_INCLUDE md4c.h REQUIRED)
find_library(MATGRAD_MD4C md4c REQUIRED)
find_path(MATGRAD_NLOPT_INCLUDE nlopt.h REQUIRED)
find_library(MATGRAD_NLOPT nlopt REQUIRED)
target_link_libraries(matgrad_libraries INTERFACE
  Eigen3::Eigen FastFloat::fast_float fmt::fmt-header-only nlohmann_json::nlohmann_json Boost::headers)
