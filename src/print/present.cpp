// SPDX-License-Identifier: MIT
#include "print/present.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "ops/selections.hpp"
#include "ops/sign.hpp"
#include "ops/written.hpp"
#include "print/numerals.hpp"

namespace matgrad {

namespace {

using Pieces = std::vector<PieceId>;
constexpr PieceId none = 0xffffffffu;

class Presenter {
 public:
  explicit Presenter(const Store& store) : store_(store), out_(store), numerals_(out_), shown_(store.size()) {}

  Presentation run(NodeId root) {
    one_ = numerals_.integer("1");
    for (NodeId id : written_nodes(store_, root)) shown_[index_of(id)] = show(id);
    out_.root = piece(root);
    return std::move(out_);
  }

 private:
  // A node is its magnitude, under a minus where it begins with a negative number.
  struct Shown {
    PieceId magnitude = none;
    bool negative = false;
    PieceId whole = none;  // magnitude with its sign, once it was asked for
  };

  // A product being sorted into what stands above and below the stroke. `body` is what is not a scalar.
  struct Fraction {
    bool negative = false;
    Pieces above;
    Pieces below;
    Pieces body_above;
    Pieces body_below;
  };

  static Shown plain(PieceId magnitude) { return {magnitude, false, none}; }

  PieceId add(Form form, std::initializer_list<PieceId> parts) {
    return out_.add(form, std::span<const PieceId>(parts.begin(), parts.size()));
  }
  PieceId join(Form form, const Pieces& parts) { return parts.size() == 1 ? parts[0] : out_.add(form, parts); }

  PieceId piece(NodeId id) {
    Shown& shown = shown_[index_of(id)];
    if (shown.whole == none) shown.whole = shown.negative ? negative_whole(id) : shown.magnitude;
    return shown.whole;
  }

  // The minus inside a sum where that spares it, in front otherwise.
  PieceId negative_whole(NodeId id) {
    const NodeId sum = sign_absorber(store_, id);
    if (sum == no_node) return add(Form::negate, {shown_[index_of(id)].magnitude});
    const NodeId outer = std::exchange(turned_sum_, sum);
    const PieceId result = fraction(id).magnitude;
    const bool taken = std::exchange(turned_sum_, outer) == no_node;
    return taken ? result : add(Form::negate, {shown_[index_of(id)].magnitude});
  }

  // A factor of the product whose minus is being moved inside.
  PieceId factor(NodeId id) {
    if (turned_sum_ == no_node) return piece(id);
    const NodeId bare = untransposed(id);
    if (bare == turned_sum_) {
      turned_sum_ = no_node;
      return bare == id ? sum(store_.children(id), true) : transposed_sum(id, true);
    }
    const OpId op = store_[bare].op;
    if (op == op::multiply) return matrix_product(id);
    if (op != op::hadamard && op != op::times && op != op::power) return piece(id);
    const PieceId magnitude = fraction(bare).magnitude;
    return bare == id ? magnitude : add(Form::transpose, {magnitude});
  }
  Pieces pieces(std::span<const NodeId> nodes) {
    Pieces result;
    for (NodeId id : nodes) result.push_back(piece(id));
    return result;
  }

  Shown show(NodeId id) {
    const Node& node = store_[id];
    if (node.op == op::number) return show_number(store_.number_at(node.first));
    if (node.op == op::symbol) return plain(out_.add(Form::name, {}, node.first));
    if (node.op == op::dimension) return plain(dimension_value(Dim{node.first}));
    if (node.op == op::zeros) return plain(constant(Form::zeros, node.type));
    if (node.op == op::ones) return plain(constant(Form::ones, node.type));
    if (node.op == op::identity) return plain(add(Form::identity, {dimension(node.type.rows)}));
    if (node.op == op::unit) {
      return plain(add(Form::unit, {piece(store_.child(id, 0)), dimension(node.type.rows)}));
    }
    if (find_selection(node.op) != nullptr) return plain(selection(id));
    if (node.op == op::unvec) {
      return plain(
          add(Form::unvec, {piece(store_.child(id, 0)), dimension(node.type.rows), dimension(node.type.cols)}));
    }
    if (node.op == op::transpose) return plain(transposed_sum(id, false));
    if (node.op == op::add) return plain(sum(store_.children(id)));
    if (node.op == op::multiply) return plain(matrix_product(id));
    if (node.op == op::times || node.op == op::scale || node.op == op::hadamard || node.op == op::power) {
      return fraction(id);
    }
    if (node.op == op::blocks) {
      const auto columns = store_.number_at(store_[store_.child(id, 0)].first).as_int64();
      return plain(
          out_.add(Form::blocks, pieces(store_.children(id).subspan(1)), static_cast<std::uint32_t>(*columns)));
    }
    if (node.op == op::matrix_power) return plain(out_.add(Form::power, pieces(store_.children(id))));
    if (node.op == op::sum_over) return plain(out_.add(Form::sum_over, pieces(store_.children(id))));
    return plain(out_.add(Form::call, pieces(store_.children(id)), static_cast<std::uint32_t>(node.op)));
  }

  // ---- numbers, dimensions, constants

  Shown show_number(const Rational& value) {
    const Rational size = value.is_negative() ? -value : value;
    const PieceId numerator = integer(size.numerator_text());
    const PieceId magnitude =
        size.is_integer() ? numerator : add(Form::quotient, {numerator, integer(size.denominator_text())});
    return {magnitude, value.is_negative(), none};
  }

  // A dimension as a number. Where a variable has its name, the name alone would be read as that variable.
  PieceId integer(std::string digits) { return numerals_.integer(std::move(digits)); }
  PieceId dimension(Dim dim) { return numerals_.dimension(dim); }
  PieceId dimension_value(Dim dim) {
    bool taken = false;
    for (const DimTerm& term : store_.dims.polynomial(dim)) {
      for (Atom atom : term.atoms) taken = taken || names_a_variable(store_, store_.dims.atom_name(atom));
    }
    if (!taken) return dimension(dim);
    const PieceId size = dimension(dim);
    return add(Form::product, {add(Form::ones, {one_, size}), add(Form::ones, {size})});
  }

  PieceId constant(Form form, const Type& type) {
    if (type.is_column()) return add(form, {dimension(type.rows)});
    return add(form, {dimension(type.rows), dimension(type.cols)});
  }

  // The sizes are children of their own only to tell K(m,n) from K(n,m).
  PieceId selection(NodeId id) {
    Pieces sizes;
    for (NodeId child : store_.children(id)) {
      sizes.push_back(store_[child].op == op::dimension ? dimension(Dim{store_[child].first}) : piece(child));
    }
    return out_.add(Form::selection, sizes, static_cast<std::uint32_t>(store_[id].op));
  }

  // ---- sums

  // c where the term is c*ones: a scalar in a sum is spread over the shape of the other terms.
  std::optional<PieceId> spread_scalar(NodeId term, bool& negative) {
    const Node& node = store_[term];
    negative = false;
    if (node.type.is_scalar()) return std::nullopt;
    if (node.op == op::ones) return one_;
    if (node.op != op::scale || store_[store_.child(term, 1)].op != op::ones) return std::nullopt;
    const Shown& scalar = shown_[index_of(store_.child(term, 0))];
    negative = scalar.negative;
    return scalar.magnitude;
  }

  struct Term {
    PieceId magnitude;
    bool negative;
    bool spread;  // a scalar among arrays
  };

  Term unspread(NodeId id) const { return {shown_[index_of(id)].magnitude, shown_[index_of(id)].negative, false}; }

  // Of whatever is transposed, but only a sum can take a minus.
  PieceId transposed_sum(NodeId id, bool negated) {
    const NodeList terms = written_terms(store_, id);
    if (!terms.empty()) return sum(terms, negated);
    const NodeId inside = store_.child(id, 0);
    return add(Form::transpose, {negated ? sum(store_.children(inside), true) : piece(inside)});
  }

  PieceId sum(std::span<const NodeId> nodes, bool negated = false) {
    std::vector<Term> terms;
    bool shaped = false;
    for (NodeId child : nodes) {
      bool negative = false;
      const auto scalar = spread_scalar(child, negative);
      terms.push_back(scalar ? Term{*scalar, negative, true} : unspread(child));
      shaped = shaped || !scalar;
    }
    // Where nothing else tells the shape, the ones stay.
    for (std::size_t i = 0; i < terms.size() && !shaped; ++i) terms[i] = unspread(nodes[i]);
    for (Term& term : terms) term.negative = term.negative != negated;
    arrange(terms);
    Pieces parts;
    for (const Term& term : terms) {
      parts.push_back(term.negative ? add(Form::negate, {term.magnitude}) : term.magnitude);
    }
    return out_.add(Form::sum, parts);
  }

  static void arrange(std::vector<Term>& terms) {
    const auto first_positive =
        std::find_if(terms.begin(), terms.end(), [](const Term& term) { return !term.negative; });
    if (first_positive != terms.end()) std::rotate(terms.begin(), first_positive, first_positive + 1);
    // Two leading scalars would be added as scalars, which is another node: 1 + s + x is (1 + s) + x.
    if (!terms[0].spread || !terms[1].spread) return;
    const auto shaped = std::find_if(terms.begin(), terms.end(), [](const Term& term) { return !term.spread; });
    std::rotate(terms.begin() + 1, shaped, shaped + 1);
  }

  // ---- scalars, fractions, entrywise products

  PieceId raised(NodeId base, const Rational& exponent) {
    const bool scalar = store_.type(base).is_scalar();
    if (exponent.is_one()) return factor(base);
    if (exponent == Rational(1, 2)) return add(scalar ? Form::root : Form::entrywise_root, {piece(base)});
    const PieceId shown = show_number(exponent).magnitude;
    return add(scalar ? Form::power : Form::entrywise_power, {piece(base), shown});
  }

  // 2.^x stands for (2*ones(n)).^x.
  PieceId power_base(NodeId base) {
    const Node& node = store_[base];
    const bool spread = node.op == op::scale && store_[store_.child(base, 1)].op == op::ones;
    return piece(spread ? store_.child(base, 0) : base);
  }

  const Rational* number_exponent(NodeId power) const {
    const Node& exponent = store_[store_.child(power, 1)];
    return exponent.op == op::number ? &store_.number_at(exponent.first) : nullptr;
  }

  void put_power(NodeId id, Pieces& above, Pieces& below) {
    const NodeId base = store_.child(id, 0);
    if (const Rational* exponent = number_exponent(id)) {
      Pieces& side = exponent->is_negative() ? below : above;
      side.push_back(raised(base, exponent->is_negative() ? -*exponent : *exponent));
      return;
    }
    const NodeId exponent = store_.child(id, 1);
    const bool spread = !store_.type(exponent).is_scalar();
    const Form form = store_.type(id).is_scalar() ? Form::power : Form::entrywise_power;
    above.push_back(add(form, {spread ? power_base(base) : piece(base), piece(exponent)}));
  }

  void put_scalar(NodeId id, Fraction& to) {
    const Node& node = store_[id];
    if (node.op == op::number) {
      const Rational& value = store_.number_at(node.first);
      const Rational size = value.is_negative() ? -value : value;
      to.negative = to.negative != value.is_negative();
      if (const std::string text = size.numerator_text(); text != "1") to.above.push_back(integer(text));
      if (const std::string text = size.denominator_text(); text != "1") to.below.push_back(integer(text));
    } else if (node.op == op::times) {
      for (NodeId child : store_.children(id)) put_scalar(child, to);
    } else if (node.op == op::power) {
      put_power(id, to.above, to.below);
    } else {
      to.above.push_back(factor(id));
    }
  }

  void put_body(NodeId id, Fraction& to) {
    const Node& node = store_[id];
    if (node.op == op::hadamard) {
      for (NodeId child : store_.children(id)) put_body(child, to);
    } else if (node.op == op::power) {
      put_power(id, to.body_above, to.body_below);
    } else {
      to.body_above.push_back(factor(id));
    }
  }

  Shown fraction(NodeId id) {
    const Node& node = store_[id];
    Fraction parts;
    if (node.type.is_scalar()) {
      put_scalar(id, parts);
    } else if (node.op == op::scale) {
      put_scalar(store_.child(id, 0), parts);
      put_body(store_.child(id, 1), parts);
    } else {
      put_body(id, parts);
    }
    const PieceId whole = parts.body_below.empty() ? over_scalar(parts) : over_array(parts);
    return {whole, parts.negative, none};
  }

  // The factors, the last of which may be a product of its own: a*x'*A*x.
  PieceId coefficients(const Pieces& factors) {
    auto is_product = [&](PieceId id) { return out_.form(id) == Form::product; };
    if (factors.empty()) return one_;
    const auto products = std::count_if(factors.begin(), factors.end(), is_product);
    const bool last_is_one = factors.size() > 1 && products == 1 && is_product(factors.back());
    return join(last_is_one ? Form::scaled : Form::product, factors);
  }

  PieceId scaled(Pieces factors, PieceId body) {
    factors.push_back(body);
    return join(Form::scaled, factors);
  }

  PieceId over_scalar(const Fraction& parts) {
    const PieceId above = parts.body_above.empty()
                              ? coefficients(parts.above)
                              : scaled(parts.above, join(Form::entrywise_product, parts.body_above));
    if (parts.below.empty()) return above;
    return add(Form::quotient, {above, coefficients(parts.below)});
  }

  // Scalar denominators join the array: x./(2*y).
  PieceId over_array(const Fraction& parts) {
    // An entrywise product even of one factor, so that a matrix product before ./ is parenthesised.
    const PieceId above = parts.body_above.empty()
                              ? coefficients(parts.above)
                              : scaled(parts.above, out_.add(Form::entrywise_product, parts.body_above));
    const PieceId below = scaled(parts.below, join(Form::entrywise_product, parts.body_below));
    return add(Form::entrywise_quotient, {above, below});
  }

  // ---- matrix products and their indexed factors

  NodeId untransposed(NodeId id) const { return store_[id].op == op::transpose ? store_.child(id, 0) : id; }
  bool is_unit(NodeId id) const { return store_[id].op == op::unit; }
  bool is_unit_row(NodeId id) const { return store_[id].op == op::transpose && is_unit(store_.child(id, 0)); }
  // What is indexed with brackets: a variable; not a declared row, whose one index would be read as the other.
  bool is_indexable(NodeId id) const {
    const NodeId bare = untransposed(id);
    return store_[bare].op == op::symbol && !store_.type(bare).is_row();
  }

  // `variable` at [row, column], either of which may be the colon.
  PieceId entry(NodeId variable, PieceId row, PieceId column) {
    const NodeId bare = untransposed(variable);
    if (store_.type(bare).is_column()) return add(Form::index, {piece(bare), row == colon_piece ? column : row});
    if (bare == variable) return add(Form::index, {piece(bare), row, column});
    const PieceId inside = add(Form::index, {piece(bare), column, row});
    const bool is_entry = row != colon_piece && column != colon_piece;
    return is_entry ? inside : add(Form::transpose, {inside});
  }

  PieceId unit_index(NodeId unit) { return piece(store_.child(untransposed(unit), 0)); }

  // e(i,m)'*A is the row A[i, :], A*e(j,n) the column A[:, j].
  PieceId matrix_product(NodeId id) {
    const WrittenProduct written = written_product(store_, store_.children(id));
    PieceId product = matrix_product(written.factors);
    if (written.power > 1) product = add(Form::power, {product, integer(std::to_string(written.power))});
    return written.transposed ? add(Form::transpose, {product}) : product;
  }

  PieceId matrix_product(std::span<const NodeId> factors) {
    Pieces parts;
    for (std::size_t i = 0; i < factors.size(); ++i) {
      const bool has_row = is_unit_row(factors[i]) && i + 1 < factors.size() && is_indexable(factors[i + 1]);
      const std::size_t variable = has_row ? i + 1 : i;
      const bool has_column =
          is_indexable(factors[variable]) && variable + 1 < factors.size() && is_unit(factors[variable + 1]);
      if (!has_row && !has_column) {
        parts.push_back(factor(factors[i]));
        continue;
      }
      const PieceId row = has_row ? unit_index(factors[i]) : colon_piece;
      const PieceId column = has_column ? unit_index(factors[variable + 1]) : colon_piece;
      parts.push_back(entry(factors[variable], row, column));
      i = has_column ? variable + 1 : variable;
    }
    return join(Form::product, parts);
  }

  const Store& store_;
  Presentation out_;
  Numerals numerals_;
  std::vector<Shown> shown_;
  PieceId one_ = none;
  NodeId turned_sum_ = no_node;  // the sum that takes the minus of the product being shown
};

}  // namespace

Presentation present(const Store& store, NodeId root) {
  return Presenter(store).run(root);
}

}  // namespace matgrad
