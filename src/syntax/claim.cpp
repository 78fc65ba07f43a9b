// SPDX-License-Identifier: MIT
#include "syntax/claim.hpp"

#include <algorithm>
#include <optional>

#include "syntax/expression_parser.hpp"
#include "syntax/problems.hpp"

namespace matgrad {
namespace {

using Tokens = std::vector<Token>;
using At = std::size_t;

struct Range {
  At begin = 0;
  At end = 0;
  bool empty() const { return begin >= end; }
};

// What stands under the bar of a derivative.
struct Denominator {
  std::string variable;
  bool by_row = false;
  bool over_vec = false;
  bool second = false;
};

// The left side of a claim, taken apart.
struct Head {
  Claim::Kind kind = Claim::Kind::identity;
  int order = 1;
  Denominator by;
  Range body;
};

class ClaimReader {
 public:
  ClaimReader(std::string_view source, Tokens tokens, Problems& problems)
      : source_(source), problems_(problems), tokens_(std::move(tokens)) {}

  std::vector<Claim> run() {
    std::vector<Range> sides = split();
    if (!problems_.empty()) return {};
    if (sides.size() < 2) {
      report_one_side(sides[0]);
      return {};
    }
    Head head = read_head(sides[0]);
    if (head.kind == Claim::Kind::identity && sides.size() == 2) {
      const Head other = read_head(sides[1]);
      if (other.kind != Claim::Kind::identity) {
        head = other;
        std::swap(sides[0], sides[1]);
      }
    }
    std::vector<Claim> claims;
    const SyntaxTree left = expression(head.body);
    for (At i = 1; i < sides.size(); ++i) {
      Claim claim;
      claim.kind = head.kind;
      claim.order = head.order;
      claim.by_row = head.by.by_row;
      claim.over_vec = head.by.over_vec;
      claim.variable = head.by.variable;
      claim.left = left;
      claim.right = expression(sides[i]);
      claims.push_back(std::move(claim));
    }
    return claims;
  }

 private:
  TokenKind kind(At at) const { return at < tokens_.size() ? tokens_[at].kind : TokenKind::end; }
  const std::string& text(At at) const { return tokens_[at].text; }
  bool is_name(At at, std::string_view name) const { return kind(at) == TokenKind::name && text(at) == name; }

  static int change_of_depth(TokenKind token) {
    if (token == TokenKind::open_paren || token == TokenKind::open_bracket) return 1;
    return token == TokenKind::close_paren || token == TokenKind::close_bracket ? -1 : 0;
  }

  std::vector<Range> split() const {
    std::vector<Range> sides;
    At begin = 0;
    int depth = 0;
    for (At at = 0; at < tokens_.size(); ++at) {
      depth += change_of_depth(kind(at));
      const bool ends = kind(at) == TokenKind::end;
      if (!ends && (depth != 0 || kind(at) != TokenKind::equals)) continue;
      sides.push_back({begin, at});
      begin = at + 1;
    }
    return sides;
  }

  Span whole() const { return {tokens_.front().span.begin, static_cast<std::uint32_t>(source_.size())}; }

  // An = behind a parenthesis that nobody closes stands between no two sides: what is wrong before it says more. Where
  // the parenthesis should be closed is not known.
  void report_one_side(Range side) {
    At at = side.begin;
    while (at < side.end && kind(at) != TokenKind::equals) ++at;
    Problems found;
    parse({side.begin, at}, found);
    for (const Diagnostic& error : found.finish(source_, [](std::string_view) { return false; })) {
      problems_.report(error.message, error.span, error.arguments);
    }
    if (problems_.empty()) problems_.report(Message::claim_without_equals, whole());
  }

  // The sign beside an empty side.
  Span next_equals(Range side) const {
    if (kind(side.end) == TokenKind::equals) return tokens_[side.end].span;
    return side.begin > 0 ? tokens_[side.begin - 1].span : whole();
  }

  SyntaxTree expression(Range range) { return parse(range, problems_); }

  SyntaxTree parse(Range range, Problems& problems) {
    Tokens part(tokens_.begin() + static_cast<std::ptrdiff_t>(range.begin),
                tokens_.begin() + static_cast<std::ptrdiff_t>(range.end));
    const std::uint32_t here = part.empty() ? tokens_[std::min(range.begin, tokens_.size() - 1)].span.begin  //
                                            : part.back().span.end;
    Token end;
    end.span = {here, here};
    part.push_back(end);
    if (range.empty()) {
      problems.report(Message::claim_side_missing, next_equals(range));
      return {};
    }
    ExpressionParser parser(source_, std::move(part), problems);
    SyntaxTree tree = parser.expression();
    parser.finish(TokenKind::end, {});
    return tree;
  }

  // The 2 of d², ∂^2 or dx2; steps over it.
  bool takes_two(At& at) const {
    if (kind(at) == TokenKind::superscript && text(at) == "2") return ++at, true;
    if (kind(at) == TokenKind::caret && kind(at + 1) == TokenKind::number && text(at + 1) == "2") return at += 2, true;
    if (kind(at) == TokenKind::caret && kind(at + 1) == TokenKind::open_paren &&
        kind(at + 3) == TokenKind::close_paren && text(at + 2) == "2") {
      return at += 4, true;
    }
    return false;
  }

  // ∂, d, d2, d², ∂²: the order, and `at` behind it; 0 for anything else.
  int takes_differential(At& at) const {
    if (kind(at) == TokenKind::differential || is_name(at, "d")) {
      ++at;
      return takes_two(at) ? 2 : 1;
    }
    if (is_name(at, "d2") || is_name(at, "d_2")) return ++at, 2;
    return 0;
  }

  // x, x', (x), vec(X): what stands behind the ∂ of the denominator.
  bool takes_variable(At& at, Denominator& into) const {
    const bool in_parentheses = kind(at) == TokenKind::open_paren;
    if (in_parentheses) ++at;
    if (is_name(at, "vec") && kind(at + 1) == TokenKind::open_paren) {  // not an operator: ∂vec(X)
      ++at;
      into.over_vec = true;
      if (!takes_variable(at, into)) return false;
    } else if (kind(at) == TokenKind::name) {
      into.variable = text(at++);
    } else {
      return false;
    }
    takes_transpose(at, into);
    if (!in_parentheses) return true;
    if (kind(at) != TokenKind::close_paren) return false;
    ++at;
    takes_transpose(at, into);
    return true;
  }

  void takes_transpose(At& at, Denominator& into) const {
    const bool by_caret = kind(at) == TokenKind::caret && is_name(at + 1, "T");
    if (kind(at) != TokenKind::transpose && !by_caret) return;
    at += by_caret ? 2 : 1;
    into.by_row = true;
  }

  // dx, ∂x', dx2, ∂x^2, ∂x∂x', (∂x): everything up to `end`, or up to what follows where `end` is 0.
  std::optional<Denominator> takes_denominator(At& at, At end, int order) const {
    Denominator result;
    const bool in_parentheses = kind(at) == TokenKind::open_paren;
    if (in_parentheses) ++at;
    if (!takes_one(at, result, order)) return std::nullopt;
    Denominator other;
    At next = at;
    if (order == 2 && kind(next) == TokenKind::star) ++next;
    if (order == 2 && takes_one(next, other, order) && other.variable == result.variable) {
      at = next;
      result.second = true;
      result.by_row = false;
    }
    if (in_parentheses) {
      if (kind(at) != TokenKind::close_paren) return std::nullopt;
      ++at;
    }
    if (end != 0 && at != end) return std::nullopt;
    return result;
  }

  bool takes_one(At& at, Denominator& into, int order) const {
    if (kind(at) == TokenKind::differential || is_name(at, "d")) {
      ++at;
      if (!takes_variable(at, into)) return false;
    } else if (kind(at) == TokenKind::name && text(at).size() > 1 && text(at)[0] == 'd') {
      into.variable = text(at++).substr(1);
      if (kind(at) == TokenKind::open_paren && into.variable == "vec") {  // not an operator: dvec(X)
        into.variable.clear();
        into.over_vec = true;
        if (!takes_variable(at, into)) return false;
      }
      takes_transpose(at, into);
    } else {
      return false;
    }
    if (takes_two(at)) {
      into.second = true;
    } else if (order == 2 && !into.variable.empty() && into.variable.back() == '2') {
      into.variable.pop_back();
      if (!into.variable.empty() && into.variable.back() == '_') into.variable.pop_back();
      into.second = true;
    }
    return !into.variable.empty();
  }

  Head read_head(Range side) const {
    Head head;
    head.body = side;
    At at = side.begin;
    if (kind(at) == TokenKind::nabla) return read_nabla(side);
    const int order = takes_differential(at);
    if (order == 0 || at >= side.end) return head;
    if (kind(at) == TokenKind::slash) {  // d/dx (f)
      At rest = at + 1;
      const auto by = takes_denominator(rest, 0, order);
      if (!by || rest > side.end) return head;
      return {Claim::Kind::derivative, order, *by, {rest, side.end}};
    }
    int depth = 0;
    for (At slash = side.end; slash-- > at;) {
      depth += change_of_depth(kind(slash));
      if (depth != 0 || kind(slash) != TokenKind::slash) continue;
      At rest = slash + 1;
      if (const auto by = takes_denominator(rest, side.end, order)) {
        return {Claim::Kind::derivative, order, *by, {at, slash}};
      }
      rest = slash + 1;  // \frac{\partial f}{\partial x} has its f in the numerator; a factor may not follow
    }
    const TokenKind next = kind(at);
    const bool begins_operand = next == TokenKind::open_paren || next == TokenKind::name || next == TokenKind::norm ||
                                next == TokenKind::number;
    if (begins_operand) head = {Claim::Kind::differential, order, {}, {at, side.end}};
    return head;
  }

  // ∇f, ∇_x f, ∇²f, ∇_x² f.
  Head read_nabla(Range side) const {
    Head head;
    head.kind = Claim::Kind::derivative;
    At at = side.begin + 1;
    head.by.variable = text(side.begin);
    if (takes_two(at)) head.order = 2;
    if (head.by.variable.empty() && kind(at) == TokenKind::nabla) ++at;
    if (kind(at) == TokenKind::star) ++at;
    head.body = {at, side.end};
    return head;
  }

  std::string_view source_;
  Problems& problems_;
  Tokens tokens_;
};

}  // namespace

namespace {

template <class Lex>
Result<std::vector<Claim>> read(std::string_view text, Lex lex_text) {
  if (text.size() > max_input_bytes) {
    Diagnostic too_long;
    too_long.message = Message::input_too_long;
    too_long.arguments = {std::to_string(text.size()), std::to_string(max_input_bytes)};
    return failure(std::move(too_long));
  }
  const auto claims_of = [&](std::string_view input, Problems& problems) {
    Tokens tokens = lex_text(input, problems);
    return ClaimReader(input, std::move(tokens), problems).run();
  };
  Problems problems;
  std::vector<Claim> claims = claims_of(text, problems);
  if (problems.empty()) return claims;
  return tl::make_unexpected(problems.finish(text, [&](std::string_view mended) {
    Problems left;
    claims_of(mended, left);
    return left.empty();
  }));
}

}  // namespace

Result<std::vector<Claim>> read_claims(std::string_view text, InputNotation notation,
                                       const std::set<std::string>& variables) {
  const bool as_latex = notation == InputNotation::latex || (notation == InputNotation::guessed && is_latex(text));
  if (!as_latex) {
    return read(text, [](std::string_view input, Problems& problems) { return lex(input, problems, Reading::claim); });
  }
  LatexContext context;
  context.reading = Reading::claim;
  context.variables = variables;
  return read_latex_claims(text, context, nullptr);
}

Result<std::vector<Claim>> read_latex_claims(std::string_view text, const LatexContext& context, LatexFaces* faces) {
  return read(text,
              [&](std::string_view input, Problems& problems) { return lex_latex(input, problems, context, faces); });
}

}  // namespace matgrad
