// SPDX-License-Identifier: MIT
// Every step of every explanation holds numerically, and the last one ends in the result: over the tables of identities
// and, where they lie beside the checkout, the acceptance cases.
#include "numeric/check_trace.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/choices.hpp"
#include "engine/derive.hpp"
#include "identity_rows.hpp"
#include "print/explain.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

void expect_explained(DeriveRequest request) {
  request.steps = true;
  const auto derived = derive(request);
  if (!derived) {
    for (const Diagnostic& error : derived.error()) {
      const bool false_step = error.message == Message::step_failed || error.message == Message::step_unchecked;
      EXPECT_FALSE(false_step) << request.expression << " by " << request.wrt << "\n"
                               << render(derived.error(), request.expression, Language::english);
    }
    return;
  }
  const Derivation& d = **derived;
  ASSERT_FALSE(d.trace.steps.empty()) << request.expression;
  EXPECT_EQ(d.trace.steps.back().right, d.presented.result) << request.expression;
  for (const Step& step : d.trace.steps) {
    EXPECT_FALSE(step.rule.english.empty() || step.rule.chinese.empty()) << request.expression;
    EXPECT_EQ(to_text(d.store, step.left).find('#'), std::string::npos) << request.expression;
    EXPECT_EQ(to_text(d.store, step.right).find('#'), std::string::npos) << request.expression;
  }
  for (Detail detail : {Detail::brief, Detail::full}) {
    EXPECT_EQ(shown_steps(d.trace, detail).back().step, &d.trace.steps.back());
  }
}

class EveryStep : public testing::TestWithParam<const char*> {};

TEST_P(EveryStep, HoldsForIdentities) {
  for (const IdentityRow& row : identity_rows(GetParam())) {
    for (Layout layout : layouts_of(row)) expect_explained(request_for(row, layout));
  }
}

INSTANTIATE_TEST_SUITE_P(Tables, EveryStep, testing::Values("cookbook", "machine_learning", "nasty", "wikipedia"));

// What is asked for decides which way the steps go; only the machine-learning table, for the time that it takes.
TEST(EveryStep, HoldsInEveryForm) {
  for (const IdentityRow& row : identity_rows("machine_learning")) {
    DeriveRequest request = request_for(row, Layout::denominator);
    for (int order : {1, 2}) {
      for (const auto& [name, form] : forms) {
        request.order = order;
        request.form = form;
        expect_explained(request);
      }
    }
    request.manifold = true;
    request.order = 1;
    request.form = Form::matrix;
    expect_explained(request);
  }
}

// A linear function has no second differential, and a scalar over vec is a row times a column: both have steps.
TEST(EveryStep, HoldsAtTheEdges) {
  for (const char* expression : {"tr(A*X)", "sum(X)", "2*tr(A*X)/tr(B)", "det(X)"}) {
    DeriveRequest request;
    request.expression = expression;
    request.wrt = "X";
    request.order = 2;
    expect_explained(request);
    request.form = Form::differential;
    expect_explained(request);
    request.order = 1;
    for (Form form : {Form::vec, Form::block}) {
      request.form = form;
      expect_explained(request);
    }
  }
}

TEST(EveryStep, HoldsForAcceptanceCases) {
  const auto path = std::filesystem::path(MATGRAD_SOURCE_DIR) / "../shared/accept/cases.jsonl";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "no acceptance cases beside the checkout";
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    const auto row = nlohmann::json::parse(line);
    DeriveRequest request;
    request.expression = row["expr"];
    request.wrt = row["wrt"];
    request.order = row.value("order", 1);
    if (row.contains("form")) request.form = *chosen<Form>(forms, row["form"].get<std::string>());
    const nlohmann::json declared = row.value("vars", nlohmann::json::object());
    for (const auto& [name, kind] : declared.items()) {
      request.variables.push_back(std::string(name).append(": ").append(kind.get<std::string>()));
    }
    for (Layout layout : {Layout::denominator, Layout::numerator}) {
      request.layout = layout;
      expect_explained(request);
    }
  }
}

TEST(EveryStep, AFalseStepIsFound) {
  DeriveRequest request;
  request.expression = "norm2(W*tanh(V*x) - y)^2";
  request.wrt = "V";
  request.steps = true;
  const auto derived = derive(request);
  ASSERT_TRUE(derived);
  Derivation& d = **derived;
  Build build(d.store);
  for (std::size_t at = 0; at < d.trace.steps.size(); ++at) {
    if (d.trace.steps[at].definition) continue;
    Trace wrong = d.trace;
    wrong.steps[at].right = build.scaled(Rational(2), wrong.steps[at].right);
    const auto fault = check_trace(build, wrong, {});
    ASSERT_TRUE(fault) << "twice the right side of step " << at + 1 << " passed";
    EXPECT_EQ(fault->step, at);
    EXPECT_FALSE(fault->reason.empty());
  }
}

}  // namespace
}  // namespace matgrad
