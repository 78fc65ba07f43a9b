// SPDX-License-Identifier: MIT
#include "table_claims.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "base/factorisations.hpp"
#include "expr/walk.hpp"
#include "numeric/sample.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "print/text.hpp"
#include "scene.hpp"

namespace matgrad {
namespace {

using Value = Array<double>;

constexpr double tolerance = 1e-7;

bool is_zero(const Value& a, double scale) {
  return a.size() == 0 || a.cwiseAbs().maxCoeff() <= tolerance * scale;
}

double smallest_eigenvalue(const Value& a) {
  return Eigen::SelfAdjointEigenSolver<Value>(a, Eigen::EigenvaluesOnly).eigenvalues().minCoeff();
}

// Symbols for the arguments: letters as they come, or all of them the same, so that everything is square.
struct Call : Scene {
  std::vector<NodeId> arguments;

  Call(OpId op, Properties properties, bool all_square) {
    const Signature& signature = OperatorTable::get().signature(op);
    Letters letters;
    for (char letter = 'a'; letter <= 'z'; ++letter)
      letters.bind(letter, dim(all_square ? "n" : std::string(1, letter).c_str()));
    for (const SignatureShape& shape : signature.arguments) {
      const std::string name(1, static_cast<char>('A' + arguments.size()));
      const Dim rows = evaluate(store.dims, shape.rows, letters);
      const Dim cols = evaluate(store.dims, shape.cols, letters);
      const bool declarable = rows == cols || (properties & ~positive) == 0;
      const Properties needed = arguments.empty() ? entry_of(op).needs : Properties{0};
      // No variable is symmetric and triangular, or symmetric and skew.
      const bool joint = (needed & symmetric) == 0 || (properties & (lower | upper | skew)) == 0;
      arguments.push_back(symbol(name, rows, cols, declarable && joint ? Properties(properties | needed) : needed));
    }
  }
};

std::optional<std::vector<Value>> values_of(Scene& scene, std::span<const NodeId> nodes, std::uint64_t seed) {
  const auto point = sample(scene.store, nodes, {}, seed);
  if (!point) return std::nullopt;
  std::vector<Value> result;
  for (NodeId node : nodes) {
    auto value = evaluate(scene.store, node, *point);
    if (!value) return std::nullopt;
    result.push_back(std::move(*value));
  }
  return result;
}

// ---------------------------------------------------------------- what abbreviations stand for

using Arguments = std::span<const Value>;

Value one_by_one(double value) {
  return Value::Constant(1, 1, value);
}

Value adjugate(const Value& a) {
  Value result(a.rows(), a.cols());
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    for (Eigen::Index j = 0; j < a.cols(); ++j) {
      Value minor(a.rows() - 1, a.cols() - 1);
      for (Eigen::Index k = 0; k < minor.size(); ++k) {
        const Eigen::Index r = k % minor.rows();
        const Eigen::Index c = k / minor.rows();
        minor(r, c) = a(r + (r >= i), c + (c >= j));
      }
      const double value = minor.size() == 0 ? 1 : minor.determinant();
      result(j, i) = (i + j) % 2 == 0 ? value : -value;
    }
  }
  return result;
}

const std::map<std::string_view, std::function<Value(Arguments)>>& stated_values() {
  static const std::map<std::string_view, std::function<Value(Arguments)>> values = {
      {"sqrt", [](Arguments a) { return Value(a[0].unaryExpr([](double x) { return std::sqrt(x); })); }},
      {"square", [](Arguments a) { return Value(a[0].unaryExpr([](double x) { return x * x; })); }},
      {"outer",
       [](Arguments a) {
         return Value(Value::NullaryExpr(a[0].rows(), a[1].rows(),
                                         [&](Eigen::Index i, Eigen::Index j) { return a[0](i, 0) * a[1](j, 0); }));
       }},
      {"hadamard", [](Arguments a) { return Value(a[0].cwiseProduct(a[1])); }},
      {"adj", [](Arguments a) { return adjugate(a[0]); }},
      {"diag", [](Arguments a) { return Value(a[0].row(0).transpose().asDiagonal()); }},
      {"rowsum", [](Arguments a) { return Value(a[0].rowwise().sum()); }},
      {"colsum", [](Arguments a) { return Value(a[0].colwise().sum()); }},
      {"norm1", [](Arguments a) { return one_by_one(a[0].cwiseAbs().sum()); }},
      {"dot", [](Arguments a) { return one_by_one(a[0].cwiseProduct(a[1]).sum()); }},
  };
  return values;
}

}  // namespace

std::string broken_promise(Properties promised, const Value& a, double rounding) {
  const Properties p = closed(promised);
  if (p == 0 || a.size() == 0 || !a.allFinite()) return "";
  const double scale = std::max(1.0, a.cwiseAbs().maxCoeff());
  if ((p & positive) && a.minCoeff() < 0) return "positive";
  if ((p & ~positive) == 0) return "";
  if (a.rows() != a.cols() && (p & ~(positive | lower | upper)) != 0) return "square";
  if ((p & symmetric) && !is_zero(a - a.transpose(), scale)) return "symmetric";
  if ((p & skew) && !is_zero(a + a.transpose(), scale)) return "skew";
  if ((p & lower) && !is_zero(Value(a.triangularView<Eigen::StrictlyUpper>()), scale)) return "lower";
  if ((p & upper) && !is_zero(Value(a.triangularView<Eigen::StrictlyLower>()), scale)) return "upper";
  if ((p & diagonal) && !is_zero(a - Value(a.diagonal().asDiagonal()), scale)) return "diagonal";
  if ((p & orthogonal) && !is_zero(a * a.transpose() - Value::Identity(a.rows(), a.rows()), scale)) return "orthogonal";
  if ((p & positive_semidefinite) && smallest_eigenvalue(a) < -tolerance * scale) return "positive semidefinite";
  if ((p & positive_definite) && smallest_eigenvalue(a) <= -rounding * scale) return "positive definite";
  return "";
}

std::string broken_promise(const Store& store, std::span<const NodeId> roots, const Point<double>& point) {
  Evaluation<double> evaluation(store, roots, point.sizes);
  evaluation.set_all(point);
  if (!evaluation.run()) return "";
  std::vector<bool> varies(store.size(), false);  // with the index of a sum
  for (NodeId id : topological(store, roots)) {
    const Node& node = store[id];
    bool here = node.op == op::symbol && store.symbol_at(node.first).role == Symbol::Role::index;
    for (NodeId child : store.children(id)) here = here || varies[index_of(child)];
    varies[index_of(id)] = here;
    if (here || node.type.properties == 0) continue;
    constexpr double rounding = 1e-12;  // of expm: its exponent reaches 709, and the errors are of its largest entry
    const std::string broken = broken_promise(node.type.properties, evaluation[id], rounding);
    if (!broken.empty()) return to_text(store, id) + " is said to be " + broken;
  }
  return "";
}

std::string check_properties(OpId op) {
  constexpr Properties all[] = {0,     symmetric,  positive_definite, positive_semidefinite, skew, diagonal, lower,
                                upper, orthogonal, positive};
  for (Properties properties : all) {
    for (bool square : {false, true}) {
      Call call(op, properties, square);
      const NodeId node = call.b.raw_call(op, call.arguments);
      std::vector<NodeId> roots = call.arguments;
      roots.push_back(node);
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto values = values_of(call, roots, seed);
        if (!values) continue;
        const std::string broken = broken_promise(call.store.type(node).properties, values->back());
        if (!broken.empty()) return to_text(call.store, node) + " is not " + broken;
      }
    }
  }
  return "";
}

std::string check_transposing(OpId op) {
  const Transposing transposing = entry_of(op).transposing;
  if (transposing == Transposing::opaque) return "";
  Call call(op, 0, false);
  Build& b = call.b;
  std::vector<NodeId> turned;
  for (NodeId argument : call.arguments) turned.push_back(b.transpose(argument));
  const NodeId plain = b.raw_call(op, call.arguments);
  const NodeId inside = b.raw_call(op, turned);
  const auto values = values_of(call, std::array{plain, inside}, 1);
  if (!values) return "no point for " + to_text(call.store, plain);
  const Value expected = transposing == Transposing::invariant ? (*values)[0] : Value((*values)[0].transpose());
  const Value& value = (*values)[1];
  const bool holds = value.rows() == expected.rows() && value.cols() == expected.cols() && is_zero(value - expected, 1);
  return holds ? "" : to_text(call.store, inside) + " is not as the entry says";
}

Finding check_definition(OpId op, const Template& definition, const Template* other) {
  const auto failed = [](std::string detail) { return Finding{Finding::Kind::fails, std::move(detail), no_node}; };
  const bool has_kernel = entry_of(op).kernel.real != nullptr;
  const auto stated = stated_values().find(entry_of(op).name);
  if (!has_kernel && stated == stated_values().end()) {
    return failed("its value is stated nowhere: add a line in table_claims.cpp");
  }
  Call call(op, 0, false);
  Bindings bindings;
  bindings.dims = *OperatorTable::get().signature(op).bind(call.store, call.arguments);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) bindings.nodes[i] = call.arguments[i];
  const auto node = instantiate(call.b, definition, bindings);
  if (!node) return {Finding::Kind::ill_typed, "does not type-check", no_node};
  if (other != nullptr && instantiate(call.b, *other, bindings) == node) return {Finding::Kind::same, "", *node};
  std::vector<NodeId> roots = call.arguments;
  roots.push_back(*node);
  if (has_kernel) roots.push_back(call.b.raw_call(op, call.arguments));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    auto values = values_of(call, roots, seed);
    if (!values) return failed("no point for " + to_text(call.store, *node));
    const Value value = (*values)[call.arguments.size()];
    const Value expected = has_kernel ? values->back() : stated->second(*values);
    const bool fits = value.rows() == expected.rows() && value.cols() == expected.cols();
    if (!fits || !is_zero(value - expected, 1)) return failed(to_text(call.store, *node) + " has another value");
  }
  return {};
}

}  // namespace matgrad
