// SPDX-License-Identifier: MIT
// What a textbook does to an expression before differentiating it: norms are read as inner products, and parts that are
// long or occur again get letters: z = W*x, r = X*w - y.
#include <algorithm>

#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "calculus/slots.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "rules/match.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_letters = 8;
constexpr std::uint32_t long_scalar = 3;  // operators; shorter scalars are written out

class Naming {
 public:
  Naming(Recorder& recorder, NodeId root) : r_(recorder), store_(recorder.store), root_(root) {}

  NodeId run() {
    for (const Letter& letter : r_.trace.letters) root_ = substitute(r_.build, root_, letter.value, letter.symbol);
    while (r_.trace.letters.size() < most_letters) {
      const NodeId part = next();
      if (part == no_node) break;
      const NodeId letter = r_.add_letter(letters_for(part), part);
      r_.define(letter, part);
      replace(part, letter);
      while (replace_run(part, letter)) {
      }
    }
    return root_;
  }

 private:
  // Also transposed. A trace may turn around as one of the two is replaced, and has the other then.
  void replace(NodeId part, NodeId letter) {
    const NodeId turned = r_.build.transpose(part);
    for (NodeId before = no_node; before != root_;) {
      before = root_;
      root_ = substitute(r_.build, root_, part, letter);
      root_ = substitute(r_.build, root_, turned, r_.build.transpose(letter));
    }
  }

  // W*x in y'*W*x, where z is W*x; also transposed, x'*W' in x'*W'*y.
  bool replace_run(NodeId part, NodeId letter) {
    if (store_[part].op != op::multiply) return false;
    const NodeId turned = r_.build.transpose(part);
    for (NodeId id : topological(store_, root_)) {
      if (store_[id].op != op::multiply) continue;
      for (const auto& [run, name] : {std::pair(part, letter), std::pair(turned, r_.build.transpose(letter))}) {
        const NodeId shorter = with_run_replaced(id, run, name);
        if (shorter == id) continue;
        root_ = substitute(r_.build, root_, id, shorter);
        return true;
      }
    }
    return false;
  }

  NodeId with_run_replaced(NodeId product, NodeId run, NodeId name) {
    const NodeList factors(store_.children(product).begin(), store_.children(product).end());
    NodeList wanted(store_.children(run).begin(), store_.children(run).end());
    if (store_[run].op == op::transpose && store_[store_.child(run, 0)].op == op::multiply) {
      const NodeId inside = store_.child(run, 0);
      wanted.clear();
      for (std::size_t at = store_[inside].count; at-- > 0;) {
        wanted.push_back(r_.build.transpose(store_.child(inside, at)));
      }
    }
    const auto found = std::search(factors.begin(), factors.end(), wanted.begin(), wanted.end());
    if (found == factors.end() || wanted.size() == factors.size()) return product;
    NodeList replaced(factors.begin(), found);
    replaced.push_back(name);
    replaced.insert(replaced.end(), found + static_cast<std::ptrdiff_t>(wanted.size()), factors.end());
    return r_.build.multiply(replaced);
  }

  bool is_smooth(NodeId id) const {
    for (std::size_t i = 0; i < store_[id].count; ++i) {
      if (slot_at(store_, id, i).kind == Slot::Kind::smooth) return true;
    }
    return false;
  }

  // -y, 2*y
  bool is_multiple(NodeId id) const {
    const OpId op = store_[id].op;
    return (op == op::scale || op == op::times) && store_[store_.child(id, 0)].op == op::number;
  }

  bool is_letter(NodeId id) const {
    return std::any_of(r_.trace.letters.begin(), r_.trace.letters.end(),
                       [&](const Letter& letter) { return letter.symbol == id; });
  }

  const char* letters_for(NodeId part) const {
    const Type& type = store_.type(part);
    if (type.is_scalar()) return "stuvab";
    if (is_smooth(part)) return type.is_matrix() ? "HPQRS" : "hpqgs";
    bool difference = false;
    if (store_[part].op == op::add) {
      for (NodeId term : store_.children(part)) {
        const auto value = r_.build.number_value(store_[term].op == op::scale ? store_.child(term, 0) : term);
        difference = difference || (value && value->is_negative());
      }
    }
    if (difference) return type.is_matrix() ? "RSTUV" : "rstuv";
    return type.is_matrix() ? "ZUVYT" : "zuvst";
  }

  // The innermost part that deserves a letter.
  NodeId next() {
    const std::vector<NodeId> order = topological(store_, root_);
    std::vector<std::uint64_t> occurrences(store_.size(), 0);
    std::vector<bool> bound(store_.size(), false);     // holds an index
    std::vector<bool> argument(store_.size(), false);  // of a smooth function
    std::vector<bool> needed(store_.size(), false);    // its structure, which a letter has not
    occurrences[index_of(root_)] = 1;
    for (std::size_t at = order.size(); at-- > 0;) {
      for (std::size_t i = 0; i < store_[order[at]].count; ++i) {
        const NodeId child = store_.child(order[at], i);
        std::uint64_t& there = occurrences[index_of(child)];
        there = std::min<std::uint64_t>(1000, there + occurrences[index_of(order[at])]);
        if (slot_at(store_, order[at], i).kind == Slot::Kind::smooth) argument[index_of(child)] = true;
        if (entry_of(store_[order[at]].op).needs != 0) needed[index_of(child)] = true;
      }
    }
    for (NodeId id : sums_with_transposes(order)) occurrences[index_of(id)] += 1;
    for (NodeId id : order) {
      const Node& node = store_[id];
      bound[index_of(id)] = node.op == op::symbol && store_.symbol_at(node.first).role == Symbol::Role::index;
      for (NodeId child : store_.children(id)) bound[index_of(id)] = bound[index_of(id)] || bound[index_of(child)];
      if (id == root_ || bound[index_of(id)] || node.count == 0 || node.op == op::transpose || is_multiple(id))
        continue;
      if (needed[index_of(id)]) continue;
      if (node.type.is_scalar() && node.weight < long_scalar) continue;
      const bool varies = !r_.leaves_of(id).empty();
      const bool again = occurrences[index_of(id)] > 1;
      if (deserves(id, varies, again, argument[index_of(id)])) return id;
    }
    return no_node;
  }

  // A transpose is the same part again: V*U' - Y' beside U*V' - Y. The one with fewer transposes is the part.
  NodeList sums_with_transposes(const std::vector<NodeId>& order) {
    const auto transposes = [&](NodeId root) {
      const std::vector<NodeId> nodes = topological(store_, root);
      return std::count_if(nodes.begin(), nodes.end(), [&](NodeId id) { return store_[id].op == op::transpose; });
    };
    NodeList found;
    for (NodeId id : order) {
      if (store_[id].op != op::add || store_[id].type.is_scalar()) continue;
      const NodeId turned = r_.build.transpose(id);
      if (turned == id || std::find(order.begin(), order.end(), turned) == order.end()) continue;
      if (transposes(id) <= transposes(turned)) found.push_back(id);
    }
    return found;
  }

  bool deserves(NodeId id, bool varies, bool again, bool argument) const {
    const Node& node = store_[id];
    if (!varies) return again && node.weight > 0 && !node.type.is_scalar() && has_variable(id);
    if (argument) return true;
    if (is_smooth(id) && !node.type.is_scalar() && is_letter(store_.child(id, 0))) return true;
    return again && (node.weight > 1 || node.op == op::add);
  }

  bool has_variable(NodeId id) const {
    for (NodeId node : topological(store_, id)) {
      if (store_[node].op == op::symbol) return true;
    }
    return false;
  }

  Recorder& r_;
  Store& store_;
  NodeId root_;
};

}  // namespace

namespace {

constexpr int most_norms = 16;

// One squared norm in `root` that varies, as an inner product or trace; the rule that says so, or nullptr.
const CompiledRewrite* open_norm(Recorder& recorder, NodeId& root) {
  Build& build = recorder.build;
  for (NodeId id : topological(build.store(), root)) {
    if (recorder.leaves_of(id).empty()) continue;
    for (const CompiledRewrite* rewrite : Rulebook::get().backwards(build.store()[id].op)) {
      const auto product = Subject(build, id).rewritten(*rewrite);
      if (!product || *product == id) continue;
      root = substitute(build, root, id, *product);
      return rewrite;
    }
  }
  return nullptr;
}

}  // namespace

NodeId with_products(Recorder& recorder, NodeId function, NodeId root) {
  for (int round = 0; round < most_norms; ++round) {
    const CompiledRewrite* rule = open_norm(recorder, root);
    if (rule == nullptr) break;
    recorder.equation(words(rule->source->name), citation(sources::definition), function, root);
  }
  return root;
}

NodeId with_open_norms(Recorder& recorder, NodeId root) {
  for (int round = 0; round < most_norms && open_norm(recorder, root) != nullptr; ++round) {
  }
  return root;
}

NodeId with_letters(Recorder& recorder, NodeId function, NodeId root) {
  const std::size_t before = recorder.trace.letters.size();
  const NodeId result = Naming(recorder, root).run();
  if (recorder.trace.letters.size() > before) {
    recorder.equation(words(Message::step_with_letters), citation(sources::definition), function, result);
  }
  return result;
}

}  // namespace matgrad
