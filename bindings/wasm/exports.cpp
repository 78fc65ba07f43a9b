// SPDX-License-Identifier: MIT
// Draws the C API into the module; what it exports is read from the header by wasm.cmake.
#include "matgrad/c_api.h"
