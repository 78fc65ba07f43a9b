// SPDX-License-Identifier: MIT
// The BLAS and LAPACK of this machine, if it has one: looked for once, when a plan first runs, so that nothing depends
// on it to be built, installed or started. MATGRAD_BLAS names a library, or is "none".
#pragma once

namespace matgrad::dense {

// The routines that are used, as Fortran has them (reference: netlib.org/lapack).
template <class T>
struct BlasRoutines {
  void (*gemm)(const char*, const char*, const int*, const int*, const int*, const T*, const T*, const int*, const T*,
               const int*, const T*, T*, const int*) = nullptr;
  void (*gemv)(const char*, const int*, const int*, const T*, const T*, const int*, const T*, const int*, const T*, T*,
               const int*) = nullptr;
  void (*syrk)(const char*, const char*, const int*, const int*, const T*, const T*, const int*, const T*, T*,
               const int*) = nullptr;
  void (*getrf)(const int*, const int*, T*, const int*, int*, int*) = nullptr;
};

struct BlasLibrary {
  BlasRoutines<double> in_double;
  BlasRoutines<float> in_single;
  void (*set_threads)(int) = nullptr;  // where the library has such a thing
  int threads = 1;
  const char* name = nullptr;
};

// nullptr where there is none with all of the routines.
const BlasLibrary* blas_library();

template <class T>
const BlasRoutines<T>& routines(const BlasLibrary& library);
template <>
inline const BlasRoutines<double>& routines<double>(const BlasLibrary& library) {
  return library.in_double;
}
template <>
inline const BlasRoutines<float>& routines<float>(const BlasLibrary& library) {
  return library.in_single;
}

}  // namespace matgrad::dense
