// SPDX-License-Identifier: MIT
// A store with its builder and a short way to declare variables, for tests that build expressions directly.
#pragma once

#include <string>

#include "ops/build.hpp"

namespace matgrad {

struct Scene {
  Store store;
  Build b{store};

  Dim dim(const char* name) { return store.dims.name(name); }
  Dim dim(int value) { return store.dims.constant(value); }

  NodeId symbol(std::string name, Dim rows, Dim cols, Properties properties = 0,
                Symbol::Role role = Symbol::Role::variable) {
    const Type type{rows, cols, closed(properties)};
    return b.symbol(store.add_symbol(Symbol{std::move(name), type, role, false}));
  }
  NodeId scalar(const char* name, Properties properties = 0) { return symbol(name, dim_one, dim_one, properties); }
  NodeId vector(const char* name, const char* n) { return symbol(name, dim(n), dim_one); }
  NodeId matrix(const char* name, const char* m, const char* n, Properties properties = 0) {
    return symbol(name, dim(m), dim(n), properties);
  }
  NodeId index(const char* name) { return symbol(name, dim_one, dim_one, 0, Symbol::Role::index); }

  NodeId mul(std::initializer_list<NodeId> factors) { return b.multiply(NodeList(factors.begin(), factors.end())); }
  NodeId add(std::initializer_list<NodeId> terms) { return b.add(NodeList(terms.begin(), terms.end())); }
  NodeId t(NodeId a) { return b.transpose(a); }
  std::uint32_t payload(NodeId symbol) const { return store[symbol].first; }
};

}  // namespace matgrad
