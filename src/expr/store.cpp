// SPDX-License-Identifier: MIT
#include "expr/store.hpp"

#include <algorithm>

namespace matgrad {
namespace {

constexpr std::size_t maximum_nodes = 20'000'000;  // over a gigabyte: an input that grows so is refused, not served

constexpr std::uint32_t no_payload = 0xffffffffu;

std::uint32_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

std::uint32_t start_hash(OpId op, const Type& type) {
  std::uint32_t hash = mix(0x51ed270bu, static_cast<std::uint32_t>(op));
  hash = mix(hash, static_cast<std::uint32_t>(type.rows));
  return mix(hash, static_cast<std::uint32_t>(type.cols));
}

}  // namespace

Store::Store() {
  buckets_.assign(512, no_node);
  small_integers_.fill(no_payload);
}

void Store::grow() {
  std::vector<NodeId> larger(buckets_.size() * 2, no_node);
  for (std::uint32_t i = 0; i < size_; ++i) {
    std::size_t at = nodes_[i].hash & (larger.size() - 1);
    while (larger[at] != no_node) at = (at + 1) & (larger.size() - 1);
    larger[at] = NodeId{i};
  }
  buckets_.swap(larger);
}

template <class Same>
NodeId Store::find(std::uint32_t hash, const Node& node, Same same) const {
  for (std::size_t at = hash & (buckets_.size() - 1); buckets_[at] != no_node; at = (at + 1) & (buckets_.size() - 1)) {
    const Node& other = nodes_[index_of(buckets_[at])];
    if (other.hash == hash && other.op == node.op && other.count == node.count && other.type.rows == node.type.rows &&
        other.type.cols == node.type.cols && same(other)) {
      return buckets_[at];
    }
  }
  return no_node;
}

template <class Same>
NodeId Store::find_or_add(std::uint32_t hash, const Node& node, Same same) {
  if (const NodeId known = find(hash, node, same); known != no_node) return known;
  if (size_ >= maximum_nodes) throw Bug("expression too large");
  const NodeId fresh{nodes_.push_back(node)};
  ++size_;
  Node& added = nodes_[index_of(fresh)];
  added.hash = hash;
  added.type.properties = closed(node.type.properties);
  std::size_t at = hash & (buckets_.size() - 1);
  while (buckets_[at] != no_node) at = (at + 1) & (buckets_.size() - 1);
  buckets_[at] = fresh;
  if (std::size_t{size_} * 2 > buckets_.size()) grow();
  return fresh;
}

namespace {

std::uint32_t hash_of(OpId op, const Type& type, std::span<const NodeId> children) {
  std::uint32_t hash = start_hash(op, type);
  for (NodeId child : children) hash = mix(hash, index_of(child));
  return hash;
}

}  // namespace

NodeId Store::find(OpId op, const Type& shape, std::span<const NodeId> children) const {
  const Node node{op, 0, 0, static_cast<std::uint32_t>(children.size()), 0, 0, shape};
  return find(hash_of(op, shape, children), node, [&](const Node& other) {
    const std::span<const NodeId> its = children_.run(other.first, other.count);
    return std::equal(children.begin(), children.end(), its.begin());
  });
}

NodeId Store::intern(OpId op, const Type& type, std::span<const NodeId> children, std::uint32_t weight) {
  const Node node{op, 0, 0, static_cast<std::uint32_t>(children.size()), 0, weight, type};
  const std::size_t before = size_;
  const NodeId id = find_or_add(hash_of(op, type, children), node, [&](const Node& other) {
    const std::span<const NodeId> its = children_.run(other.first, other.count);
    return std::equal(children.begin(), children.end(), its.begin());
  });
  if (size_ != before && !children.empty()) nodes_[index_of(id)].first = children_.append(children);
  return id;
}

NodeId Store::intern_leaf(OpId op, const Type& type, std::uint32_t payload) {
  const std::uint32_t hash = mix(start_hash(op, type), payload);
  const Node node{op, 0, payload, 0, 0, 0, type};
  return find_or_add(hash, node, [&](const Node& other) { return other.first == payload; });
}

std::uint32_t Store::add_number(const Rational& value) {
  numbers_.push_back(value);
  return static_cast<std::uint32_t>(numbers_.size() - 1);
}

std::uint32_t Store::intern_number(const Rational& value) {
  const auto integer = value.as_int64();
  if (integer && *integer >= -8 && *integer < 8) {
    std::uint32_t& payload = small_integers_[static_cast<std::size_t>(*integer + 8)];
    if (payload == no_payload) payload = add_number(value);
    return payload;
  }
  const std::size_t hash = value.hash();
  const auto [begin, end] = number_index_.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    if (numbers_[at->second] == value) return at->second;
  }
  return number_index_.emplace(hash, add_number(value))->second;
}

std::uint32_t Store::add_symbol(Symbol symbol) {
  symbols_.push_back(std::move(symbol));
  return static_cast<std::uint32_t>(symbols_.size() - 1);
}

}  // namespace matgrad
