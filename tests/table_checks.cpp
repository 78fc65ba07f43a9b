// SPDX-License-Identifier: MIT
#include "table_checks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "calculus/differential.hpp"
#include "calculus/slots.hpp"
#include "calculus/structured.hpp"
#include "numeric/difference.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

constexpr int point_count = 6;  // among them sizes in every order, as pinv tells wide from tall
constexpr double tolerance = 1e-6;

double distance(const Array<double>& a, const Array<double>& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return std::numeric_limits<double>::infinity();
  const double scale = std::max({1.0, a.cwiseAbs().maxCoeff(), b.cwiseAbs().maxCoeff()});
  const double apart = (a - b).cwiseAbs().maxCoeff() / scale;
  return std::isfinite(apart) ? apart : std::numeric_limits<double>::infinity();
}

Array<double> vec(const Array<double>& a) {
  return a.reshaped();
}

Finding failed(std::string detail) {
  return {Finding::Kind::fails, std::move(detail), no_node};
}

}  // namespace

const char* name_of(RulePart part) {
  switch (part) {
    case RulePart::differential: return "differential";
    case RulePart::adjoint: return "adjoint";
    case RulePart::matrix: return "matrix";
  }
  return "";
}

std::vector<RulePart> parts_of(Slot::Kind kind) {
  if (kind == Slot::Kind::smooth) return {RulePart::differential};
  if (kind == Slot::Kind::linear) return {RulePart::adjoint, RulePart::matrix};
  return {};
}

const Template& rule_of(const CompiledSlot& slot, RulePart part) {
  return part == RulePart::matrix ? slot.matrix : slot.rule;
}

// ---------------------------------------------------------------- making scenes

class SlotScenes {
 public:
  SlotScenes(OpId op, std::size_t argument) : op_(op), argument_(argument) {}

  std::vector<std::unique_ptr<SlotScene>> run() {
    if (entry_of(op_).structural) {
      structural();
    } else {
      const Signature& signature = OperatorTable::get().signature(op_);
      const std::string letters = letters_of(signature);
      // Every letter as a name of its own, then some of them as ones.
      for (unsigned ones = 0; ones < 1u << letters.size(); ++ones) from_signature(signature, letters, ones);
    }
    return std::move(scenes_);
  }

 private:
  static std::string letters_of(const Signature& signature) {
    std::string letters;
    for (const SignatureShape& shape : signature.arguments) {
      for (const SignatureDim* dim : {&shape.rows, &shape.cols}) {
        for (const SignatureDim::Term& term : dim->terms) {
          for (char letter : term.letters) {
            if (letters.find(letter) == std::string::npos) letters += letter;
          }
        }
      }
    }
    return letters;
  }

  void from_signature(const Signature& signature, const std::string& letters, unsigned ones) {
    begin();
    Letters dims;
    for (std::size_t i = 0; i < letters.size(); ++i) {
      dims.bind(letters[i], (ones >> i & 1u) ? dim_one : now_->dim(std::string(1, letters[i]).c_str()));
    }
    for (const SignatureShape& shape : signature.arguments) {
      operand(evaluate(now_->store.dims, shape.rows, dims), evaluate(now_->store.dims, shape.cols, dims));
    }
    end(now_->b.call(op_, now_->symbols_), argument_);
  }

  void begin() { now_.reset(new SlotScene()); }

  NodeId operand(Dim rows, Dim cols) {
    const std::string name(1, static_cast<char>('A' + now_->symbols_.size()));
    // Nothing is declared but what the operator insists on: `sample` finds a point of the domain by trying.
    const Properties declared = now_->symbols_.empty() ? entry_of(op_).needs : Properties{0};
    now_->symbols_.push_back(now_->symbol(name, rows, cols, declared));
    return now_->symbols_.back();
  }
  NodeId operand(const char* rows, const char* cols) { return operand(size(rows), size(cols)); }
  Dim size(const char* name) { return name[0] == '1' ? dim_one : now_->dim(name); }

  // Keeps the scene where the node is one of this operator, with the symbol as an argument, and has points.
  void end(NodeId node, std::size_t symbol) {
    SlotScene& scene = *now_;
    const Store& store = scene.store;
    if (store[node].op != op_) return;
    const auto children = store.children(node);
    const auto at = std::find(children.begin(), children.end(), scene.symbols_[symbol]);
    if (at == children.end()) return;
    scene.node_ = node;
    scene.position_ = static_cast<std::size_t>(at - children.begin());
    scene.slot_ = scene.position_;
    scene.argument_ = scene.symbols_[symbol];
    const Type type = store.type(scene.argument_);
    scene.hole_ =
        scene.symbol("dA", type.rows, type.cols, linear_structure(type.properties), Symbol::Role::differential);
    scene.upstream_ = scene.symbol("G", store.type(node).rows, store.type(node).cols, 0, Symbol::Role::differential);
    if (scene.find_points()) scenes_.push_back(std::move(now_));
  }

  // Structural operators have constructors instead of signatures.
  void structural() {
    for (const auto& [m, n] : std::vector<std::pair<const char*, const char*>>{{"m", "n"}, {"m", "1"}, {"1", "n"}}) {
      if (op_ == op::transpose) unary(m, n, [&](Build& b, NodeId a) { return b.transpose(a); });
      if (op_ == op::scale) scaled(m, n);
      if (op_ == op::unvec && argument_ == 0) rearranged();
      if (op_ == op::add || op_ == op::hadamard) three_alike(m, n);
      if (op_ == op::power) powers(m, n);
    }
    if (op_ == op::add || op_ == op::times) three_alike("1", "1");
    if (op_ == op::power) powers("1", "1");
    if (op_ == op::matrix_power && argument_ == 0) matrix_powers();
    if (op_ == op::multiply) products();
    if (op_ == op::blocks && argument_ == 0) grids();
  }

  template <class F>
  void unary(const char* m, const char* n, F make) {
    begin();
    const NodeId a = operand(m, n);
    end(make(now_->b, a), 0);
  }

  void scaled(const char* m, const char* n) {
    begin();
    const NodeId s = operand("1", "1");
    end(now_->b.scale(s, operand(m, n)), argument_);
  }

  void rearranged() {
    begin();
    const NodeId v = operand(now_->store.dims.multiply(size("m"), size("n")), dim_one);
    end(now_->b.unvec(v, size("m"), size("n")), 0);
  }

  void three_alike(const char* m, const char* n) {
    for (std::size_t by = 0; by < 3; ++by) {
      begin();
      for (int i = 0; i < 3; ++i) operand(m, n);
      const std::span<const NodeId> all(now_->symbols_);
      end(op_ == op::add ? now_->b.add(all) : op_ == op::times ? now_->b.times(all) : now_->b.hadamard(all), by);
    }
  }

  void powers(const char* m, const char* n) {
    for (const char* exponent : {"1", m}) {
      begin();
      const NodeId base = operand(m, n);
      const NodeId raised = exponent[0] == '1' ? operand("1", "1") : operand(m, n);
      end(now_->b.power(base, raised), argument_);
    }
    if (argument_ > 0) return;
    begin();
    const NodeId base = operand(m, n);
    end(now_->b.power(base, now_->b.number(Rational(5, 2))), 0);
  }

  void matrix_powers() {
    for (int exponent : {2, 3, 5}) {
      unary("n", "n", [&](Build& b, NodeId a) { return b.matrix_power(a, b.number(exponent)); });
    }
  }

  void products() {
    const char* sizes[][4] = {{"m", "n", "p", "q"}, {"m", "n", "p", "1"}, {"1", "n", "p", "q"}};
    for (const auto& s : sizes) {
      for (std::size_t by = 0; by < 3; ++by) {
        begin();
        for (int i = 0; i < 3; ++i) operand(s[i], s[i + 1]);
        end(now_->b.multiply(now_->symbols_), by);
      }
    }
  }

  void grids() {
    const char* heights[] = {"m", "p"};
    const char* widths[] = {"n", "q", "1"};
    for (std::size_t by = 0; by < 6; ++by) {
      begin();
      for (const char* height : heights) {
        for (const char* width : widths) operand(height, width);
      }
      end(now_->b.blocks(3, now_->symbols_), by);
    }
  }

  OpId op_;
  std::size_t argument_;
  std::unique_ptr<SlotScene> now_;
  std::vector<std::unique_ptr<SlotScene>> scenes_;
};

std::vector<std::unique_ptr<SlotScene>> SlotScene::all(OpId op, std::size_t argument) {
  return SlotScenes(op, argument).run();
}

bool SlotScene::find_points() {
  std::vector<NodeId> roots = symbols_;
  roots.insert(roots.end(), {node_, hole_, upstream_});
  for (std::uint64_t seed = 1; seed <= 12 && points_.size() < point_count; ++seed) {
    auto point = sample(store, roots, {}, seed);
    if (!point) continue;
    Difference difference(store, node_, argument_, no_node, *point);
    if (!difference.usable()) continue;
    auto change = difference.along(point->values.at(payload(hole_)));
    if (change) points_.push_back({std::move(*point), std::move(*change)});
  }
  return !points_.empty();
}

std::string SlotScene::shapes() const {
  std::string text = to_text(store, node_) + " with";
  for (NodeId symbol : symbols_) {
    const Type& type = store.type(symbol);
    text += " " + to_text(store, symbol) + ": " + store.dims.text(type.rows) + "×" + store.dims.text(type.cols);
  }
  return text;
}

// ---------------------------------------------------------------- checking slots

Finding SlotScene::check(RulePart part, const Template& rule) {
  Bindings bindings = bindings_at(b, node_, position_);
  if (part == RulePart::differential) bindings.nodes[differential_slot(slot_)] = hole_;
  if (part == RulePart::adjoint) bindings.set('G', upstream_);
  std::optional<NodeId> node;
  try {
    node = instantiate(b, rule, bindings);
  } catch (const Bug&) {
  }
  if (!node) return {Finding::Kind::ill_typed, "the rule does not type-check", no_node};
  Type wanted = store.type(part == RulePart::differential ? node_ : argument_);
  if (part == RulePart::matrix) {
    const Type y = store.type(node_);
    const Type a = store.type(argument_);
    wanted = {store.dims.multiply(y.rows, y.cols), store.dims.multiply(a.rows, a.cols), 0};
  }
  if (!store.type(*node).same_shape(wanted)) return {Finding::Kind::ill_typed, "the rule has another shape", *node};
  Finding finding = compare(part, *node);
  finding.node = *node;
  return finding;
}

Finding SlotScene::compare(RulePart part, NodeId rule) {
  for (const Sampled& at : points_) {
    const auto value = evaluate(store, rule, at.point);
    if (!value) return failed("has no value");
    const Array<double>& dx = at.point.values.at(payload(hole_));
    double error = 0;
    if (part == RulePart::differential) error = distance(*value, at.change);
    if (part == RulePart::matrix) error = distance(*value * vec(dx), vec(at.change));
    if (part == RulePart::adjoint) {
      const double forward = at.change.cwiseProduct(at.point.values.at(payload(upstream_))).sum();
      const double backward = value->cwiseProduct(dx).sum();
      error = distance(Array<double>::Constant(1, 1, forward), Array<double>::Constant(1, 1, backward));
    }
    if (!(error <= tolerance)) {
      return failed("is off by " + std::to_string(error) + " at " + size_text(store, at.point.sizes) + ": " +
                    to_text(store, rule));
    }
  }
  return {};
}

Finding SlotScene::check_transposition() {
  const auto pulled = adjoint(b, node_, argument_, upstream_);
  if (!pulled) return failed("has no adjoint");
  if (!store.type(*pulled).same_shape(store.type(argument_))) return failed("the adjoint has another shape");
  return compare(RulePart::adjoint, *pulled);
}

Finding SlotScene::check_kind(Slot::Kind kind) {
  for (const Sampled& at : points_) {
    if (kind == Slot::Kind::constant && at.change.cwiseAbs().maxCoeff() > tolerance) return failed("is not constant");
    if (kind != Slot::Kind::linear) continue;
    // L(dA) is what the value changes by from 0 to dA.
    Point<double> moved = at.point;
    Array<double>& argument = moved.values[payload(argument_)];
    argument = at.point.values.at(payload(hole_));
    const auto value = evaluate(store, node_, moved);
    argument.setZero();
    const auto origin = evaluate(store, node_, moved);
    if (!value || !origin || distance(*value - *origin, at.change) > tolerance) return failed("is not linear");
  }
  return {};
}

}  // namespace matgrad
