// SPDX-License-Identifier: MIT
// The operators that give expressions their shape. Passes may name these and no others: everything else about an
// operator is in its entry. Handles are positions in the operator table, whose first rows these are, in this order.
#pragma once

#include "expr/store.hpp"

namespace matgrad::op {

inline constexpr OpId number{0};         // an exact rational; payload
inline constexpr OpId symbol{1};         // a variable, differential or index; payload
inline constexpr OpId dimension{2};      // the value of a dimension as a scalar; payload
inline constexpr OpId zeros{3};          // the shape says how large
inline constexpr OpId ones{4};           //
inline constexpr OpId identity{5};       //
inline constexpr OpId unit{6};           // e(i,n): child i
inline constexpr OpId commutation{7};    // K(m,n): children the dimensions m and n
inline constexpr OpId duplication{8};    // D(n): child the dimension n
inline constexpr OpId elimination{9};    // L(n): likewise
inline constexpr OpId transpose{10};     //
inline constexpr OpId add{11};           // of equal shapes, two terms or more
inline constexpr OpId times{12};         // of scalars: a number first where it is not 1, then sorted factors
inline constexpr OpId scale{13};         // scalar, then what is not a scalar
inline constexpr OpId multiply{14};      // matrix product, flat
inline constexpr OpId hadamard{15};      // elementwise product, sorted
inline constexpr OpId power{16};         // elementwise; of scalars the ordinary power
inline constexpr OpId matrix_power{17};  // square matrix, exponent
inline constexpr OpId sum_over{18};      // index, first, last, body
inline constexpr OpId unvec{19};         // the matrix of this shape whose vec is the child
inline constexpr OpId blocks{20};        // the number of columns of the grid, then its parts row by row

}  // namespace matgrad::op
