// SPDX-License-Identifier: MIT
#include "codegen/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/remark.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

struct TargetWord {
  CodeTarget target;
  std::string_view word;
};
constexpr TargetWord target_words[] = {{CodeTarget::numpy, "numpy"}, {CodeTarget::jax, "jax"},
                                       {CodeTarget::torch, "torch"}, {CodeTarget::cpp, "cpp"},
                                       {CodeTarget::julia, "julia"}, {CodeTarget::matlab, "matlab"}};

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const bool begins = at == 0 || list[at - 1] == ' ';
    const bool ends = at + word.size() == list.size() || list[at + word.size()] == ' ';
    if (begins && ends) return true;
  }
  return false;
}

bool is_entrywise_form(ValueForm form) {
  return form >= ValueForm::add && form <= ValueForm::root;
}

// Whether an argument at `at` of a template stands alone between brackets and commas.
bool stands_alone(std::string_view text, std::size_t from, std::size_t to) {
  const char before = from == 0 ? ' ' : text[from - 1];
  const bool after_comma = from >= 2 && text[from - 2] == ',' && before == ' ';
  const char after = to < text.size() ? text[to] : ' ';
  return (before == '(' || before == '[' || after_comma) && (after == ')' || after == ',' || after == ']');
}

}  // namespace

std::string_view name_of(CodeTarget target) {
  for (const TargetWord& one : target_words) {
    if (one.target == target) return one.word;
  }
  return "";
}

Target::Target(Store& store, const Values& values, const CodeRequest& request)
    : pieces(values.all.size()), names(values.all.size()), store_(store), values_(values), request_(request) {}

CodePiece Target::write(ValueId id) {
  const CodeValue& value = at(id);
  if (is_entrywise_form(value.form)) return entrywise(value);
  switch (value.form) {
    case ValueForm::argument: return {names[id]};
    case ValueForm::index: return index_value(id);
    case ValueForm::constant: return number(value.number);
    case ValueForm::dimension: return dimension_value(value.dim);
    case ValueForm::call: return called(value, spelling(value.op));
    case ValueForm::transpose:
    case ValueForm::reshape:
    case ValueForm::spread:
    case ValueForm::pick_entry:
    case ValueForm::pick_row:
    case ValueForm::pick_rows:
    case ValueForm::pick_column: return rearranged(value);
    case ValueForm::product:
    case ValueForm::inner:
    case ValueForm::total:
    case ValueForm::row_totals:
    case ValueForm::column_totals: return reduced(value);
    case ValueForm::diagonal: return diagonal(value);
    case ValueForm::identity: {
      CodeValue call = value;
      call.op = op::identity;
      return applied(call, spelling(op::identity));
    }
    case ValueForm::apply: break;
    default: return factored(value);
  }
  if (value.op == op::blocks) return blocks(value);
  const Spelling* found = spelling(value.op);
  if (found == nullptr) {
    Diagnostic refusal;
    refusal.message = Message::code_unknown_operator;
    refusal.arguments = {std::string(entry_of(value.op).name), std::string(name_of(request_.target))};
    refusals.push_back(std::move(refusal));
    return {"?"};
  }
  return applied(value, found);
}

const Spelling* Target::spelling(OpId op) const {
  for (const Spelling& one : entry_of(op).code) {
    if (has_word(one.targets, name_of(request_.target))) return &one;
  }
  return nullptr;
}

void Target::use(const Spelling& spelling) {
  if (spelling.import[0] != '\0') imports_.insert(filled(spelling.import, {}, {}));
  if (spelling.helper[0] == '\0') return;
  std::string helper = filled(spelling.helper, {}, {});
  if (std::find(helpers_.begin(), helpers_.end(), helper) == helpers_.end()) helpers_.push_back(std::move(helper));
}

std::string Target::filled(std::string_view text, const CodeValue& value, const std::vector<CodePiece>& arguments) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
    const std::string_view inside = end == std::string_view::npos ? "" : text.substr(at + 1, end - at - 1);
    const bool is_word =
        !inside.empty() && inside.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
    if (!is_word) {
      result += text[at++];
      continue;
    }
    const bool alone = stands_alone(text, at, end + 1);
    if (inside[0] >= '0' && inside[0] <= '9') {
      const CodePiece& argument = arguments[static_cast<std::size_t>(inside[0] - '0')];
      result += alone ? argument.text : argument.within(in_one);
    } else if (inside == "rows" || inside == "cols") {
      const CodePiece size = dimension(inside == "rows" ? value.rows : value.cols);
      result += alone ? size.text : size.within(in_one);
    } else if (inside == "place") {
      result += place(value.arguments.back()).text;
    } else {
      result += word(inside);
    }
    at = end + 1;
  }
  return result;
}

// ---------------------------------------------------------------- numbers and dimensions

std::string Target::number_text(double number) const {
  if (number == std::floor(number) && std::abs(number) < 1e15) return fmt::format("{:.0f}", number);
  return fmt::format("{}", number);
}

CodePiece Target::number(double value) const {
  constexpr int largest_denominator = 128;
  constexpr std::size_t short_decimal = 8;
  if (value < 0) {
    CodePiece positive = number(-value);
    return {"-" + positive.within(in_product), in_negation};
  }
  std::string text = number_text(value);
  if (text.size() <= short_decimal) return {text};
  for (int d = 3; d <= largest_denominator; ++d) {
    const double n = std::round(value * d);
    if (n > 0 && n < 1e6 && n / d == value) return {number_text(n) + " / " + number_text(d), in_product};
  }
  return {text};
}

CodePiece Target::dimension(Dim dim) {
  const WrittenDim parts = store_.dims.written(dim);
  auto term = [&](const DimTerm& one, bool first, std::string& out) {
    std::int64_t c = one.coefficient;
    out += first ? (c < 0 ? "-" : "") : (c < 0 ? " - " : " + ");
    c = std::abs(c);
    std::string factors = c != 1 || one.atoms.empty() ? std::to_string(c) : "";
    for (Atom atom : one.atoms) {
      needed.insert(atom);
      factors += (factors.empty() ? "" : " * ") + dimensions[atom];
    }
    out += factors;
  };
  auto polynomial = [&](const Polynomial& terms) {
    std::string out;
    for (const bool constants : {false, true}) {
      for (const DimTerm& one : terms) {
        if (one.atoms.empty() == constants) term(one, out.empty(), out);
      }
    }
    return out;
  };
  if (parts.rest.empty()) {
    if (parts.whole.empty()) return {"0"};
    const bool is_sum = parts.whole.size() > 1;
    const bool is_plain = parts.whole[0].atoms.size() + (parts.whole[0].coefficient == 1 ? 0 : 1) <= 1;
    return {polynomial(parts.whole), is_sum ? in_sum : is_plain ? in_one : in_product};
  }
  std::string out;
  const bool bare = parts.factor.atoms.empty() && parts.factor.coefficient == 1;
  if (!bare) term(parts.factor, true, out);
  out += (bare ? "(" : " * (") + polynomial(parts.rest) + ")" + integer_division() + std::to_string(parts.denominator);
  if (parts.whole.empty()) return {out, in_product};
  for (const DimTerm& one : parts.whole) term(one, false, out);
  return {out, in_sum};
}

std::set<Atom> readable_dimensions(const Store& store, const Values& values) {
  std::set<Atom> atoms;
  for (ValueId id : values.arguments) {
    for (Dim dim : {values[id].rows, values[id].cols}) {
      if (const auto atom = store.dims.as_atom(dim)) atoms.insert(*atom);
    }
  }
  return atoms;
}

std::vector<Target::Reading> Target::readings() {
  std::vector<Reading> result;
  std::set<Atom> read;
  for (ValueId id : values_.arguments) {
    Reading reading{id, "", ""};
    auto name = [&](Dim dim) -> std::string {
      const auto atom = store_.dims.as_atom(dim);
      if (!atom || needed.count(*atom) == 0 || !read.insert(*atom).second) return "";
      return dimensions[*atom];
    };
    reading.rows = name(at(id).rows);
    reading.cols = name(at(id).cols);
    if (!reading.rows.empty() || !reading.cols.empty()) result.push_back(reading);
  }
  return result;
}

// ---------------------------------------------------------------- the description

std::vector<std::string> Target::described(const CodeFunction& signature,
                                           const std::function<std::string(const CodeValue&)>& shape) {
  const std::set<Atom> written = needed;  // what is only described need not be read off
  std::vector<std::string> lines;
  auto say = [&](Message message, const std::vector<std::string>& arguments) {
    lines.push_back(sentence(message, arguments, request_.language));
  };
  std::string outputs;
  for (const CodeFunction::Output& output : signature.outputs) outputs += (outputs.empty() ? "" : ", ") + output.name;
  say(Message::code_computes, {outputs, request_.expression});
  lines.emplace_back();
  if (!signature.arguments.empty() || !signature.extra.empty()) say(Message::code_arguments, {});
  for (ValueId id : signature.arguments) {
    const std::string row = at(id).is_row() ? sentence(Message::code_row, {}, request_.language) : "";
    lines.push_back("  " + names[id] + ": " + shape(at(id)) + row);
  }
  for (const std::string& extra : signature.extra) {
    lines.push_back("  " + extra + ": " + sentence(Message::code_dimension, {}, request_.language));
  }
  say(Message::code_returns, {});
  for (const CodeFunction::Output& output : signature.outputs) {
    const std::string row = at(output.value).is_row() ? sentence(Message::code_row, {}, request_.language) : "";
    const bool is_long = output.formula.size() > 300;
    const std::string formula = output.formula.empty() || is_long ? "" : ", " + output.formula;
    lines.push_back(fmt::format("  {}: {}{}{}", output.name, shape(at(output.value)), row, formula));
  }
  if (request_.verified_points > 0) {
    lines.emplace_back();
    say(Message::code_checked, {random_points(request_.verified_points, request_.language)});
  }
  needed = written;
  return lines;
}

// ---------------------------------------------------------------- small texts

std::string Target::comments(const std::vector<std::string>& lines, const std::string& sign) {
  std::string text;
  const std::string empty = sign.find_first_not_of(' ') == std::string::npos ? "" : sign;
  for (const std::string& line : lines)
    text.append(line.empty() ? empty : fmt::format("{} {}", sign, line)).append("\n");
  return text;
}

CodePiece Target::sum(const CodePiece& a, const char* sign, const CodePiece& b) {
  return {a.within(in_sum) + sign + b.within(in_sum + 1), in_sum};
}

CodePiece Target::product(const CodePiece& a, const char* sign, const CodePiece& b) {
  return {a.within(in_product) + sign + b.within(in_product + 1), in_product};
}

CodePiece Target::place(ValueId index) {
  const CodeValue& value = at(index);
  const int shift = 1 - first_index();
  if (value.form == ValueForm::constant) return {Target::number_text(value.number - shift)};
  CodePiece number = value.form == ValueForm::index ? CodePiece{names[index]} : pieces[index];
  if (shift == 0) return number;
  return {number.within(in_sum) + " - 1", in_sum};
}

}  // namespace matgrad
