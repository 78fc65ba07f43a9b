# SPDX-License-Identifier: MIT
# matgrad.mjs + matgrad.wasm: the core behind its C API. Every function of include/matgrad/c_api.h is exported.
set(c_api ${PROJECT_SOURCE_DIR}/include/matgrad/c_api.h)
set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${c_api})
file(STRINGS ${c_api} declarations REGEX "matgrad_[a-z_]+\\(")
set(exports _malloc _free)
foreach(declaration ${declarations})
  string(REGEX MATCH "matgrad_[a-z_]+" name "${declaration}")
  list(APPEND exports _${name})
endforeach()
list(JOIN exports "," exports)

add_executable(matgrad_wasm ${CMAKE_CURRENT_LIST_DIR}/exports.cpp)
target_link_libraries(matgrad_wasm PRIVATE matgrad_core matgrad_dev)
set_target_properties(matgrad_wasm PROPERTIES OUTPUT_NAME matgrad SUFFIX .mjs LINK_DEPENDS ${c_api})
# "web,worker" although node runs it too: in emscripten 3.1.6 ES6 modules for node are broken, so node passes wasmBinary.
target_link_options(matgrad_wasm PRIVATE
  -O2 --no-entry -sMODULARIZE=1 -sEXPORT_ES6=1 -sENVIRONMENT=web,worker -sALLOW_MEMORY_GROWTH=1 -sFILESYSTEM=0
  -sEXPORTED_FUNCTIONS=${exports} -sEXPORTED_RUNTIME_METHODS=ccall,UTF8ToString)
