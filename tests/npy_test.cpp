// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstring>
#include <limits>

#include "array_files.hpp"

namespace matgrad {
namespace {

using Npy = ArrayFiles;

template <class T>
std::vector<T> numbers() {
  return {T(1), T(2), T(3), T(4), T(5), static_cast<T>(std::is_signed_v<T> ? -6 : 6)};
}

TEST_F(Npy, EveryTypeInBothByteOrdersAndBothLayouts) {
  const auto expect = [&](const std::string& type, const auto& values, bool is_signed) {
    for (const bool big : {false, true}) {
      const std::string name = (big ? ">" : "<") + type;
      const std::string last = is_signed ? "-6" : "6";
      EXPECT_EQ(reading("X.npy", npy_of(name, "(2, 3)", bytes(values, big))), "2x3: 1 4 2 5 3 " + last) << name;
      EXPECT_EQ(reading("X.npy", npy_of(name, "(2, 3)", bytes(values, big), true)), "2x3: 1 2 3 4 5 " + last) << name;
      EXPECT_EQ(reading("X.npy", npy_of(name, "(6,)", bytes(values, big))), "6x1 of 1: 1 2 3 4 5 " + last) << name;
    }
  };
  expect("f8", numbers<double>(), true);
  expect("f4", numbers<float>(), true);
  expect("i8", numbers<std::int64_t>(), true);
  expect("i4", numbers<std::int32_t>(), true);
  expect("i2", numbers<std::int16_t>(), true);
  expect("i1", numbers<std::int8_t>(), true);
  expect("u8", numbers<std::uint64_t>(), false);
  expect("u4", numbers<std::uint32_t>(), false);
  expect("u2", numbers<std::uint16_t>(), false);
  expect("u1", numbers<std::uint8_t>(), false);
  // 1, 2, 3, 4, 5, -6 in half precision
  expect("f2", std::vector<std::uint16_t>{0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0xC600}, true);
}

TEST_F(Npy, TypesAtTheirLimits) {
  EXPECT_EQ(reading("X.npy", npy_of("|b1", "(3,)", std::string("\0\1\1", 3))), "3x1 of 1: 0 1 1");
  EXPECT_EQ(reading("X.npy", npy_of("|i1", "(2,)", "\x80\x7f")), "2x1 of 1: -128 127");
  EXPECT_EQ(reading("X.npy", npy_of("|u1", "(2,)", "\x80\xff")), "2x1 of 1: 128 255");
  EXPECT_EQ(reading("X.npy", npy_of("f8", "()", bytes<double>({0.1}))), "1x1 of 0: 0.1");
  EXPECT_EQ(reading("X.npy", npy_of("=f8", "()", bytes<double>({-0.0}))), "1x1 of 0: -0");
  EXPECT_EQ(reading("X.npy", npy_of("<u8", "()", bytes<std::uint64_t>({~std::uint64_t{0}}))),
            "1x1 of 0: 1.8446744073709552e+19");
  EXPECT_EQ(reading("X.npy", npy_of("<i8", "()", bytes<std::int64_t>({std::numeric_limits<std::int64_t>::min()}))),
            "1x1 of 0: -9.223372036854776e+18");
  EXPECT_EQ(reading("X.npy", npy_of("<f8", "(1, 3)", bytes<double>({HUGE_VAL, -HUGE_VAL, NAN}))), "1x3: inf -inf nan");
  // The smallest half, the largest, infinity.
  EXPECT_EQ(reading("X.npy", npy_of("<f2", "(3,)", bytes<std::uint16_t>({1, 0x7BFF, 0xFC00}))),
            "3x1 of 1: 5.960464477539063e-08 65504 -inf");
}

TEST_F(Npy, HeadersInOtherSpellings) {
  const std::string entries = bytes<double>({1, 2});
  for (const char* header : {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }",
                             "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}",
                             "{ \"shape\":(1,2) , \"fortran_order\" :False,\"descr\":\"<f8\" }",
                             "{'shape': (1L, 2L), 'fortran_order': True, 'descr': '<f8'}",
                             "\t{'descr':'<f8','fortran_order':False,'shape':( 1,2, ),}\n"}) {
    for (const int version : {1, 2, 3}) {
      EXPECT_EQ(reading("X.npy", npy(header, entries, version)), "1x2: 1 2") << header;
    }
  }
}

TEST_F(Npy, DamagedHeaders) {
  const auto refused_at = [&](const std::string& header, const std::string& where) {
    EXPECT_EQ(reading("X.npy", npy(header, bytes<double>({1, 2}))),
              "the header of X.npy cannot be understood at `" + where + "`; write the file again with numpy.save");
  };
  refused_at("'descr'", "'descr'");
  refused_at("{'descr: 1", "'descr: 1");
  refused_at("{'descr': 1, }", "1, }");
  refused_at("{'descr': '\\x3cf8'}", "'\\x3cf8'}");
  refused_at("{'descr': '<f8' 'shape': ()}", "'shape': ()}");
  refused_at("{'descr': '<f8', 'descr': '<f8'}", "'descr': '<f8'}");
  refused_at("{'descr': '<f8', 'order': True}", "'order': True}");
  refused_at("{'fortran_order': true}", "true}");
  refused_at("{'shape': 2}", "2}");
  refused_at("{'shape': (2)}", "}");
  refused_at("{'shape': (-2,)}", "-2,)}");
  refused_at("{'shape': (1 2)}", "2)}");
  refused_at("{'shape': (,)}", ",)}");
  refused_at("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)", "\\n");
  refused_at("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)} + 1", "+ 1");
  refused_at("{'\x1b[31m\xff", "'\uFFFD[31m\uFFFD");
  for (const auto& [header, key] :
       std::vector<std::pair<std::string, std::string>>{{"{'fortran_order': False, 'shape': (2,)}", "descr"},
                                                        {"{'descr': '<f8', 'shape': (2,)}", "fortran_order"},
                                                        {"{'descr': '<f8', 'fortran_order': False}", "shape"}}) {
    EXPECT_EQ(reading("X.npy", npy(header, bytes<double>({1, 2}))),
              "the header of X.npy does not say its " + key + "; write the file again with numpy.save");
  }
}

TEST_F(Npy, WhatIsNoNpyOrCut) {
  EXPECT_EQ(reading("X.npy", "1,2,3\n"),
            "X.npy does not begin as a .npy file; write it with numpy.save, or name it .csv or .mtx if it is text");
  EXPECT_EQ(reading("X.npy", ""),
            "X.npy does not begin as a .npy file; write it with numpy.save, or name it .csv or .mtx if it is text");
  const std::string whole = npy_of("<f8", "(2,)", bytes<double>({1, 2}));
  for (const std::size_t length : {6U, 7U, 9U, 10U, 100U, 127U}) {
    EXPECT_EQ(reading("X.npy", whole.substr(0, length)), "X.npy ends within its header; write or copy it again");
  }
  EXPECT_EQ(reading("X.npy", std::string("\x93NUMPY\x02\0\xff\xff\xff\xff{}", 14)),
            "X.npy ends within its header; write or copy it again");
  EXPECT_EQ(reading("X.npy", whole.substr(0, 135)),
            "X.npy ends early: the shape (2,) of type <f8 takes 16 bytes, and 7 follow its header; write or copy it "
            "again");
  EXPECT_EQ(reading("X.npy", whole + "1"),
            "X.npy goes on after its array: the shape (2,) of type <f8 takes 16 bytes, and 17 follow its header; save "
            "each array in a file of its own");
  std::string later = whole;
  later[6] = '\4';
  EXPECT_EQ(reading("X.npy", later), "X.npy is of version 4.0 of .npy; versions 1.0, 2.0 and 3.0 are read");
  later = whole;
  later[7] = '\1';
  EXPECT_EQ(reading("X.npy", later), "X.npy is of version 1.1 of .npy; versions 1.0, 2.0 and 3.0 are read");
}

TEST_F(Npy, TypesThatAreRefused) {
  const auto refused = [&](const std::string& type) { return reading("X.npy", npy_of(type, "(2,)", "0123456789")); };
  EXPECT_EQ(refused("<c16"),
            "X.npy has complex entries (<c16), and only real ones are read; save X.real and X.imag in files of their "
            "own");
  EXPECT_EQ(refused("|O"), "X.npy holds Python objects (|O), not numbers; save X.astype(float)");
  for (const char* type : {"<f16", "<U5", "|S5", "<M8[ns]", "|V8", "", "<", "|f8", "f3", "<f88", "\x1b"}) {
    const std::string shown = type == std::string("\x1b") ? "\uFFFD" : type;
    EXPECT_EQ(refused(type), "X.npy has entries of type " + shown +
                                 "; f2, f4, f8, i1 to i8, u1 to u8 and b1 are read, so save X.astype(float)");
  }
  EXPECT_EQ(reading("X.npy", npy("{'descr': [('x', '<f8'), ('y', '<f8')], 'fortran_order': False, 'shape': (2,), }",
                                 bytes<double>({1, 2, 3, 4}))),
            "X.npy holds records with fields, not numbers; save one field, as in X['name']");
}

TEST_F(Npy, ShapesThatAreRefused) {
  EXPECT_EQ(reading("X.npy", npy_of("<f8", "(1, 1, 2)", bytes<double>({1, 2}))),
            "X.npy has the shape (1, 1, 2); two dimensions are the most, so save one slice or a reshaped array");
  for (const std::string shape : {"(0,)", "(0, 3)", "(1000000000000000000, 0)"}) {
    EXPECT_EQ(reading("X.npy", npy_of("<f8", shape, "")),
              "X.npy has the shape " + shape + ", without entries; every size is at least 1");
  }
}

TEST_F(Npy, ClaimsLargerThanTheFileAllocateNothing) {
  const auto claims = [&](const std::string& shape, const std::string& bytes_claimed) {
    EXPECT_EQ(reading("X.npy", npy_of("<f8", shape, bytes<double>({1, 2}))),
              "X.npy ends early: the shape " + shape + " of type <f8 takes " + bytes_claimed +
                  " bytes, and 16 follow its header; write or copy it again");
  };
  claims("(1000000000, 1000000000)", "8000000000000000000");
  claims("(1000000000000000000,)", "8000000000000000000");
  claims("(2305843009213693954,)", "≥ 2⁶⁴");  // 16 modulo 2⁶⁴
  claims("(4294967296, 4294967296)", "≥ 2⁶⁴");
  claims("(99999999999999999999999999, 1)", "≥ 2⁶⁴");
}

TEST_F(Npy, LargeArraysOfEveryProportion) {
  for (const auto& [rows, cols] : std::vector<std::pair<std::int64_t, std::int64_t>>{
           {3, 400001}, {400001, 3}, {1100, 1100}, {1, 600001}, {70, 20001}}) {
    std::vector<float> by_rows(static_cast<std::size_t>(rows * cols));
    for (std::size_t k = 0; k < by_rows.size(); ++k) by_rows[k] = static_cast<float>(k);
    const std::string shape = "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
    std::vector<double> parts;
    const auto array = read_array(write("X.npy", npy_of("<f4", shape, bytes(by_rows))),
                                  {[&](double part) { parts.push_back(part); }, {}});
    ASSERT_TRUE(array) << shape;
    std::size_t wrong = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        wrong += array->values[static_cast<std::size_t>(j * rows + i)] == static_cast<double>(i * cols + j) ? 0U : 1U;
      }
    }
    EXPECT_EQ(wrong, 0U) << shape;
    ASSERT_GE(parts.size(), 2U);
    for (std::size_t k = 1; k < parts.size(); ++k) EXPECT_LE(parts[k - 1], parts[k]);
    EXPECT_EQ(parts.back(), 1);
  }
}

TEST_F(Npy, WritesWhatItReads) {
  const std::vector<double> values{1, 0.1, -0.0, HUGE_VAL, NAN, 5e-324};
  for (const DataView& view : std::vector<DataView>{{2, 3, 2, values.data()},
                                                    {3, 2, 2, values.data()},
                                                    {6, 1, 1, values.data()},
                                                    {6, 1, 2, values.data()},
                                                    {1, 1, 0, values.data()}}) {
    ASSERT_TRUE(write_npy(path("Y.npy"), view));
    const auto array = read_array(path("Y.npy"));
    ASSERT_TRUE(array);
    EXPECT_EQ(array->rows, view.rows);
    EXPECT_EQ(array->cols, view.cols);
    EXPECT_EQ(array->dimensions, view.dimensions);
    EXPECT_EQ(std::memcmp(array->values.data(), values.data(), array->values.size() * sizeof(double)), 0);
  }
  ASSERT_TRUE(write_npy(path("Y.npy"), {3, 2, 2, values.data()}));
  EXPECT_EQ(bytes_of(path("Y.npy")), npy("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }", bytes(values)));
}

TEST_F(Npy, WritingThatFails) {
  const double one = 1;
  const auto written = [&](const std::string& to) {
    const auto result = write_npy(to, {1, 1, 0, &one});
    return result ? "written" : said(result.error());
  };
  EXPECT_EQ(written(path("none/Y.npy")), "none/Y.npy cannot be written: No such file or directory");
  if (std::filesystem::exists("/dev/full")) {
    EXPECT_EQ(written("/dev/full"), "/dev/full cannot be written: No space left on device");
  }
}

}  // namespace
}  // namespace matgrad
