// SPDX-License-Identifier: MIT
// What all formats of arrays in files have in common; each has a test of its own besides.
#include <sys/stat.h>

#include <cmath>
#include <random>
#include <thread>

#include "array_files.hpp"
#include "data/memory.hpp"

namespace matgrad {
namespace {

using Data = ArrayFiles;

TEST_F(Data, FilesThatCannotBeRead) {
  EXPECT_EQ(said(read_array(path("none.npy"))), "there is no file none.npy; check its name and directory");
  EXPECT_EQ(said(read_array(path("none/X.csv"))), "there is no file none/X.csv; check its name and directory");
  EXPECT_EQ(said(read_array(write("file", "1") + "/X.csv")),
            "there is no file file/X.csv; check its name and directory");
  EXPECT_EQ(said(read_array("")), "there is no file ; check its name and directory");
  std::filesystem::create_directory(path("X.npy"));
  EXPECT_EQ(said(read_array(path("X.npy"))), "X.npy is a directory; name a file in it");
  const std::string closed = write("closed.csv", "1");
  chmod(closed.c_str(), 0);
  const auto array = read_array(closed);  // the superuser may read it
  if (!array) {
    EXPECT_EQ(said(array), "the permission to read closed.csv is missing");
  }
}

TEST_F(Data, TheExtensionOrTheBeginningSaysTheFormat) {
  const std::string binary = npy_of("<f8", "()", bytes<double>({5}));
  const std::string market = "%%matrixmarket matrix array real general\n1 1\n5\n";
  EXPECT_EQ(reading("X.NPY", binary), "1x1 of 0: 5");
  EXPECT_EQ(reading("X", binary), "1x1 of 0: 5");
  EXPECT_EQ(reading("X.bin", binary), "1x1 of 0: 5");
  EXPECT_EQ(reading("X.txt", market), "1x1: 5");
  EXPECT_EQ(reading("X.Mtx", market), "1x1: 5");
  EXPECT_EQ(reading("X.txt", "5"), "1x1: 5");
  EXPECT_EQ(reading("v1.0", "5"), "1x1: 5");
  EXPECT_EQ(reading("X.csv", binary), "X.csv is not text; arrays are read from .npy, .csv and .mtx files");
  EXPECT_EQ(reading("X.xlsx", std::string("PK\3\4\0\0", 6)),
            "X.xlsx is not text; arrays are read from .npy, .csv and .mtx files");
}

TEST_F(Data, PipesAreReadAsFilesAre) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += std::to_string(i) + "\n";  // more than a block
  std::vector<double> counted(200000);
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i] = static_cast<double>(i);
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  for (const std::string& content : {text, npy_of("<f8", "(200000,)", bytes(counted))}) {
    std::thread writer([&] { std::ofstream(path("pipe"), std::ios::binary) << content; });
    const auto array = read_array(path("pipe"));
    writer.join();
    ASSERT_TRUE(array) << said(array);
    EXPECT_EQ(array->values, counted);
  }
}

TEST_F(Data, MemoryIsCheckedBeforeItIsTaken) {
  const std::string needs =
      "X.npy needs 80 kB of memory, and 79 kB of it is free; close other programs or use a smaller array";
  const std::vector<double> values(10000, 1);
  EXPECT_EQ(reading("X.npy", npy_of("<f8", "(10000,)", bytes(values)), {{}, 79000}), needs);
  EXPECT_EQ(reading("X.npy", npy_of("<f8", "(10000,)", bytes(values)), {{}, 80000}).substr(0, 10), "10000x1 of");
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "1,2,3\n";
  EXPECT_EQ(reading("X.csv", text, {{}, 100}).substr(0, 12), "X.csv needs ");
}

TEST(Memory, Figures) {
  EXPECT_EQ(memory_text(0), "0 B");
  EXPECT_EQ(memory_text(999), "999 B");
  EXPECT_EQ(memory_text(1000), "1 kB");
  EXPECT_EQ(memory_text(999499), "999 kB");
  EXPECT_EQ(memory_text(999999), "1 MB");
  EXPECT_EQ(memory_text(1234567890), "1.23 GB");
  EXPECT_EQ(memory_text(8000000000000000000U), "8 EB");
  EXPECT_EQ(memory_text(~std::uint64_t{0}), "≥ 18.4 EB");
  EXPECT_EQ(saturating_product(0, ~std::uint64_t{0}), 0U);
  EXPECT_EQ(saturating_product(1U << 31U, std::uint64_t{1} << 33U), ~std::uint64_t{0});
  EXPECT_EQ(saturating_product(3, 5), 15U);
  if (std::filesystem::exists("/proc/meminfo")) {
    ASSERT_TRUE(available_memory());
    EXPECT_GT(*available_memory(), 1000000U);
  }
  EXPECT_TRUE(check_memory("X", 5, {}));
  EXPECT_TRUE(check_memory("X", 5, 5));
  EXPECT_FALSE(check_memory("X", 6, 5));
  const Diagnostic refused = memory_refused("X", 1000);
  EXPECT_EQ(sentence(refused.message, refused.arguments, Language::english),
            "X needs 1 kB of memory, and the system does not give that much; close other programs or use a smaller "
            "array");
}

TEST_F(Data, TextIsAlignedAndReadsBack) {
  const std::vector<double> values{1, -10.5, 0.1, 1e100, NAN, -HUGE_VAL};
  const std::string text = write_text({2, 3, 2, values.data()});
  EXPECT_EQ(text,
            "    1     0.1   nan\n"
            "-10.5  1e+100  -inf\n");
  EXPECT_EQ(reading("X.txt", text), "2x3: 1 -10.5 0.1 1e+100 nan -inf");
  std::mt19937_64 random(1);
  std::vector<double> any(3000);
  for (double& value : any) {
    do {
      const std::uint64_t bits = random();
      value = *reinterpret_cast<const double*>(reinterpret_cast<const char*>(&bits));
    } while (std::isnan(value));
  }
  const auto array = read_array(write("X.csv", write_text({1000, 3, 2, any.data()})));
  ASSERT_TRUE(array) << said(array);
  EXPECT_EQ(array->values, any);
}

// Whatever becomes of the bytes of a file, reading it ends with an array or with one error.
TEST_F(Data, DamagedFilesAreRefusedOrRead) {
  const std::vector<std::pair<std::string, std::string>> originals = {
      {"X.npy", npy_of("<f8", "(2, 3)", bytes<double>({1, 2, 3, 4, 5, 6}))},
      {"X.npy", npy("{'descr': '>i2', 'fortran_order': True, 'shape': (3,), }", "\1\2\3\4\5\6", 2)},
      {"X.csv", "a,b\n1,2.5\n\"3\",-4e2\n# end\n5,nan\n"},
      {"X.csv", "1 2 3\r\n4 5 6\r\n"},
      {"X.mtx", "%%MatrixMarket matrix coordinate real symmetric\n% note\n3 3 2\n1 1 2\n3 1 4e1\n"},
      {"X.mtx", "%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n4\n"}};
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const std::string telling = std::string("\n\r\t ,;\"#%'(){}019e.-+<>|\xff\x93") + '\0';
  int refused = 0;
  for (int round = 0; round < 6000; ++round) {
    const auto& [name, original] = originals[below(originals.size())];
    std::string damaged = original;
    for (std::size_t times = 1 + below(4); times > 0 && !damaged.empty(); --times) {
      const std::size_t at = below(damaged.size());
      switch (below(6)) {
        case 0: damaged[at] = static_cast<char>(damaged[at] ^ (1 << below(8))); break;
        case 1: damaged[at] = telling[below(telling.size())]; break;
        case 2: damaged.resize(at); break;
        case 3: damaged.erase(at, 1 + below(8)); break;
        case 4: damaged.insert(at, std::string(1 + below(20), telling[below(telling.size())])); break;
        default: damaged.insert(at, original.substr(below(original.size()), below(12))); break;
      }
    }
    refused += reading(name, damaged, {{}, 1U << 24U}).find(": ") == std::string::npos ? 1 : 0;
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace matgrad
