// SPDX-License-Identifier: MIT
#include "print/text.hpp"

#include <algorithm>

#include "ops/selections.hpp"
#include "ops/table.hpp"
#include "ops/written.hpp"
#include "print/derived_names.hpp"
#include "print/names.hpp"
#include "print/writer.hpp"

namespace matgrad {
namespace {

// The spellings in which Unicode differs.
struct Signs {
  std::string_view times, entrywise_times, entrywise_divide, transpose, root;
};
constexpr Signs ascii{"*", ".*", "./", "'", "sqrt("};
constexpr Signs unicode{"·", "⊙", "⊘", "ᵀ", "√("};

bool is_named(OpId op, std::string_view name) {
  const std::span<const OpId> named = OperatorTable::get().named(name);
  return std::find(named.begin(), named.end(), op) != named.end();
}

class TextWriter : public Writer {
 public:
  TextWriter(Presentation pieces, bool is_unicode)
      : Writer(std::move(pieces)), is_unicode_(is_unicode), signs_(is_unicode ? unicode : ascii) {}

 protected:
  Level level(PieceId id) const override {
    switch (pieces_.form(id)) {
      case Form::sum: return Level::sum;
      case Form::name: return is_fraction(id) ? Level::product : Level::atom;
      case Form::negate:
      case Form::product:
      case Form::scaled:
      case Form::entrywise_product:
      case Form::quotient:
      case Form::entrywise_quotient: return Level::product;
      case Form::power:
      case Form::entrywise_power:
      case Form::transpose: return Level::postfix;
      case Form::root:
      case Form::entrywise_root: return is_unicode_ ? Level::postfix : Level::atom;  // √(x)² is √(x²)
      case Form::call: return is_tensor(id) ? Level::product : is_inverse(id) ? Level::postfix : Level::atom;
      default: return Level::atom;
    }
  }

  void expand(PieceId id) override {
    const Piece& piece = pieces_[id];
    const std::span<const PieceId> parts = pieces_.parts(id);
    switch (piece.form) {
      case Form::colon: return put(":");
      case Form::integer: return put(pieces_.digits(piece));
      case Form::name: return put(name(pieces_.store.symbol_at(piece.payload)));
      case Form::dimension: return put(dimension_name(piece.payload));
      case Form::zeros: return put_call("zeros(", parts);
      case Form::ones: return put_call("ones(", parts);
      case Form::identity: return put_call("I(", parts);
      case Form::unit: return put_call("e(", parts);
      case Form::selection: return put_call(std::string(find_selection(operator_of(id))->name).append("("), parts);
      case Form::unvec: return put_call("unvec(", parts);
      case Form::sum_over: return put_call("sum(", parts);
      case Form::blocks: return put_blocks(parts, piece.payload);
      case Form::root:
      case Form::entrywise_root: return put_call(signs_.root, parts);
      case Form::negate: put("-"); return put(parts[0], level(parts[0]) == Level::sum || sign_would_enter(parts[0]));
      case Form::sum: return put_sum(parts);
      case Form::product: return put_list(parts, signs_.times, Level::postfix);
      case Form::scaled: return put_scaled(parts);
      case Form::entrywise_product: return put_list(parts, signs_.entrywise_times, Level::postfix);
      case Form::quotient: return put_quotient(parts, "/", Level::product);
      case Form::entrywise_quotient: return put_quotient(parts, signs_.entrywise_divide, numerator_level(parts[0]));
      case Form::power: return put_power(parts, "^");
      case Form::entrywise_power: return put_power(parts, ".^");
      case Form::transpose: return put_transpose(parts[0]);
      case Form::index: return put_index(parts);
      case Form::call: return put_operator(id, parts);
    }
  }

 private:
  std::string name(std::string_view text) const { return is_unicode_ ? unicode_name(text) : std::string(text); }
  std::string name(const Symbol& symbol) const {
    if (!is_derived(symbol)) return name(symbol.name);
    return derived_name(pieces_.store, symbol, is_unicode_ ? Script::unicode : Script::text);
  }

  bool is_fraction(PieceId id) const { return pieces_.store.symbol_at(pieces_[id].payload).by != no_node; }

  std::string dimension_name(Atom atom) const {
    const std::string& text = pieces_.store.dims.atom_name(atom);
    return text.empty() ? "?" + std::to_string(atom) : name(text);
  }

  OpId operator_of(PieceId id) const { return OpId{static_cast<std::uint16_t>(pieces_[id].payload)}; }

  // The operators that Unicode has a sign for, known by what their entries say: the inverse is also "^-1", the tensor
  // product is an \otimes.
  bool is_inverse(PieceId id) const { return is_unicode_ && is_named(operator_of(id), "^-1"); }
  bool is_tensor(PieceId id) const {
    return is_unicode_ && std::string_view(entry_of(operator_of(id)).latex) == "{0} \\otimes {1}";
  }

  // A minus binds tighter than the products after it: -(a - b)*c is read as (b - a)*c, which is another node than
  // -((a - b)*c).
  bool sign_would_enter(PieceId id) const {
    for (;;) {
      const Form form = pieces_.form(id);
      if (form == Form::sum) {
        const std::span<const PieceId> terms = pieces_.parts(id);
        return std::any_of(terms.begin(), terms.end(), [&](PieceId t) { return pieces_.form(t) == Form::negate; });
      }
      if (level(id) != Level::product || form == Form::call || form == Form::negate || form == Form::name) {
        return false;
      }
      const bool is_product = form == Form::product || form == Form::scaled;
      const bool after_number = is_product && pieces_.form(pieces_.part(id, 0)) == Form::integer;
      id = pieces_.part(id, after_number ? 1 : 0);
    }
  }

  void put_call(std::string_view head, std::span<const PieceId> arguments) {
    put(head);
    put_list(arguments, ", ", Level::sum);
    put(")");
  }

  void put_sum(std::span<const PieceId> terms) {
    put(terms[0], Level::product);
    for (PieceId term : terms.subspan(1)) {
      const bool negative = pieces_.form(term) == Form::negate;
      put(negative ? " - " : " + ");
      put(negative ? pieces_.part(term, 0) : term, Level::product);
    }
  }

  void put_scaled(std::span<const PieceId> parts) {
    put_list(parts.first(parts.size() - 1), signs_.times, Level::postfix);
    put(signs_.times);
    put(parts.back(), Level::product);
  }

  void put_quotient(std::span<const PieceId> parts, std::string_view sign, Level numerator) {
    put(parts[0], numerator);
    put(sign);
    put(parts[1], Level::postfix);
  }

  // x.*y./z and 2*x./z read well; a matrix product before ./ does not.
  Level numerator_level(PieceId numerator) const {
    const Form form = pieces_.form(numerator);
    return form == Form::scaled || form == Form::entrywise_product ? Level::product : Level::postfix;
  }

  void put_power(std::span<const PieceId> parts, std::string_view sign) {
    const PieceId base = parts[0];
    const bool is_transposed = pieces_.form(base) == Form::transpose && !is_unicode_;
    put(base, level(base) < Level::atom && !is_transposed);
    const PieceId exponent = parts[1];
    if (is_unicode_ && sign == "^" && pieces_.form(exponent) == Form::integer) {
      return put(superscript(pieces_.digits(pieces_[exponent])));
    }
    put(sign);
    put(exponent, !is_bare_exponent(exponent));
  }

  bool is_bare_exponent(PieceId id) const {
    const Form form = pieces_.form(id);
    if (form == Form::name) return pieces_.store.symbol_at(pieces_[id].payload).name != "T";  // X^T is a transpose
    return form == Form::integer || form == Form::dimension || (form == Form::call && level(id) == Level::atom);
  }

  void put_transpose(PieceId base) {
    if (pieces_.form(base) == Form::call && is_inverse(base)) {
      put(pieces_.part(base, 0), Level::atom);
      return put("⁻ᵀ");
    }
    put(base, Level::atom);
    put(signs_.transpose);
  }

  void put_index(std::span<const PieceId> parts) {
    put(parts[0], Level::atom);
    put("[");
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (i > 1) put(", ");
      if (parts[i] == colon_piece) {
        put(":");
      } else {
        put_piece(parts[i]);
      }
    }
    put("]");
  }

  void put_blocks(std::span<const PieceId> parts, std::size_t columns) {
    put("[");
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) put(i % columns == 0 ? "; " : ", ");
      put_piece(parts[i]);
    }
    put("]");
  }

  void put_operator(PieceId id, std::span<const PieceId> arguments) {
    if (is_tensor(id)) return put_list(arguments, "⊗", Level::postfix);
    if (is_inverse(id)) {
      put(arguments[0], Level::atom);
      return put("⁻¹");
    }
    const std::string_view word = surface_name(operator_of(id));
    if (arguments.empty() && !names_a_variable(pieces_.store, word)) return put(name(word));
    put_call(std::string(arguments.empty() ? name(word) : word).append("("), arguments);
  }

  bool is_unicode_;
  Signs signs_;
};

}  // namespace

std::string to_text(const Store& store, NodeId root) {
  return TextWriter(present(store, root), false).write();
}

std::string to_unicode(const Store& store, NodeId root) {
  return TextWriter(present(store, root), true).write();
}

std::size_t written_size(const Store& store, NodeId root) {
  return TextWriter(present(store, root), false).size();
}

std::string shape_text(const Store& store, const Type& type) {
  if (type.is_scalar()) return "scalar";
  return store.dims.text(type.rows, true) + "×" + store.dims.text(type.cols, true);
}

}  // namespace matgrad
