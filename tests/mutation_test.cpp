// SPDX-License-Identifier: MIT
// A test of the tests: every rule of the operator table with one mistake in it (mutants.hpp) must fail the checks that
// guard the table (table_checks.hpp). What is not caught is either as true as the rule itself, and then listed with the
// reason in mutation_equivalents.txt, or the checks can be fooled. A listed mutant that is caught, or that no longer
// exists, fails as well. MATGRAD_MUTANTS=1 prints all survivors.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "mutants.hpp"
#include "table_checks.hpp"
#include "table_claims.hpp"

namespace matgrad {
namespace {

struct Tally {
  int mutants = 0;
  int caught = 0;
  int equivalent = 0;
  int same = 0;       // node for node what the rule gives: the constructors undo the change
  int ill_typed = 0;  // not counted among the mutants: they would not pass for a rule
};

// Lines "part | rule | mutant | reason"; the first three together are the key.
std::map<std::string, std::string> read_equivalents() {
  std::ifstream file(MATGRAD_SOURCE_DIR "/tests/mutation_equivalents.txt");
  std::map<std::string, std::string> result;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t bar = line.rfind(" | ");
    if (bar == std::string::npos) throw std::runtime_error("no reason: " + line);
    result[line.substr(0, bar)] = line.substr(bar + 3);
  }
  return result;
}

class Mutation : public testing::Test {
 protected:
  void count(Finding::Kind kind, const std::string& key) {
    if (kind == Finding::Kind::ill_typed || kind == Finding::Kind::same) {
      ++(kind == Finding::Kind::same ? tally_.same : tally_.ill_typed);
      return;
    }
    ++tally_.mutants;
    if (kind == Finding::Kind::fails) {
      ++tally_.caught;
      return;
    }
    ++tally_.equivalent;
    if (equivalents_.erase(key) == 0) ADD_FAILURE() << "survives: " << key;
  }

  void slot(OpId op, std::size_t argument) {
    const CompiledSlot& own = Rulebook::get().slot(op, argument);
    if (parts_of(own.kind).empty()) return;
    const auto scenes = SlotScene::all(op, argument);
    if (scenes.empty()) return;  // table_test.cpp says for which slots that may be
    for (RulePart part : parts_of(own.kind)) {
      const Template& rule = rule_of(own, part);
      const std::string where = "slot | " + std::string(entry_of(op).name) + ", " + name_of(part) + " by " +
                                static_cast<char>('A' + argument) + ": " + to_text(rule) + " | ";
      for (const Mutant& mutant : mutants_of(rule)) count(judge(scenes, part, rule, mutant.rule), where + mutant.text);
    }
  }

  // In the most general scene the mutant must type-check to be one; in all others it must then, too.
  static Finding::Kind judge(const std::vector<std::unique_ptr<SlotScene>>& scenes, RulePart part, const Template& rule,
                             const Template& mutant) {
    bool same = true;
    for (const auto& scene : scenes) {
      const Finding finding = scene->check(part, mutant);
      if (finding.kind == Finding::Kind::fails) return finding.kind;
      if (finding.kind == Finding::Kind::ill_typed) {
        return scene == scenes.front() ? Finding::Kind::ill_typed : Finding::Kind::fails;
      }
      same = same && scene->check(part, rule).node == finding.node;
    }
    return same ? Finding::Kind::same : Finding::Kind::holds;
  }

  void definition(OpId op, const Template& own) {
    const std::string where = "definition | " + std::string(entry_of(op).name) + ": " + to_text(own) + " | ";
    for (const Mutant& mutant : mutants_of(own)) {
      count(check_definition(op, mutant.rule, &own).kind, where + mutant.text);
    }
  }

  void rewrite(const CompiledRewrite& own) {
    const std::string where = std::string("rewrite | ") + own.source->rule + " | ";
    for (const Mutant& mutant : mutants_of(own.right)) {
      CompiledRewrite mutated = own;
      mutated.right = mutant.rule;
      count(check_rewrite(mutated, &own).kind, where + mutant.text);
    }
    for (std::size_t i = 0; i < own.conditions.size(); ++i) {
      CompiledRewrite mutated = own;
      mutated.conditions.erase(mutated.conditions.begin() + static_cast<std::ptrdiff_t>(i));
      count(check_rewrite(mutated, &own).kind,
            where + "without condition " + std::to_string(i + 1) + " of: " + own.source->when);
    }
  }

  void TearDown() override {
    std::cout << tally_.mutants << " mutants, " << tally_.caught << " caught, " << tally_.equivalent << " equivalent; "
              << tally_.same << " more are the rule itself by construction, " << tally_.ill_typed
              << " do not type-check\n";
    for (const auto& [key, reason] : equivalents_) {
      if (key.rfind(part_, 0) == 0) ADD_FAILURE() << "listed, but caught or gone: " << key;
    }
  }

  std::map<std::string, std::string> equivalents_ = read_equivalents();
  Tally tally_;
  std::string part_ = "slot";
};

TEST_F(Mutation, OfSlotsAreCaught) {
  for (std::uint16_t i = 0; i < OperatorTable::get().size(); ++i) {
    for (std::size_t argument = 0; argument < maximum_arguments; ++argument) slot(OpId{i}, argument);
  }
}

TEST_F(Mutation, OfDefinitionsAreCaught) {
  part_ = "definition";
  for (std::uint16_t i = 0; i < OperatorTable::get().size(); ++i) {
    const Operator& entry = entry_of(OpId{i});
    if (entry.definition[0] != '\0') definition(OpId{i}, definition_of(OpId{i}));
    if (entry.written_out[0] != '\0' && !entry.structural) definition(OpId{i}, Template::compile(entry.written_out));
  }
}

TEST_F(Mutation, OfRewritesAreCaught) {
  part_ = "rewrite";
  for (const CompiledRewrite* own : all_rewrites()) rewrite(*own);
}

}  // namespace
}  // namespace matgrad
