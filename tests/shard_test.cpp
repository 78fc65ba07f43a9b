// SPDX-License-Identifier: MIT
// What sharded code says of itself: what is split, and what devices tell each other. That JAX does so is checked by
// codegen/shard.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/code.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string sharded(const std::string& expression, const std::string& wrt, const std::string& dimension,
                    const std::vector<Wanted>& wanted = {Wanted::value, Wanted::gradient}) {
  CodegenRequest request;
  request.what.question.expression = expression;
  request.what.question.wrt = wrt;
  request.what.wanted = wanted;
  request.target = CodeTarget::jax;
  request.shard = dimension;
  const auto code = generate_code(request);
  if (!code) return render(code.error(), {}, Language::english);
  const std::size_t at = code->text.find("def f_sharded(");
  return at == std::string::npos ? "nothing sharded" : code->text.substr(at);
}

std::string added_up(const std::string& count) {
  return "(all-reduce): " + count + ".";
}
constexpr const char* exchanges_more = "Some steps exchange more";

TEST(Shard, SumsOverTheDimensionAreAddedUp) {
  const std::string code = sharded("norm2(X*w - y)^2", "w", "m", {Wanted::value, Wanted::gradient, Wanted::hessian});
  EXPECT_THAT(code, HasSubstr("Split along m: X (rows), y."));
  EXPECT_THAT(code, HasSubstr("Whole on every device: w, value, grad, hess."));
  EXPECT_THAT(code, HasSubstr(added_up("n + n*n + 1")));
  EXPECT_THAT(code, Not(HasSubstr(exchanges_more)));
}

TEST(Shard, ResultsWithTheDimensionAreSplit) {
  const std::string code = sharded("norm2(X*w - y)^2", "y", "m");
  EXPECT_THAT(code, HasSubstr("Split along m: X (rows), y, grad."));
  EXPECT_THAT(code, HasSubstr("out_shardings=(whole, rows)"));
  EXPECT_THAT(code, HasSubstr(added_up("1")));
}

TEST(Shard, ColumnsAreSplitToo) {
  const std::string code = sharded("norm2(Z'*w - y)^2", "w", "n");
  EXPECT_THAT(code, HasSubstr("Split along n: Z (columns), y."));
  EXPECT_THAT(code, HasSubstr("PartitionSpec(None, \"n\")"));
  EXPECT_THAT(code, Not(HasSubstr(exchanges_more)));
}

// What is added up need not be a result.
TEST(Shard, AMatrixOfInnerProductsIsAddedUp) {
  const std::string code = sharded("logdet(X'*X)", "", "m", {Wanted::value});
  EXPECT_THAT(code, HasSubstr(added_up("n*n")));
  EXPECT_THAT(code, Not(HasSubstr(exchanges_more)));
}

// Products are ordered so that as little as may be is added up: sum(X .* (X*A)), and not sum(X'*X .* A).
TEST(Shard, TheOrderOfAProductExchangesLittle) {
  EXPECT_THAT(sharded("tr(X*A*X')", "", "m", {Wanted::value}), HasSubstr(added_up("1")));
}

TEST(Shard, PlacesThatMeetAreExchanged) {
  EXPECT_THAT(sharded("logdet(X*X' + I(m))", "X", "m"), HasSubstr(exchanges_more));
  EXPECT_THAT(sharded("x*x'", "", "m", {Wanted::value}), HasSubstr(exchanges_more));
}

TEST(Shard, NothingIsSaidWhereNothingMeets) {
  EXPECT_THAT(sharded("exp(X)*w", "", "m", {Wanted::value}), HasSubstr("The devices exchange nothing in a call."));
}

TEST(Shard, RowsByThemselvesMeetOnlyWithinThem) {
  EXPECT_THAT(sharded("softmax_rows(X)*w", "", "m", {Wanted::value}),
              HasSubstr("The devices exchange nothing in a call."));
  EXPECT_THAT(sharded("softmax_rows(X)*w", "", "n", {Wanted::value}), HasSubstr(exchanges_more));
}

TEST(Shard, RequestsThatCannotBeMet) {
  EXPECT_THAT(sharded("norm2(X*w - y)^2", "w", "q"), HasSubstr("dimension q; they have m, n"));
  EXPECT_THAT(sharded("a^2", "a", "m"), HasSubstr("nor any other with a name"));
}

// Entries that say so, row by row.
TEST(Shard, RowwiseOperatorsAre) {
  const Array<double> all{{0.3, -1.2, 2.5}, {1.1, 0.4, -0.7}};
  int checked = 0;
  for (std::uint16_t i = 0; i < OperatorTable::get().size(); ++i) {
    const Operator& entry = entry_of(OpId{i});
    if (!entry.rowwise) continue;
    ++checked;
    const Array<double>* whole[] = {&all};
    const Array<double> result = entry.kernel.real(Arguments<double>(whole), {all.rows(), all.cols()});
    for (Eigen::Index row = 0; row < all.rows(); ++row) {
      const Array<double> part = all.row(row);
      const Array<double>* one[] = {&part};
      const Array<double> alone = entry.kernel.real(Arguments<double>(one), {1, all.cols()});
      EXPECT_LT((result.row(row) - alone).cwiseAbs().maxCoeff(), 1e-14) << entry.name;
    }
  }
  EXPECT_GT(checked, 0);
}

}  // namespace
}  // namespace matgrad
