// SPDX-License-Identifier: MIT
// LaTeX that amsmath compiles. One spelling for each form, so that it can be read back.
#include <algorithm>

#include "ops/selections.hpp"
#include "ops/table.hpp"
#include "print/derived_names.hpp"
#include "print/names.hpp"
#include "print/text.hpp"
#include "print/writer.hpp"

namespace matgrad {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}
bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// How an argument stands in an entry's template.
enum class Standing : std::uint8_t {
  enclosed,  // between delimiters
  scripted,  // under an exponent
  operand,   // beside a sign or a word
};

struct Placeholder {
  std::size_t begin;  // of "{0}"
  std::size_t argument;
  Standing standing;
};

Standing standing(std::string_view before, std::string_view after) {
  if (starts_with(after, "^") || starts_with(after, "_")) return Standing::scripted;
  before = trimmed(before);
  after = trimmed(after);
  for (std::string_view opening : {"(", "[", "{", "|", "Vert", "vert", "angle", "floor", "ceil", ","}) {
    if (!ends_with(before, opening)) continue;
    for (std::string_view closing : {")", "]", "}", "|", "\\right", "\\rVert", "\\rvert", "\\rangle", ","}) {
      if (starts_with(after, closing)) return Standing::enclosed;
    }
  }
  return Standing::operand;
}

std::vector<Placeholder> placeholders(std::string_view text) {
  std::vector<Placeholder> found;
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    if (text[at] != '{' || text[at + 1] < '0' || text[at + 1] > '9' || text[at + 2] != '}') continue;
    const auto argument = static_cast<std::size_t>(text[at + 1] - '0');
    found.push_back({at, argument, standing(text.substr(0, at), text.substr(at + 3))});
    at += 2;
  }
  return found;
}

// Plain parentheses grow with what they hold.
std::string stretched(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool grows = ends_with(out, "\\left") || ends_with(out, "\\right");
    if (text[i] == '(' && !grows) out += "\\left";
    if (text[i] == ')' && !grows) out += "\\right";
    out += text[i];
  }
  return out;
}

class LatexWriter : public Writer {
 public:
  using Writer::Writer;

 protected:
  std::string_view open() const override { return "\\left("; }
  std::string_view close() const override { return "\\right)"; }

  Level level(PieceId id) const override {
    switch (pieces_.form(id)) {
      case Form::sum: return Level::sum;
      case Form::name: return is_fraction(id) ? Level::postfix : Level::atom;
      case Form::negate:
      case Form::product:
      case Form::scaled:
      case Form::entrywise_product:
      case Form::quotient:
      case Form::entrywise_quotient:
      case Form::sum_over: return Level::product;
      case Form::power:
      case Form::entrywise_power:
      case Form::entrywise_root:
      case Form::unit:
      case Form::transpose: return Level::postfix;
      case Form::ones: return is_row(id) ? Level::postfix : Level::atom;
      case Form::call: return call_level(latex_of(id));
      default: return Level::atom;
    }
  }

  void expand(PieceId id) override {
    const Piece& piece = pieces_[id];
    const std::span<const PieceId> parts = pieces_.parts(id);
    switch (piece.form) {
      case Form::colon: return put(":");
      case Form::integer: return put(pieces_.digits(piece));
      case Form::name: return put_name(pieces_.store.symbol_at(piece.payload));
      case Form::dimension: return put(latex_name(pieces_.store.dims.atom_name(piece.payload)));
      case Form::zeros: return put("0");
      case Form::ones: return put_ones(id, parts);
      case Form::identity: return put_indexed("I", parts, "");
      case Form::unit: return put_unit(parts);
      case Form::selection:
        return put_selection(find_selection(OpId{static_cast<std::uint16_t>(piece.payload)}), parts);
      case Form::unvec: return put_unvec(parts);
      case Form::negate: put("-"); return put(parts[0], Level::product);
      case Form::sum: return put_sum(parts);
      case Form::product: return put_factors(parts, Level::postfix);
      case Form::scaled: return put_factors(parts, Level::product);
      case Form::entrywise_product: return put_list(parts, " \\odot ", Level::postfix);
      case Form::quotient: return put_fraction(parts);
      case Form::entrywise_quotient: return put_entrywise_quotient(parts);
      case Form::power: return put_power(parts, "");
      case Form::entrywise_power: return put_power(parts, "\\circ ");
      case Form::root:
        put("\\sqrt{");
        put_piece(parts[0]);
        return put("}");
      case Form::entrywise_root: put(parts[0], Level::atom); return put("^{\\circ \\frac{1}{2}}");
      case Form::transpose: put(parts[0], Level::atom); return put("^{\\top}");
      case Form::index: return put_index(parts);
      case Form::sum_over: return put_sum_over(parts);
      case Form::blocks: return put_blocks(parts, piece.payload);
      case Form::call: return put_template(latex_of(id), parts);
    }
  }

 private:
  // ---- leaves

  void put_name(const Symbol& symbol) {
    if (is_derived(symbol)) return put(derived_name(pieces_.store, symbol, Script::latex));
    const std::string& name = symbol.name;
    const bool is_differential =
        symbol.role == Symbol::Role::differential && name.size() > 1 && name[0] == 'd' && name[1] != '_';
    if (!is_differential) return put(latex_name(name));
    put("\\mathrm{d}");
    put(latex_name(std::string_view(name).substr(1)));
  }

  bool is_fraction(PieceId id) const { return pieces_.store.symbol_at(pieces_[id].payload).by != no_node; }
  bool is_one(PieceId id) const { return pieces_.form(id) == Form::integer && pieces_.digits(pieces_[id]) == "1"; }
  bool is_row(PieceId ones) const { return pieces_[ones].count == 2 && is_one(pieces_.part(ones, 0)); }

  void put_ones(PieceId id, std::span<const PieceId> sizes) {
    if (!is_row(id)) return put_indexed("\\mathbf{1}", sizes, " \\times ");
    put_indexed("\\mathbf{1}", sizes.subspan(1), "");
    put("^{\\top}");
  }

  void put_indexed(std::string_view head, std::span<const PieceId> indices, std::string_view separator) {
    put(head);
    put("_{");
    put_list(indices, separator, Level::sum);
    put("}");
  }

  // K_{m,n}; of one size alone upright, for D_n may be a variable.
  void put_selection(const Selection* selection, std::span<const PieceId> sizes) {
    const std::string name(selection->name);
    put_indexed(sizes.size() == 1 ? "\\operatorname{" + name + "}" : name, sizes, ",");
  }

  void put_unit(std::span<const PieceId> parts) {
    put_indexed("e", parts.first(1), "");
    put("^{(");
    put_list(parts.subspan(1), "", Level::sum);
    put(")}");
  }

  void put_unvec(std::span<const PieceId> parts) {
    put_indexed("\\operatorname{unvec}", parts.subspan(1), " \\times ");
    put("\\left(");
    put_piece(parts[0]);
    put("\\right)");
  }

  // ---- sums and products

  void put_sum(std::span<const PieceId> terms) {
    put(terms[0], Level::product);
    for (PieceId term : terms.subspan(1)) {
      const bool negative = pieces_.form(term) == Form::negate;
      put(negative ? " - " : " + ");
      put(negative ? pieces_.part(term, 0) : term, Level::product);
    }
  }

  bool starts_with_digit(PieceId id) const {
    while (pieces_.form(id) == Form::power || pieces_.form(id) == Form::product) id = pieces_.part(id, 0);
    return pieces_.form(id) == Form::integer;
  }

  void put_factors(std::span<const PieceId> parts, Level last) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0 && is_differential(parts[i - 1])) put("\\,");  // dX apart from the factor behind
      if (i > 0) put(starts_with_digit(parts[i]) ? " \\cdot " : " ");
      put(parts[i], i + 1 == parts.size() ? last : Level::postfix);
    }
  }

  bool is_differential(PieceId id) const {
    if (pieces_.form(id) == Form::transpose) return is_differential(pieces_.part(id, 0));
    if (pieces_.form(id) != Form::name) return false;
    const Symbol& symbol = pieces_.store.symbol_at(pieces_[id].payload);
    return symbol.role == Symbol::Role::differential && symbol.by == no_node;
  }

  void put_fraction(std::span<const PieceId> parts) {
    put("\\frac{");
    put_piece(parts[0]);
    put("}{");
    put_piece(parts[1]);
    put("}");
  }

  void put_entrywise_quotient(std::span<const PieceId> parts) {
    const Form form = pieces_.form(parts[0]);
    const bool reads_well = form == Form::scaled || form == Form::entrywise_product;
    if (is_one(parts[0])) {
      put("\\mathbf{1}");
    } else {
      put(parts[0], reads_well ? Level::product : Level::postfix);
    }
    put(" \\oslash ");
    put(parts[1], Level::postfix);
  }

  void put_sum_over(std::span<const PieceId> parts) {
    put("\\sum_{");
    put_piece(parts[0]);
    put("=");
    put_piece(parts[1]);
    put("}^{");
    put_piece(parts[2]);
    put("} ");
    put(parts[3], Level::product);
  }

  void put_blocks(std::span<const PieceId> parts, std::size_t columns) {
    put("\\begin{bmatrix} ");
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (i > 0) put(i % columns == 0 ? " \\\\ " : " & ");
      put_piece(parts[i]);
    }
    put(" \\end{bmatrix}");
  }

  // ---- scripts

  // An exponent called T stands in parentheses, as in X^{-(T)}: without them it is read as a transposition.
  bool is_called_t(PieceId id) const {
    if (pieces_.form(id) == Form::negate) return is_called_t(pieces_.parts(id)[0]);
    return pieces_.form(id) == Form::name && pieces_.store.symbol_at(pieces_[id].payload).name == "T";
  }

  void put_power(std::span<const PieceId> parts, std::string_view mark) {
    const bool in_parentheses = is_called_t(parts[1]);
    put(parts[0], Level::atom);
    put("^{");
    put(mark);
    if (in_parentheses) put("\\left(");
    put_piece(parts[1]);
    if (in_parentheses) put("\\right)");
    put("}");
  }

  // Whether a letter in it is a size: x_{i} is an entry where i is an index of a sum.
  bool has_size(PieceId id) const {
    if (pieces_.form(id) == Form::dimension) return true;
    const auto parts = pieces_.parts(id);
    return std::any_of(parts.begin(), parts.end(), [&](PieceId part) { return has_size(part); });
  }

  void put_index(std::span<const PieceId> parts) {
    // A name with an index of its own is taken as a whole, {x_{1}}_{i}; and {x}_{1} is an entry, x_{1} a name.
    const Symbol& symbol = pieces_.store.symbol_at(pieces_[parts[0]].payload);
    const bool could_be_name = std::any_of(parts.begin() + 1, parts.end(), [&](PieceId part) {
      return pieces_.form(part) == Form::integer || has_size(part);
    });
    const bool has_colon = std::count(parts.begin() + 1, parts.end(), colon_piece) > 0;
    const bool is_indexed = (could_be_name && !has_colon) || latex_name(symbol.name).find("_{") != std::string::npos;
    if (is_indexed) put("{");
    put_piece(parts[0]);
    if (is_indexed) put("}");
    put("_{");
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (i > 1) put(",");
      parts[i] == colon_piece ? put(":") : put_piece(parts[i]);
    }
    put("}");
  }

  // ---- operators of the table, as their entries have them

  const Operator& entry(PieceId id) const { return entry_of(OpId{static_cast<std::uint16_t>(pieces_[id].payload)}); }

  std::string latex_of(PieceId id) const {
    if (entry(id).latex[0] != '\0') return stretched(entry(id).latex);
    std::string text = "\\operatorname{";
    for (char c : entry(id).name) text.append(c == '_' ? "\\" : "").append(1, c);
    text += "}\\left(";
    for (std::size_t i = 0; i < pieces_[id].count; ++i) {
      text.append(i > 0 ? ", " : "").append("{").append(std::to_string(i)).append("}");
    }
    return text.append("\\right)");
  }

  static Level call_level(std::string_view text) {
    Level least = Level::atom;
    for (const Placeholder& at : placeholders(text)) {
      if (at.standing == Standing::operand) return Level::product;
      if (at.standing == Standing::scripted) least = Level::postfix;
    }
    return starts_with(text, "\\frac") ? Level::product : least;
  }

  void put_template(const std::string& text, std::span<const PieceId> arguments) {
    std::size_t done = 0;
    for (const Placeholder& at : placeholders(text)) {
      put(std::string_view(text).substr(done, at.begin - done));
      const Level least = at.standing == Standing::enclosed   ? Level::sum
                          : at.standing == Standing::scripted ? Level::atom
                                                              : Level::postfix;
      if (at.argument < arguments.size()) put(arguments[at.argument], least);
      done = at.begin + 3;
    }
    put(std::string_view(text).substr(done));
  }
};

}  // namespace

std::string to_latex(const Store& store, NodeId root) {
  return LatexWriter(present(store, root)).write();
}

}  // namespace matgrad
