// SPDX-License-Identifier: MIT
// The table of rules: every operator has its rules, they are true at random points, and the documents show them.
#include "engine/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "engine/rule_table.hpp"
#include "numeric/verify.hpp"
#include "ops/build.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"
#include "transcript.hpp"

namespace matgrad {
namespace {

// The value of tr(G'*Y), whose gradient is the adjoint for G.
NodeId paired_with_upstream(Build& build, const OperatorRule& rule) {
  if (rule.store->type(rule.expression).is_scalar()) return build.product(rule.upstream, rule.expression);
  return build.call("sum", {build.entrywise_product(rule.upstream, rule.expression)});
}

std::string failure_of(const OperatorRule& rule, NodeId input, const RuleByArgument& by, NodeId result,
                       Arrangement arrangement) {
  Check check;
  check.input = input;
  check.variable = by.argument;
  check.direction = by.hole;
  check.result = result;
  check.arrangement = arrangement;
  const Verification verification = verify(*rule.store, check, {});
  return verification.passed ? "" : to_text(*rule.store, result) + ": " + verification.reason;
}

TEST(Rules, AreTrue) {
  const auto operators = operators_with_rules("");
  ASSERT_TRUE(operators.has_value());
  for (OpId op : *operators) {
    if (op == op::matrix_power) continue;  // its exponent would be drawn at random, and is whole
    const OperatorRule rule = rule_of(op);
    Build build(*rule.store);
    for (const RuleByArgument& by : rule.by) {
      SCOPED_TRACE(rule.written + " by " + to_text(*rule.store, by.argument));
      if (!by.refusal.empty()) continue;
      EXPECT_EQ(failure_of(rule, rule.expression, by, by.differential, Arrangement::differential), "");
      EXPECT_EQ(failure_of(rule, rule.expression, by, by.jacobian, Arrangement::jacobian), "");
      EXPECT_EQ(failure_of(rule, paired_with_upstream(build, rule), by, by.gradient, Arrangement::gradient), "");
    }
  }
}

TEST(Rules, OnlyConstantsHaveNone) {
  const OperatorTable& table = OperatorTable::get();
  const auto operators = operators_with_rules("");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const OpId op{static_cast<std::uint16_t>(i)};
    const bool listed = std::find(operators->begin(), operators->end(), op) != operators->end();
    bool varies = table[op].definition[0] != '\0';
    for (const Slot& slot : table[op].slots) {
      varies = varies || slot.kind == Slot::Kind::linear || slot.kind == Slot::Kind::smooth;
    }
    EXPECT_TRUE(listed || !varies) << table[op].name;
  }
}

// docs/rules.md is what the command prints; `./dev rules` writes it.
TEST(GoldenRules, DocumentsShowThem) {
  const std::filesystem::path docs = std::filesystem::path(MATGRAD_SOURCE_DIR) / "docs";
  const Scratch scratch;
  const std::pair<const char*, const char*> documents[] = {{"rules.md", "en"}, {"rules.zh.md", "zh"}};
  for (const auto& [name, language] : documents) {
    const Output printed = run(std::string("matgrad rules --format markdown --lang ") + language, scratch);
    if (accepting()) write_lines(docs / name, printed.out);
    EXPECT_EQ(read_lines(docs / name), printed.out) << name << " is not what is printed; ./dev rules writes it anew";
  }
}

}  // namespace
}  // namespace matgrad
