// SPDX-License-Identifier: MIT
#include "plan/blas_library.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

#ifndef __EMSCRIPTEN__
#include <dlfcn.h>
#endif

namespace matgrad::dense {

#ifdef __EMSCRIPTEN__

const BlasLibrary* blas_library() {
  return nullptr;
}

#else

namespace {

constexpr const char* candidates[] = {"libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libmkl_rt.so",
                                      "libopenblas.dylib"};

class Loader {
 public:
  explicit Loader(void* handle) : handle_(handle) {}

  template <class F>
  void find(F& function, const std::string& name) {
    void* symbol = dlsym(handle_, name.c_str());
    std::memcpy(&function, &symbol, sizeof symbol);
    complete_ = complete_ && symbol != nullptr;
  }
  template <class T>
  void find_all(BlasRoutines<T>& routines, const std::string& letter) {
    find(routines.gemm, letter + "gemm_");
    find(routines.gemv, letter + "gemv_");
    find(routines.syrk, letter + "syrk_");
    find(routines.getrf, letter + "getrf_");
  }
  bool is_complete() const { return complete_; }

 private:
  void* handle_;
  bool complete_ = true;
};

bool load(const char* name, BlasLibrary& library) {
  void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return false;
  Loader loader(handle);
  loader.find_all(library.in_double, "d");
  loader.find_all(library.in_single, "s");
  if (!loader.is_complete()) {
    dlclose(handle);
    return false;
  }
  library.name = name;
  // As many as the library was told to take, by OPENBLAS_NUM_THREADS or else by the number of processors.
  int (*get_threads)() = nullptr;
  Loader(handle).find(get_threads, "openblas_get_num_threads");
  Loader(handle).find(library.set_threads, "openblas_set_num_threads");
  if (get_threads != nullptr) library.threads = get_threads();
  return true;
}

const BlasLibrary* find_library() {
  static BlasLibrary library;
  if (const char* wanted = std::getenv("MATGRAD_BLAS"); wanted != nullptr && wanted[0] != '\0') {
    return std::strcmp(wanted, "none") != 0 && load(wanted, library) ? &library : nullptr;
  }
  for (const char* name : candidates) {
    if (load(name, library)) return &library;
  }
  return nullptr;
}

}  // namespace

const BlasLibrary* blas_library() {
  static const BlasLibrary* const library = find_library();
  return library;
}

#endif

}  // namespace matgrad::dense
