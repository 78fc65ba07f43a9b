// SPDX-License-Identifier: MIT
#include "engine/lint.hpp"

#include <algorithm>
#include <optional>

#include "engine/lint_context.hpp"
#include "engine/lint_statement.hpp"
#include "syntax/names.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_open_names = 3;
constexpr std::string_view constants[] = {"I", "pi"};  // not an operator

Diagnostics because(Message message, std::vector<std::string> arguments = {}) {
  Diagnostic reason;
  reason.message = message;
  reason.arguments = std::move(arguments);
  return {reason};
}

bool has_dots(const std::string& text) {
  for (const char* dots : {"\\cdots", "\\ldots", "\\dots", "\\vdots", "...", "…"}) {
    if (text.find(dots) != std::string::npos) return true;
  }
  return false;
}

bool is_zero(const std::string& text) {
  std::string bare;
  for (char c : text) {
    if (c != ' ' && c != '{' && c != '}' && c != '&' && c != '\n') bare += c;
  }
  return bare == "0" || bare == "\\mathbf0" || bare == "\\boldsymbol0" || bare == "\\vec0" || bare == "\\bm0";
}

std::vector<std::string> names_in(const SyntaxTree& tree) {
  std::vector<std::string> names;
  for (const SyntaxNode& node : tree.nodes) {
    const bool is_constant = std::count(std::begin(constants), std::end(constants), node.text) > 0;
    if (node.kind == Syntax::name && !is_constant) names.push_back(node.text);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

// "x" of f(x) and f\left(x\right); empty for f.
std::string argument_in(const std::string& applied) {
  const std::size_t begin = applied.find('(');
  const std::size_t end = applied.rfind(')');
  if (begin == std::string::npos || end == std::string::npos || end < begin) return {};
  const std::string inside = applied.substr(begin + 1, end - begin - 1);
  return inside.substr(0, inside.rfind("\\right"));
}

// One step of a statement's claim through what the document knows.
class Linter {
 public:
  explicit Linter(const Document& document) : document_(document) { result_.file = document.file; }

  LintResult run() {
    for (std::size_t i = 0; i < document_.parts.size(); ++i) {
      const DocumentPart& part = document_.parts[i];
      switch (part.kind) {
        case DocumentPart::Kind::declarations: context_.declare(part.text); break;
        case DocumentPart::Kind::break_of_block: end_sentence(); break;
        case DocumentPart::Kind::words: words(part.text); break;
        case DocumentPart::Kind::formula:
          look_ahead(i);
          part.notation == InputNotation::text ? text_formula(part) : formula(part);
          sentence_ += "$" + part.text + "$";
          context_.words(sentence_);
          break;
      }
    }
    return std::move(result_);
  }

 private:
  void end_sentence() {
    sentence_.clear();
    context_.end_sentence();
  }

  void words(const std::string& text) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool is_stop = (text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n')) ||
                           text.compare(i, 3, "。") == 0;
      if (!is_stop) continue;
      sentence_ += text.substr(begin, i - begin);
      context_.words(sentence_);
      end_sentence();
      begin = i + 1;
    }
    sentence_ += text.substr(begin);
    context_.words(sentence_);
  }

  // "… = 2Ax if A is symmetric": what follows a formula at once is said of it.
  void look_ahead(std::size_t at) {
    std::string rest;
    for (std::size_t i = at + 1; i < document_.parts.size() && rest.size() < 200; ++i) {
      const DocumentPart& part = document_.parts[i];
      if (part.kind == DocumentPart::Kind::break_of_block || part.kind == DocumentPart::Kind::declarations) break;
      rest += part.kind == DocumentPart::Kind::formula ? "$" + part.text + "$" : part.text;
    }
    rest = rest.substr(0, std::min({rest.find(". "), rest.find(".\n"), rest.find("。"), rest.size()}));
    std::size_t begin = 0;
    while (begin < rest.size() &&
           (rest[begin] == ' ' || rest[begin] == ',' || rest[begin] == '(' || rest[begin] == '\n'))
      ++begin;
    for (const char* connective : {"if ", "when ", "for ", "where ", "provided", "with ", "since ", "because ",
                                   "assuming", "（", "若", "如果", "当", "其中", "因为"}) {
      if (rest.compare(begin, std::string(connective).size(), connective) == 0) context_.words(rest.substr(begin));
    }
  }

  FilePlace place_of(const DocumentPart& part, std::size_t offset) const {
    std::size_t line = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < offset && i < part.text.size(); ++i) {
      if (part.text[i] == '\n') ++line, start = i + 1;
    }
    const FilePlace place = part.places[std::min(line, part.places.size() - 1)];
    return behind(place, std::string_view(part.text).substr(start, offset - start));
  }

  void text_formula(const DocumentPart& part) {
    const FilePlace place = place_of(part, 0);
    const auto claims = read_claims(part.text, InputNotation::text);
    if (!claims) return skip(place, part.text, claims.error());
    for (const Claim& claim : *claims) judge(claim, place, part.text, {});
  }

  void formula(const DocumentPart& part) {
    if (part.text.find("\\newcommand") != std::string::npos) return;
    std::string head;  // the left side of the statement before, for rows that begin with =
    const bool has_cases = part.text.find("{cases}") != std::string::npos;
    for (const Statement& statement : split_statements(part.text)) {
      const FilePlace place = place_of(part, statement.offset);
      const StatementShape shape = shape_of(statement, document_.macros);
      if (!statement.words.empty()) context_.words(statement.text.empty() ? statement.words : statement.words + " ");
      switch (shape.kind) {
        case StatementKind::nothing:
          context_.bare_name(statement.text, document_.macros);
          if (!shape.left.empty()) head.clear();
          break;
        case StatementKind::membership: context_.membership(statement.text, document_.macros); break;
        case StatementKind::definition:
          head.clear();
          if (!has_cases) context_.define(shape.name, {shape.right, argument_in(shape.left)});
          break;
        case StatementKind::unclear: skip(place, statement.text, because(Message::lint_not_equation)); break;
        case StatementKind::continuation:
          if (!head.empty()) claim(head + statement.text, head, statement.text, place, has_cases);
          break;
        case StatementKind::derivative:
        case StatementKind::identity:
          head = shape.left;
          claim(statement.text, shape.left, shape.right, place, has_cases);
          break;
      }
    }
  }

  void skip(FilePlace place, const std::string& text, Diagnostics reason) {
    Finding finding;
    finding.place = place;
    finding.claim = text;
    finding.skipped = true;
    finding.reason = std::move(reason);
    result_.findings.push_back(std::move(finding));
  }

  void claim(const std::string& text, const std::string& left, const std::string& right, FilePlace place,
             bool has_cases) {
    const LatexMacros& macros = document_.macros;
    const bool derives = has_derivative(scan_latex(text, macros));
    const auto unclear = [&](Diagnostics reason) {
      // What does not mention a derivative is an equation of the text, not for us to understand.
      if (derives) skip(place, text, std::move(reason));
    };
    if (has_cases || has_dots(text)) return unclear(because(Message::lint_elided));
    std::string meant = text;
    std::size_t at = 0;
    std::size_t length = 0;
    const std::string function = derives ? named_function(left, macros, at, length) : std::string();
    if (!function.empty()) {
      const LintContext::Definition* known = context_.definition(function);
      const bool is_variable = known == nullptr && is_own_variable(left, function);
      if (known == nullptr && !is_variable) return skip(place, text, because(Message::lint_undefined, {function}));
      if (known != nullptr) {
        const std::string variable = name_of(known->argument, macros);
        const std::string point = name_of(argument_in(left.substr(at, length)), macros);
        // ∇f(x_0) is about another letter than f(x) = … is.
        if (!variable.empty() && !point.empty() && point != variable)
          return skip(place, text, because(Message::lint_undefined, {left.substr(at, length)}));
        const bool is_open = left.find("\\nabla") < at && left.substr(0, at).find('_') == std::string::npos;
        meant = left.substr(0, at);
        if (is_open && !variable.empty()) meant.append("_{").append(known->argument).append("}");
        meant += "\\left(" + known->value + "\\right)" + text.substr(at + length);
      }
    }
    const std::vector<LatexPiece> pieces = scan_latex(right, macros);
    const bool derives_on_right = std::any_of(pieces.begin(), pieces.end(), [](const LatexPiece& piece) {
      return piece.is_command("\\partial") || piece.is_command("\\nabla");
    });
    if (derives_on_right) return skip(place, text, because(Message::lint_derivative_on_right));
    const std::string applied = applied_function(meant, macros);
    if (!applied.empty()) return unclear(because(Message::lint_undefined, {applied}));
    read(meant, text, right, place, derives);
  }

  // x in \frac{\partial x}{\partial x} = I.
  static bool is_own_variable(const std::string& left, const std::string& name) {
    std::size_t count = 0;
    for (std::size_t i = left.find(name); i != std::string::npos; i = left.find(name, i + 1)) ++count;
    return count > 1 ||
           (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z' && left.find("frac") == std::string::npos);
  }

  void read(const std::string& meant, const std::string& shown, const std::string& right, FilePlace place,
            bool derives) {
    LatexContext context;
    context.macros = document_.macros;
    context.reading = Reading::claim;
    context.sizes_are_known = false;
    LatexFaces faces;
    const auto claims = read_latex_claims(meant, context, &faces);
    if (!claims) {
      if (derives) skip(place, shown, claims.error());
      return;
    }
    for (const Claim& claim : *claims) {
      if (is_zero(right) && claims->size() == 1 && claim.kind != Claim::Kind::identity) {
        skip(place, shown, because(Message::lint_set_to_zero));
        continue;
      }
      if (claim.kind == Claim::Kind::identity && names_in(claim.left) != names_in(claim.right))
        continue;  // an equation
      judge(claim, place, shown, faces);
    }
  }

  // With all that is known of the names; with less where that does not fit together. Small letters that were taken for
  // scalars by convention alone may be vectors: where only that makes the claim true, they are.
  std::optional<Result<CheckedClaim>> check_in_context(const Claim& claim, const LatexFaces& faces) const {
    std::optional<Result<CheckedClaim>> best;
    for (int level : {2, 1, 0}) {
      const std::vector<std::string> known = context_.declarations(faces, level);
      const std::vector<std::string> open = open_names(claim, known);
      const std::size_t choices = std::size_t{1} << std::min(open.size(), most_open_names);
      for (std::size_t choice = 0; choice < choices; ++choice) {
        // None of them, all of them, then the others.
        const std::size_t bits = choice == 0 ? 0 : choices - choice;
        std::vector<std::string> declarations = known;
        for (std::size_t i = 0; i < open.size() && i < most_open_names; ++i) {
          if ((bits >> i) & 1) declarations.push_back(open[i] + ": vector");
        }
        auto checked = check(claim, declarations);
        if (checked && checked->verdict == Verdict::holds) return checked;
        if (!best || (!*best && checked)) best = std::move(checked);
      }
      if (*best) return best;
    }
    return best;
  }

  static std::vector<std::string> open_names(const Claim& claim, const std::vector<std::string>& known) {
    std::vector<std::string> names = names_in(claim.left);
    for (const std::string& name : names_in(claim.right)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&](const std::string& name) {
                                 const bool is_declared =
                                     std::any_of(known.begin(), known.end(),
                                                 [&](const std::string& one) { return one.rfind(name + ":", 0) == 0; });
                                 return is_declared || kind_by_convention(name) != Kind::scalar;
                               }),
                names.end());
    return names;
  }

  void judge(const Claim& claim, FilePlace place, const std::string& shown, const LatexFaces& faces) {
    auto checked = check_in_context(claim, faces);
    if (!*checked) {
      if (claim.kind != Claim::Kind::identity) skip(place, shown, checked->error());
      return;
    }
    Finding finding;
    finding.place = place;
    finding.claim = shown;
    finding.checked = std::move(**checked);
    // S' = S says what S is.
    const std::optional<Diagnostic>& condition = finding.checked.condition;
    const bool is_assumption =
        claim.kind == Claim::Kind::identity && condition && condition->message != Message::condition_sizes;
    if (is_assumption || (claim.kind == Claim::Kind::identity && !is_worth_judging(claim, finding.checked))) return;
    note_layout(finding);
    result_.findings.push_back(std::move(finding));
  }

  // An identity has something on its left that can be written otherwise.
  static bool is_worth_judging(const Claim& claim, const CheckedClaim& checked) {
    if (checked.verdict == Verdict::holds) return true;
    const auto has_operation = [](const SyntaxTree& tree) {
      return std::any_of(tree.nodes.begin(), tree.nodes.end(),
                         [](const SyntaxNode& node) { return node.kind == Syntax::call; }) ||
             ((tree[tree.root].kind == Syntax::transpose || tree[tree.root].kind == Syntax::power) &&
              tree[tree[tree.root].children[0]].kind != Syntax::name);
    };
    return has_operation(claim.left);
  }

  void note_layout(const Finding& finding) {
    const std::vector<std::string>& in = finding.checked.true_in;
    const bool denominator = std::find(in.begin(), in.end(), "denominator") != in.end();
    const bool numerator = std::find(in.begin(), in.end(), "numerator") != in.end();
    if (denominator == numerator) return;
    std::vector<std::uint32_t>& lines = denominator ? result_.in_denominator : result_.in_numerator;
    if (lines.empty() || lines.back() != finding.place.line) lines.push_back(finding.place.line);
  }

  const Document& document_;
  LintContext context_;
  LintResult result_;
  std::string sentence_;
};

}  // namespace

FilePlace behind(FilePlace place, std::string_view text) {
  place.column += static_cast<std::uint32_t>(code_point_count(text));
  if (!place.in_json) return place;
  const auto is_escaped = [](char c) { return c == '\\' || c == '"' || c == '\n' || c == '\t' || c == '\r'; };
  place.column += static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), is_escaped));
  return place;
}

LintResult lint(const Document& document) {
  return Linter(document).run();
}

}  // namespace matgrad
