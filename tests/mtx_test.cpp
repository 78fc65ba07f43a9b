// SPDX-License-Identifier: MIT
#include "array_files.hpp"

namespace matgrad {
namespace {

class Mtx : public ArrayFiles {
 protected:
  // What is read from a file with this banner, after "%%MatrixMarket matrix ".
  std::string matrix(const std::string& kind, const std::string& rest) const {
    return reading("X.mtx", "%%MatrixMarket matrix " + kind + "\n" + rest);
  }
};

TEST_F(Mtx, Coordinates) {
  EXPECT_EQ(matrix("coordinate real general", "% note\n\n2 3 3\n1 1 1.5\n2 3 -2e1\n% note\n 1\t2   3 \n"),
            "2x3: 1.5 0 3 0 0 -20");
  EXPECT_EQ(matrix("coordinate integer general", "1 2 1\r\n1 2 7\r\n"), "1x2: 0 7");
  EXPECT_EQ(matrix("coordinate pattern general", "2 2 2\n1 2\n2 1\n"), "2x2: 0 1 1 0");
  EXPECT_EQ(matrix("coordinate real symmetric", "2 2 2\n1 1 4\n2 1 5"), "2x2: 4 5 5 0");
  EXPECT_EQ(matrix("coordinate pattern symmetric", "2 2 2\n2 2\n2 1"), "2x2: 0 1 1 1");
  EXPECT_EQ(matrix("coordinate real skew-symmetric", "2 2 2\n2 1 5\n1 1 0"), "2x2: 0 5 -5 0");
  EXPECT_EQ(matrix("coordinate real general", "2 2 3\n1 1 1\n2 2 5\n1 1 2\n"), "2x2: 3 0 0 5");
  EXPECT_EQ(matrix("coordinate real symmetric", "2 2 2\n2 1 1\n2 1 2\n"), "2x2: 0 3 3 0");
  EXPECT_EQ(matrix("coordinate real general", "2 1 0\n"), "2x1: 0 0");
  EXPECT_EQ(matrix("Coordinate REAL General", "1 1 1\n1 1 nan"), "1x1: nan");
}

TEST_F(Mtx, Arrays) {
  EXPECT_EQ(matrix("array real general", "2 3\n1\n2\n3\n4\n5\n6\n"), "2x3: 1 2 3 4 5 6");
  EXPECT_EQ(matrix("array integer general", "2 2\n1 2\n3 4"), "2x2: 1 2 3 4");
  EXPECT_EQ(matrix("array real symmetric", "3 3\n1\n2\n3\n4\n5\n6"), "3x3: 1 2 3 2 4 5 3 5 6");
  EXPECT_EQ(matrix("array real skew-symmetric", "3 3\n1\n2\n3"), "3x3: 0 1 2 -1 0 3 -2 -3 0");
  EXPECT_EQ(matrix("array real skew-symmetric", "1 1\n"), "1x1: 0");
}

TEST_F(Mtx, KindsThatAreRefused) {
  for (const char* kind : {"coordinate complex general", "array complex symmetric"}) {
    EXPECT_EQ(matrix(kind, "1 1 1\n1 1 1 0\n"),
              "X.mtx is a complex matrix, and only real ones are read; save its real and imaginary parts in files of "
              "their own");
  }
  EXPECT_EQ(matrix("coordinate complex hermitian", "1 1 1\n1 1 1 0\n"),
            "X.mtx is a hermitian matrix, and only real ones are read; save its real and imaginary parts in files of "
            "their own");
  for (const std::string banner :
       {"%%MatrixMarket vector coordinate real general", "%MatrixMarket", "1 2 3", "", "%%MatrixMarket matrix",
        "%%MatrixMarket matrix array pattern general", "%%MatrixMarket matrix coordinate pattern skew-symmetric",
        "%%MatrixMarket matrix coordinate real general 1"}) {
    const std::string shown = banner.size() <= 40 ? banner : banner.substr(0, 39) + "…";
    EXPECT_EQ(reading("X.mtx", banner.empty() ? "" : banner + "\n1 1\n1"),
              "X.mtx:" + std::string(banner.empty() ? "0" : "1") + ": the first line is `" + shown +
                  "`; it should be as %%MatrixMarket matrix coordinate real general, with array, integer, pattern, "
                  "symmetric or skew-symmetric for other kinds");
  }
}

TEST_F(Mtx, Sizes) {
  const std::string three = " is not the line of sizes; that is written ROWS COLUMNS ENTRIES";
  EXPECT_EQ(matrix("coordinate real general", "% note\n2 2\n"), "X.mtx:3: `2 2`" + three);
  EXPECT_EQ(matrix("coordinate real general", "2 2 1 1\n"), "X.mtx:2: `2 2 1 1`" + three);
  EXPECT_EQ(matrix("coordinate real general", "-2 2 1\n"), "X.mtx:2: `-2 2 1`" + three);
  EXPECT_EQ(matrix("coordinate real general", "2.0 2 1\n"), "X.mtx:2: `2.0 2 1`" + three);
  EXPECT_EQ(matrix("coordinate real general", ""), "X.mtx:1: ``" + three);
  EXPECT_EQ(matrix("array real general", "2 2 1\n"),
            "X.mtx:2: `2 2 1` is not the line of sizes; that is written ROWS COLUMNS");
  EXPECT_EQ(matrix("array real general", "99999999999999999999 1\n"),
            "X.mtx:2: `99999999999999999999 1` is not the line of sizes; that is written ROWS COLUMNS");
  EXPECT_EQ(matrix("array real general", "0 2\n"),
            "X.mtx has no entries; an array needs at least one row and one column");
  EXPECT_EQ(matrix("array real symmetric", "3 2\n"),
            "X.mtx is declared symmetric and yet has 3 rows and 2 columns; such a matrix is square");
}

TEST_F(Mtx, Entries) {
  const auto entry = [&](const std::string& line) { return matrix("coordinate real general", "2 3 1\n" + line); };
  const std::string form = " is not an entry; an entry is written ROW COLUMN VALUE";
  EXPECT_EQ(entry("1 1"), "X.mtx:3: `1 1`" + form);
  EXPECT_EQ(entry("1 1 1 1"), "X.mtx:3: `1 1 1 1`" + form);
  EXPECT_EQ(entry("1 1.0 1"), "X.mtx:3: `1 1.0 1`" + form);
  EXPECT_EQ(matrix("coordinate pattern general", "2 3 1\n1 1 1"),
            "X.mtx:3: `1 1 1` is not an entry; an entry is written ROW COLUMN");
  EXPECT_EQ(entry("1  1 x"), "X.mtx:3:6: `x` is not a number; numbers are written 1.5, -2e-3 or nan, comments after #");
  EXPECT_EQ(entry("1 1 1e999"), "X.mtx:3:5: `1e999` is too large; numbers go to 1.8e308");
  for (const std::string at : {"3 1", "1 4", "0 1", "1 0"}) {
    EXPECT_EQ(entry(at + " 5"), "X.mtx:3: the entry (" + at.substr(0, 1) + ", " + at.substr(2) +
                                    ") lies outside the 2×3 matrix; rows and columns are counted from 1");
  }
  EXPECT_EQ(
      matrix("coordinate real symmetric", "2 2 1\n1 2 5"),
      "X.mtx:3: the entry (1, 2) lies above the diagonal, and a symmetric file holds the lower part only; declare "
      "the matrix general if all is written");
  EXPECT_EQ(matrix("coordinate real skew-symmetric", "2 2 1\n2 2 5"),
            "X.mtx:3: the entry (2, 2) of a skew-symmetric matrix is 0, not `5`");
}

TEST_F(Mtx, Counts) {
  EXPECT_EQ(matrix("coordinate real general", "2 2 3\n1 1 1\n2 2 1\n"),
            "X.mtx ends early: 3 entries are announced, and it has 2; write or copy it again");
  EXPECT_EQ(matrix("coordinate real general", "2 2 1\n1 1 1\n2 2 1\n"),
            "X.mtx:4: more entries follow than the 1 that are announced; correct the line of sizes");
  EXPECT_EQ(matrix("array real general", "2 2\n1\n2\n3"),
            "X.mtx ends early: 4 entries are announced, and it has 3; write or copy it again");
  EXPECT_EQ(matrix("array real general", "1 2\n1 2 3"),
            "X.mtx:3: more entries follow than the 2 that are announced; correct the line of sizes");
  EXPECT_EQ(matrix("array real skew-symmetric", "1 1\n1"),
            "X.mtx:3: more entries follow than the 0 that are announced; correct the line of sizes");
  // Claims that the file is too short for allocate nothing.
  EXPECT_EQ(matrix("array real general", "1000000000 1000000000\n1\n"),
            "X.mtx ends early: 1000000000000000000 entries are announced, and it has 1; write or copy it again");
  EXPECT_EQ(matrix("array real general", "4294967296 4294967296\n1\n"),
            "X.mtx ends early: 18446744073709551615 entries are announced, and it has 1; write or copy it again");
}

TEST_F(Mtx, MemoryIsCheckedForTheWholeMatrix) {
  const std::string file = "%%MatrixMarket matrix coordinate real general\n1000 1000 1\n1000 1000 1\n";
  EXPECT_EQ(reading("X.mtx", file, {{}, 7999999}),
            "X.mtx needs 8 MB of memory, and 8 MB of it is free; close other programs or use a smaller array");
  EXPECT_EQ(reading("X.mtx", file, {{}, 123456}),
            "X.mtx needs 8 MB of memory, and 123 kB of it is free; close other programs or use a smaller array");
  EXPECT_TRUE(read_array(path("X.mtx"), {{}, 9000000}));
  const std::string huge = "%%MatrixMarket matrix coordinate real general\n100000000 1000000000 1\n1 1 1\n";
  const std::string answer = reading("X.mtx", huge);
  EXPECT_EQ(answer.find("X.mtx needs 800 PB of memory, and "), 0U) << answer;
}

}  // namespace
}  // namespace matgrad
