// SPDX-License-Identifier: MIT
// Any bytes, read as an expression and as a declaration: there is a tree whose places lie in the text, or there are
// errors whose places do, and which can be shown in both languages.
#include <cstdlib>
#include <iostream>

#include "syntax/parser.hpp"

namespace {

using namespace matgrad;

void demand(bool holds, const char* what) {
  if (holds) return;
  std::cerr << what << "\n";
  std::abort();
}

bool lies_within(Span span, std::string_view text) {
  return span.begin <= span.end && span.end <= text.size();
}

void check_errors(const Diagnostics& errors, std::string_view text) {
  demand(!errors.empty(), "refused without an error");
  for (const Diagnostic& error : errors) demand(lies_within(error.span, text), "an error lies outside the text");
  for (Language language : {Language::english, Language::chinese}) {
    demand(!render(errors, text, language).empty(), "an error without words");
  }
}

void check_tree(const SyntaxTree& tree, std::string_view text) {
  demand(tree.root < tree.nodes.size(), "a tree without its root");
  for (const SyntaxNode& node : tree.nodes) {
    demand(lies_within(node.span, text), "a node lies outside the text");
    for (std::uint32_t child : node.children) demand(child < tree.nodes.size(), "a child that is not there");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto tree = parse(text)) {
    check_tree(*tree, text);
  } else {
    check_errors(tree.error(), text);
  }
  const auto declaration = parse_declaration(text);
  if (!declaration) check_errors(declaration.error(), text);
  return 0;
}
