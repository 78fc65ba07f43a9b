// SPDX-License-Identifier: MIT
#include "print/derived_names.hpp"

#include "ops/structural.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

struct Signs {
  const char* d;
  const char* partial;
  const char* square;
  const char* open;
  const char* close;
};

constexpr Signs signs[] = {
    {"d", "d", "2", "(", ")"}, {"d", "∂", "²", "(", ")"}, {"\\mathrm{d}", "\\partial ", "^{2}", "\\left(", "\\right)"}};

const Symbol* symbol_of(const Store& store, NodeId id) {
  return store[id].op == op::symbol ? &store.symbol_at(store[id].first) : nullptr;
}

// "∂f" over "∂X"
std::string fraction(const std::string& above, const std::string& below, Script script) {
  if (script == Script::latex) return "\\frac{" + above + "}{" + below + "}";
  return above + "/" + below;
}

}  // namespace

std::string write(const Store& store, NodeId id, Script script) {
  switch (script) {
    case Script::text: break;
    case Script::unicode: return to_unicode(store, id);
    case Script::latex: return to_latex(store, id);
  }
  return to_text(store, id);
}

std::string derived_name(const Store& store, const Symbol& symbol, Script script) {
  const Signs& s = signs[static_cast<std::size_t>(script)];
  const Symbol* of = symbol_of(store, symbol.of);
  const std::string body = write(store, symbol.of, script);
  if (symbol.by == no_node) {
    if (of == nullptr) return s.d + (s.open + body + s.close);
    const bool again = of->role == Symbol::Role::differential && of->by == no_node && is_derived(*of);
    if (again) return std::string(s.d) + s.square + write(store, of->of, script);
    return is_derived(*of) ? s.d + (s.open + body + s.close) : s.d + body;
  }
  const std::string by = s.partial + write(store, symbol.by, script);
  if (of == nullptr || of->by == no_node) return fraction(s.partial + body, by, script);
  const std::string above = std::string(s.partial).append(script == Script::latex ? "{}" : "").append(s.square) +
                            write(store, of->of, script);
  if (of->by == symbol.by) return fraction(above, by + s.square, script);
  const std::string first = s.partial + write(store, of->by, script);
  return fraction(above, script == Script::text ? "(" + first + "*" + by + ")" : first + " " + by, script);
}

}  // namespace matgrad
