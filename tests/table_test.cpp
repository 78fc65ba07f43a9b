// SPDX-License-Identifier: MIT
// One test an entry of the operator table: what its slots and rewrites state is true, what it promises of its result
// holds. An operator added to the table is tested with no change here.
#include <gtest/gtest.h>

#include <algorithm>

#include "ops/structural.hpp"
#include "table_checks.hpp"
#include "table_claims.hpp"

namespace matgrad {
namespace {

std::vector<std::uint16_t> every_operator() {
  std::vector<std::uint16_t> result(OperatorTable::get().size());
  for (std::uint16_t i = 0; i < result.size(); ++i) result[i] = i;
  return result;
}

std::string test_name(OpId op) {
  return std::string(entry_of(op).name) + "_" + std::to_string(static_cast<std::uint16_t>(op));
}

class TableEntry : public testing::TestWithParam<std::uint16_t> {
 protected:
  OpId op{GetParam()};
  const Operator& entry = entry_of(op);
};

// A sum with an index is taken apart by the passes themselves: its body's slot is not read.
bool is_read(OpId op) {
  return op != op::sum_over;
}

TEST_P(TableEntry, SlotsAreTrue) {
  for (std::size_t argument = 0; argument < maximum_arguments; ++argument) {
    const Slot::Kind kind = entry.slots[argument].kind;
    if (kind == Slot::Kind::unset || kind == Slot::Kind::refused || !is_read(op)) continue;
    if (entry.structural && kind == Slot::Kind::constant) continue;
    const auto scenes = SlotScene::all(op, argument);
    EXPECT_FALSE(scenes.empty()) << "no scene for argument " << argument;
    const CompiledSlot& slot = Rulebook::get().slot(op, argument);
    for (const auto& scene : scenes) {
      const Finding by_kind = scene->check_kind(kind);
      EXPECT_EQ(by_kind.kind, Finding::Kind::holds) << scene->shapes() << ": " << by_kind.detail;
      for (RulePart part : parts_of(kind)) {
        const Finding finding = scene->check(part, rule_of(slot, part));
        EXPECT_EQ(finding.kind, Finding::Kind::holds)
            << name_of(part) << " of " << scene->shapes() << " " << finding.detail;
      }
      const Finding transposed = scene->check_transposition();
      EXPECT_EQ(transposed.kind, Finding::Kind::holds)
          << "the adjoint of " << scene->shapes() << " " << transposed.detail;
    }
  }
}

TEST_P(TableEntry, RewritesAreTrue) {
  for (const CompiledRewrite* rewrite : all_rewrites()) {
    const bool own = std::any_of(std::begin(entry.rewrites), std::end(entry.rewrites),
                                 [&](const Rewrite& r) { return &r == rewrite->source; });
    if (!own) continue;
    const Finding finding = check_rewrite(*rewrite);
    EXPECT_EQ(finding.kind, Finding::Kind::holds) << rewrite->source->rule << ": " << finding.detail;
  }
}

TEST_P(TableEntry, PropertiesOfTheResultAreTrue) {
  if (entry.kernel.real == nullptr || entry.type[0] == '\0') return;
  EXPECT_EQ(check_properties(op), "");
}

TEST_P(TableEntry, TransposesActAsStated) {
  EXPECT_EQ(check_transposing(op), "");
}

TEST_P(TableEntry, DefinitionsHaveTheStatedValue) {
  if (entry.definition[0] == '\0') return;
  const Finding finding = check_definition(op, definition_of(op));
  EXPECT_EQ(finding.kind, Finding::Kind::holds) << finding.detail;
}

// A structural operator has no kernel of its own to compare with; that its form reads back is tested elsewhere.
TEST_P(TableEntry, WrittenOutItIsTheSame) {
  if (entry.written_out[0] == '\0' || entry.structural) return;
  const Finding finding = check_definition(op, Template::compile(entry.written_out));
  EXPECT_EQ(finding.kind, Finding::Kind::holds) << finding.detail;
}

INSTANTIATE_TEST_SUITE_P(All, TableEntry, testing::ValuesIn(every_operator()),
                         [](const auto& param) { return test_name(OpId{param.param}); });

}  // namespace
}  // namespace matgrad
