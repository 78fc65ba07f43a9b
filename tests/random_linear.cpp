// SPDX-License-Identifier: MIT
// The derivative as a linear map: its adjoint, its matrix over vec and its super-matrix say the same.
#include <array>

#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "expr/walk.hpp"
#include "numeric/evaluate.hpp"
#include "print/text.hpp"
#include "random_trial.hpp"

namespace matgrad {
namespace {

constexpr double most_work = 1e7;  // multiplications, very roughly

struct Map {
  NodeId variable = no_node;
  NodeId hole = no_node;
  NodeId upstream = no_node;
  NodeId dy = no_node;
  NodeId pulled = no_node;  // the adjoint of `upstream`
};

NodeId differential_symbol(Trial& t, const std::string& name, Type type, Properties properties) {
  type.properties = properties;
  return t.build.symbol(t.store.add_symbol({name, type, Symbol::Role::differential}));
}

Array<double> vec(const Array<double>& a) {
  return a.reshaped();
}

std::string about(Trial& t, const Map& map, const char* what, NodeId shown) {
  return std::string(what) + " by " + t.store.symbol_at(t.store[map.variable].first).name +
         ": dY = " + to_text(t.store, map.dy) + ", it is " + to_text(t.store, shown);
}

std::optional<double> length(Trial& t, Dim dim, const Point<double>& at) {
  const auto value = t.store.dims.evaluate(dim, at.sizes);
  return value ? std::optional<double>(static_cast<double>(*value)) : std::nullopt;
}

// Whether it is evaluated soon enough: the exponential of a Kronecker product of matrices of n*p rows is not.
bool is_small(Trial& t, NodeId root, const Point<double>& at) {
  double work = 0;
  for (NodeId id : topological(t.store, root)) {
    const Type& type = t.store.type(id);
    const auto rows = length(t, type.rows, at);
    const auto cols = length(t, type.cols, at);
    if (!rows || !cols) return false;
    double inner = 1;
    for (NodeId child : t.store.children(id)) {
      const Type& part = t.store.type(child);
      inner = std::max(inner, std::min(length(t, part.rows, at).value_or(1), length(t, part.cols, at).value_or(1)));
    }
    work += *rows * *cols * inner;
  }
  return work <= most_work;
}

Verdict check_block(Trial& t, const Map& map, const Point<double>& at, const Array<double>& jacobian) {
  const auto block = block_matrix(t.build, map.dy, map.hole);
  if (!block) return std::nullopt;
  if (!is_small(t, *block, at)) return std::nullopt;
  const auto value = evaluate(t.store, *block, at);
  const auto y = evaluate(t.store, t.normal, at);
  const auto x = at.values.at(t.store[map.hole].first);
  if (!value || !y) return std::nullopt;
  Array<double> expected(y->rows() * x.rows(), y->cols() * x.cols());
  for (Eigen::Index i = 0; i < expected.rows(); ++i) {
    for (Eigen::Index j = 0; j < expected.cols(); ++j) {
      const Eigen::Index entry = (j / x.cols()) * y->rows() + i / x.rows();
      expected(i, j) = jacobian(entry, (j % x.cols()) * x.rows() + i % x.rows());
    }
  }
  if (close(*value, expected)) return std::nullopt;
  return about(t, map, "the block form differs from the Jacobian", *block);
}

Verdict check_matrix(Trial& t, const Map& map, const Point<double>& at) {
  const auto matrix = matrix_over_vec(t.build, map.dy, map.hole);
  if (!matrix) return "the differential is not linear by its slots: " + to_text(t.store, map.dy);
  if (!is_small(t, *matrix, at)) return std::nullopt;
  const auto jacobian = evaluate(t.store, *matrix, at);
  const auto dy = evaluate(t.store, map.dy, at);
  if (!jacobian || !dy) return std::nullopt;
  const Array<double> dx = at.values.at(t.store[map.hole].first);
  if (!close(*jacobian * vec(dx), vec(*dy))) return about(t, map, "the matrix over vec is wrong", *matrix);
  if (linear_structure(t.store.type(map.variable).properties) != 0) return std::nullopt;
  return check_block(t, map, at, *jacobian);
}

Verdict check_map(Trial& t, const Map& map) {
  const auto at = t.point(std::array{t.normal, map.dy, map.pulled, map.hole, map.upstream}, 7);
  if (!at) return std::nullopt;
  const auto dy = evaluate(t.store, map.dy, *at);
  const auto pulled = evaluate(t.store, map.pulled, *at);
  if (!dy || !pulled) return std::nullopt;
  const Array<double> forward = dy->cwiseProduct(at->values.at(t.store[map.upstream].first));
  const Array<double> backward = pulled->cwiseProduct(at->values.at(t.store[map.hole].first));
  const double scale = std::max({1.0, forward.cwiseAbs().sum(), backward.cwiseAbs().sum()});
  if (!(std::abs(forward.sum() - backward.sum()) <= 1e-6 * scale))
    return about(t, map, "the adjoint is wrong", map.pulled);
  return check_matrix(t, map, *at);
}

}  // namespace

Verdict linear_map_property(Trial& t) {
  for (const Variable* variable : t.chosen_variables()) {
    Map map;
    map.variable = variable->node;
    const Type type = t.store.type(map.variable);
    map.hole = differential_symbol(t, "d" + variable->name, type, linear_structure(type.properties));
    map.upstream = differential_symbol(t, "upstream", t.store.type(t.normal), 0);
    const auto dy = differential(t.build, t.normal, map.variable, map.hole);
    const auto pulled = adjoint(t.build, t.normal, map.variable, map.upstream);
    if (!dy || !pulled) {
      // What does not change has a differential, zero, whatever stands around it.
      const bool is_constant = dy && t.build.is_zero(*dy);
      if (dy.has_value() != pulled.has_value() && !is_constant) {
        return "only one of differential and adjoint is refused";
      }
      continue;
    }
    map.dy = t.simplified(*dy);
    map.pulled = *pulled;
    if (auto wrong = t.same_value(*dy, map.dy)) return wrong;
    if (auto wrong = check_map(t, map)) return wrong;
  }
  return std::nullopt;
}

}  // namespace matgrad
