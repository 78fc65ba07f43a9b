// SPDX-License-Identifier: MIT
// The one small change that would make the shapes fit: tried out, never guessed.
#include <algorithm>

#include "syntax/parser.hpp"
#include "syntax/problems.hpp"
#include "syntax/shape_error.hpp"

namespace matgrad {
namespace {

constexpr std::size_t largest_tried = 1000;  // nodes: inference runs once more for every try
constexpr std::size_t most_tries = 12;

class Fixer {
 public:
  explicit Fixer(const Elaboration& all)
      : all_(all), forest_(all.forest), problem_(all.inference.problems()[0]), source_(all.forest.tree(0).source) {}

  std::string run() {
    switch (problem_.message) {
      case Message::unknown_function_near: rename(problem_.words[0], problem_.words[1]); break;
      case Message::variable_called: rename(problem_.words[0], problem_.words[0] + "*"); break;
      case Message::power_of_not_square:
      case Message::exponent_not_scalar: make_elementwise('^'); break;
      case Message::divisor_not_scalar: make_elementwise('/'); break;
      case Message::inner_sizes_differ: {
        transpose_operands();
        make_elementwise('*');
        break;
      }
      default: transpose_operands(); break;
    }
    return result_;
  }

 private:
  bool done() const { return !result_.empty() || tries_ >= most_tries; }

  void try_out(const Edit& edit) {
    if (done()) return;
    ++tries_;
    const auto mended = mend(source_, {edit});
    if (!mended) return;
    const auto tree = parse(*mended);
    if (!tree) return;
    const SyntaxTree* pointer = &*tree;
    const Forest forest(std::span<const SyntaxTree* const>(&pointer, 1));
    Names names = resolve_names(all_.scope, forest);
    Inference inference(all_.scope, forest, names, {});
    inference.run();
    if (inference.problems().empty()) result_ = *mended;
  }

  void rename(const std::string& from, const std::string& to) {
    const Span span = forest_[problem_.node].span;
    if (source_.compare(span.begin, from.size(), from) != 0) return;
    try_out({{span.begin, span.begin + static_cast<std::uint32_t>(from.size())}, to});
  }

  // x^2 to x.^2: a point before the operator.
  void make_elementwise(char sign) {
    if (forest_.child_count(problem_.node) != 2) return;
    const std::uint32_t begin = forest_[forest_.child(problem_.node, 0)].span.end;
    const std::uint32_t end = forest_[forest_.child(problem_.node, 1)].span.begin;
    const std::size_t at = source_.find(sign, begin);
    if (at == std::string::npos || at >= end) return;
    const auto place = static_cast<std::uint32_t>(at);
    try_out({{place, place}, "."});
  }

  // The smallest change first: a transpose less, a name transposed, a name inside, a whole operand.
  void transpose_operands() {
    auto each = [&](auto wanted) {
      for (std::uint32_t operand : problem_.operands) {
        if (wanted(forest_[operand].kind)) transpose(operand);
      }
    };
    each([](Syntax kind) { return kind == Syntax::transpose; });
    each([](Syntax kind) { return kind == Syntax::name; });
    for (std::uint32_t operand : problem_.operands) transpose_names_in(operand);
    each([](Syntax kind) { return kind != Syntax::transpose && kind != Syntax::name; });
  }

  void transpose(std::uint32_t at) {
    if (all_.inference.is_scalar(at)) return;
    const SyntaxNode& node = forest_[at];
    const std::string text = forest_.text(at);
    if (node.kind == Syntax::transpose) return try_out({node.span, forest_.text(forest_.child(at, 0))});
    const bool tight = node.kind == Syntax::name || node.kind == Syntax::call || node.kind == Syntax::index ||
                       node.kind == Syntax::block_matrix || text.front() == '(';
    try_out({node.span, tight ? text + "'" : "(" + text + ")'"});
  }

  void transpose_names_in(std::uint32_t operand) {
    std::vector<std::uint32_t> pending{operand};
    std::vector<std::uint32_t> found;
    while (!pending.empty() && found.size() < most_tries) {
      const std::uint32_t at = pending.back();
      pending.pop_back();
      if (all_.names.meaning[at] == Meaning::variable && at != operand) found.push_back(at);
      if (forest_[at].kind == Syntax::index) continue;
      for (std::size_t i = 0; i < forest_.child_count(at); ++i) pending.push_back(forest_.child(at, i));
    }
    for (auto at = found.rbegin(); at != found.rend(); ++at) transpose(*at);
  }

  const Elaboration& all_;
  const Forest& forest_;
  const Problem& problem_;
  const std::string& source_;
  std::string result_;
  std::size_t tries_ = 0;
};

}  // namespace

std::string propose_fix(const Elaboration& all) {
  const bool alone = all.inference.problems().size() == 1 && all.forest.roots().size() == 1;
  if (!alone || all.forest.order().size() > largest_tried) return {};
  return Fixer(all).run();
}

}  // namespace matgrad
