// SPDX-License-Identifier: MIT
// For files of loops over numbers only. MATGRAD_COPIES before a function makes copies of it for processors with AVX2
// and AVX-512, where the compiler can; MATGRAD_INLINE puts what it calls into each copy.
//
// The functions of <cmath> that the C library also has for several numbers at once, told to the compiler, which then
// calls those in loops that it makes vectors of. glibc's are exact to four units in the last place and hand numbers
// out of their range to the functions for one.
#pragma once

#include <cmath>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define MATGRAD_COPIES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define MATGRAD_WIDE  // functions may be compiled for AVX-512 by themselves
#else
#define MATGRAD_COPIES
#endif
#if defined(__GNUC__)
#define MATGRAD_INLINE __attribute__((always_inline)) inline
#else
#define MATGRAD_INLINE inline
#endif

#if defined(MATGRAD_WIDE) && defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 35)
extern "C" {
#define MATGRAD_OF_ONE(f) __attribute__((simd("notinbranch"))) double f(double) noexcept;
MATGRAD_OF_ONE(exp)
MATGRAD_OF_ONE(log)
MATGRAD_OF_ONE(sin)
MATGRAD_OF_ONE(cos)
MATGRAD_OF_ONE(tan)
MATGRAD_OF_ONE(sinh)
MATGRAD_OF_ONE(cosh)
MATGRAD_OF_ONE(tanh)
MATGRAD_OF_ONE(asin)
MATGRAD_OF_ONE(acos)
MATGRAD_OF_ONE(atan)
MATGRAD_OF_ONE(erf)
MATGRAD_OF_ONE(log1p)
MATGRAD_OF_ONE(expm1)
#undef MATGRAD_OF_ONE
__attribute__((simd("notinbranch"))) double pow(double, double) noexcept;
__attribute__((simd("notinbranch"))) float powf(float, float) noexcept;
}
#endif
#endif
