// SPDX-License-Identifier: MIT
#include <clocale>

#include "array_files.hpp"

namespace matgrad {
namespace {

using Csv = ArrayFiles;

const std::string not_a_number = " is not a number; numbers are written 1.5, -2e-3 or nan, comments after #";
const std::string missing = ": a number is missing; write nan where a value is not known";

TEST_F(Csv, EverySeparator) {
  for (const char* text : {"1,2,3\n4,5,6\n", "1;2;3\n4;5;6\n", "1\t2\t3\n4\t5\t6\n", "1 2 3\n4 5 6\n",
                           " 1 ,\t2, 3\n4,5 , 6 ", "  1   2\t 3  \n 4 5 6\t\n", "1 ; 2 ;3\r\n4;5;6\r\n",
                           "1,2,3\r4,5,6\r", "\xEF\xBB\xBF\n1,2,3\n\n   \n4,5,6", "\t1 2 3\n4 5 6"}) {
    EXPECT_EQ(reading("X.csv", text), "2x3: 1 4 2 5 3 6") << text;
  }
  EXPECT_EQ(reading("X.csv", "7"), "1x1: 7");
  EXPECT_EQ(reading("X.csv", "1\n2\n3\n"), "3x1: 1 2 3");
  EXPECT_EQ(reading("X.csv", "1,2,3"), "1x3: 1 2 3");
}

TEST_F(Csv, EveryNumber) {
  EXPECT_EQ(reading("X.csv", "1e3,-2.5E-3,+4,.5,6.,-0,\"7\",\" 8 \""), "1x8: 1000 -0.0025 4 0.5 6 -0 7 8");
  EXPECT_EQ(reading("X.csv", "nan NaN inf -Inf Infinity -nan(ind)"), "1x6: nan nan inf -inf inf nan");
  EXPECT_EQ(reading("X.csv", "0.1 1e-400 9007199254740993 1.7976931348623157e308 4.9e-324"),
            "1x5: 0.1 0 9007199254740992 1.7976931348623157e+308 5e-324");
  const std::string digits = "0." + std::string(3000, '3');
  EXPECT_EQ(reading("X.csv", digits), "1x1: 0.3333333333333333");
}

TEST_F(Csv, NumbersDoNotDependOnTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, locale) == nullptr) continue;
    EXPECT_EQ(reading("X.csv", "1.5,2.5"), "1x2: 1.5 2.5");
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST_F(Csv, NamesAndComments) {
  for (const char* text : {"a,b\n1,2\n3,4\n", "# 1,2,3\n\"a, b\",c\n1,2\n3,4", "列1,列2\n1,2\n3,4\n", ",b\n1,2\n3,4\n",
                           "1,2 # \"first\n# second\n3,4\n#\n", "sep,\n1,2\n3,4\n", "one name\n1,2\n3,4\n"}) {
    EXPECT_EQ(reading("X.csv", text), "2x2: 1 3 2 4") << text;
  }
  // What looks like a number is never skipped.
  EXPECT_EQ(reading("X.csv", "x1,\"2\" of them\n1,2\n"), "X.csv:1:1: `x1`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "a,2\n1,2\n"), "X.csv:1:1: `a`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,5;2,5\n"), "X.csv:1:1: `1,5`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "−5,−6\n1,2\n"), "X.csv:1:1: `−5`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "$5,$6\n1,2\n"), "X.csv:1:1: `$5`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3 4\n"), "X.csv:2:1: `3 4`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "NA,NA\n1,2\n"), "X.csv:1:1: `NA`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "a,b\nc,d\n1,2\n"), "X.csv:2:1: `c`" + not_a_number);
}

TEST_F(Csv, WhatIsNoNumberIsShownWithItsPlace) {
  EXPECT_EQ(reading("X.csv", "1,2\n# none\n3,four\n"), "X.csv:3:3: `four`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n 3 ,  4x # é\n"), "X.csv:2:7: `4x`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n\"é\",4\n"), "X.csv:2:1: `\"é\"`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,\"4\n5,6\n"), "X.csv:2:3: `\"4`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,\"4\"5\n"), "X.csv:2:3: `\"4\"5`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,4 5\n"), "X.csv:2:3: `4 5`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1 2\n3 4;\n"), "X.csv:2:3: `4;`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,1.0D+00\n"), "X.csv:2:3: `1.0D+00`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,0x10\n"), "X.csv:2:3: `0x10`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,1e\n"), "X.csv:2:3: `1e`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,+-4\n"), "X.csv:2:3: `+-4`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,\x1b[31m\xff\n"), "X.csv:2:3: `\uFFFD[31m\uFFFD`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1\n" + std::string(500, 'y')),
            "X.csv:2:1: `" + std::string(39, 'y') + "…`" + not_a_number);
  EXPECT_EQ(reading("X.csv", "1,2\n3,\n"), "X.csv:2:3" + missing);
  EXPECT_EQ(reading("X.csv", "1,2\n,4\n"), "X.csv:2:1" + missing);
  EXPECT_EQ(reading("X.csv", "1\t2\n\t4\n"), "X.csv:2:1" + missing);
  EXPECT_EQ(reading("X.csv", "1,2\n\"\",4\n"), "X.csv:2:1" + missing);
  EXPECT_EQ(reading("X.csv", "1,2,\n3,4,\n"), "X.csv:1:5" + missing);
  EXPECT_EQ(reading("X.csv", "1,2\n3,-1e400\n"), "X.csv:2:3: `-1e400` is too large; numbers go to 1.8e308");
}

TEST_F(Csv, LinesOfDifferentLengths) {
  const std::string rule = "every line needs as many numbers as the first of them, line ";
  EXPECT_EQ(reading("X.csv", "a,b\n\n1,2\n3\n"), "X.csv:4: " + rule + "3; this one has 1, not 2");
  EXPECT_EQ(reading("X.csv", "1 2\n3 4 5 6\n"), "X.csv:2: " + rule + "1; this one has 4, not 2");
  // The first line makes a claim that no file of this size can keep: nothing is allocated for it.
  std::string wide = "1";
  for (int i = 1; i < 40000; ++i) wide += ",1";
  std::string tall;
  for (int i = 0; i < 40000; ++i) tall += "1\n";
  EXPECT_EQ(reading("X.csv", wide + "\n" + tall, {{}, 1000}), "X.csv:2: " + rule + "1; this one has 1, not 40000");
}

TEST_F(Csv, FilesWithoutNumbers) {
  for (const char* text : {"", "\n", "# 1,2\n", "a,b\n", "\xEF\xBB\xBF", "\r"}) {
    EXPECT_EQ(reading("X.csv", text), "X.csv has no entries; an array needs at least one row and one column") << text;
  }
  EXPECT_EQ(reading("X.csv", std::string("1,\0", 3)),
            "X.csv is not text; arrays are read from .npy, .csv and .mtx files");
  EXPECT_EQ(reading("X.csv", std::string("\xFF\xFE"
                                         "1\0,\0",
                                         6)),
            "X.csv is UTF-16 text; save it as UTF-8");
}

TEST_F(Csv, LargerThanABlock) {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += std::to_string(i) + ",-" + std::to_string(i) + ".5\r\n";
  std::vector<double> parts;
  const auto array = read_array(write("X.csv", text), {[&](double part) { parts.push_back(part); }, {}});
  ASSERT_TRUE(array);
  ASSERT_EQ(array->rows, 300000);
  ASSERT_EQ(array->cols, 2);
  int wrong = 0;
  for (int i = 0; i < 300000; ++i) {
    wrong += array->values[static_cast<std::size_t>(i)] == i &&
                     array->values[static_cast<std::size_t>(300000 + i)] == -i - 0.5
                 ? 0
                 : 1;
  }
  EXPECT_EQ(wrong, 0);
  ASSERT_GT(parts.size(), 4U);
  for (std::size_t k = 1; k < parts.size(); ++k) EXPECT_LE(parts[k - 1], parts[k]);
  EXPECT_EQ(parts.back(), 1);
  // One line of several blocks, and a place far within it.
  std::string line = "0";
  for (int i = 1; i < 600000; ++i) line += "," + std::to_string(i);
  const auto row = read_array(write("X.csv", line + "\n" + line));
  ASSERT_TRUE(row) << said(row);
  EXPECT_EQ(row->rows, 2);
  EXPECT_EQ(row->values.back(), 599999);
  EXPECT_EQ(reading("X.csv", line + "\n" + line + "?"),
            "X.csv:2:" + std::to_string(line.size() - 5) + ": `599999?`" + not_a_number);
}

}  // namespace
}  // namespace matgrad
