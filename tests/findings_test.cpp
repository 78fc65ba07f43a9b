// SPDX-License-Identifier: MIT
// What random expressions and users have found once, kept: every derivative passes its own check in both layouts, and
// what is printed is read back as it is; what is the same has the same normal form.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "print/text.hpp"
#include "round_trip.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::json;

DeriveRequest request_of(const Json& row) {
  DeriveRequest request;
  request.expression = row.at("expression");
  request.wrt = row.at("wrt");
  request.variables = row.at("variables").get<std::vector<std::string>>();
  request.order = row.value("order", 1);
  const std::string form = row.value("form", "matrix");
  request.form = form == "differential" ? Form::differential : form == "vec" ? Form::vec : Form::matrix;
  return request;
}

std::string normal_form(const Json& row, const char* expression) {
  const auto simplified = simplify_text(row.at(expression), row.at("variables").get<std::vector<std::string>>());
  EXPECT_TRUE(simplified);
  return simplified ? to_text((*simplified)->store, (*simplified)->result) : "";
}

TEST(Findings, StayMended) {
  std::ifstream file(MATGRAD_SOURCE_DIR "/tests/findings.jsonl");
  int rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const Json row = Json::parse(line);
    SCOPED_TRACE(row.at("what").get<std::string>());
    if (row.contains("same")) {
      EXPECT_EQ(normal_form(row, "expression"), normal_form(row, "same"));
    }
    DeriveRequest request = request_of(row);
    for (const Layout layout : {Layout::denominator, Layout::numerator}) {
      request.layout = layout;
      const auto derivation = derive(request);
      if (row.value("refused", false)) {  // the input is made of rounding errors: there is nothing to compare with
        ASSERT_FALSE(derivation);
        EXPECT_EQ(derivation.error()[0].message, Message::no_point_to_verify);
        continue;
      }
      ASSERT_TRUE(derivation) << render(derivation.error(), request.expression, Language::english);
      EXPECT_TRUE((*derivation)->verified);
      EXPECT_EQ(broken_round_trip(**derivation), "");
    }
  }
  EXPECT_GT(rows, 0);
}

}  // namespace
}  // namespace matgrad
