// SPDX-License-Identifier: MIT
#include "identity_rows.hpp"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "engine/choices.hpp"
#include "syntax/parser.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

std::optional<std::string> text_at(const Json& object, const char* key) {
  if (!object.contains(key)) return std::nullopt;
  return object.at(key).get<std::string>();
}

IdentityRow row_of(const Json& object) {
  IdentityRow row;
  row.id = object.at("id");
  row.section = object.value("section", "");
  row.section_zh = object.value("section_zh", row.section);
  row.identity =
      object.contains("equation") ? "(" + object.at("equation").get<std::string>() + ")" : object.value("identity", "");
  row.identity_zh = object.value("identity_zh", row.identity);
  row.expression = object.at("expr");
  row.wrt = object.at("wrt");
  for (const auto& [name, kind] : object.at("vars").items()) {
    row.variables.push_back(name + ": " + kind.get<std::string>());
  }
  row.form = chosen<Form>(forms, object.value("form", "matrix")).value();
  row.order = object.value("order", 1);
  row.one_layout = object.contains("layout") || row.form != Form::matrix || row.order != 1;
  row.layout = chosen<Layout>(layouts, object.value("layout", "denominator")).value();
  row.expected = text_at(object, "expected");
  row.expected_numerator = text_at(object, "expected_numerator");
  row.expected_free_entries = text_at(object, "expected_free_entries");
  row.longer = text_at(object, "longer");
  return row;
}

}  // namespace

std::vector<IdentityRow> identity_rows(const std::string& name) {
  const std::string path = MATGRAD_SOURCE_DIR "/tests/identities/" + name + ".jsonl";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::vector<IdentityRow> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(row_of(Json::parse(line)));
  return rows;
}

std::vector<Layout> layouts_of(const IdentityRow& row) {
  if (row.one_layout) return {row.layout};
  return {Layout::denominator, Layout::numerator};
}

DeriveRequest request_for(const IdentityRow& row, Layout layout) {
  DeriveRequest request;
  request.expression = row.expression;
  request.wrt = row.wrt;
  request.variables = row.variables;
  request.layout = layout;
  request.form = row.form;
  request.order = row.order;
  return request;
}

std::size_t operator_count(const std::string& text) {
  constexpr std::array<std::string_view, 7> constants = {"I", "eye", "ones", "zeros", "K", "D", "L"};
  const auto tree = parse(text);
  if (!tree) throw std::runtime_error("cannot parse " + text);
  // Depth first from the root; what stands inside a constant is not counted.
  std::size_t count = 0;
  std::vector<std::uint32_t> pending{tree->root};
  while (!pending.empty()) {
    const SyntaxNode& node = (*tree)[pending.back()];
    pending.pop_back();
    if (node.kind == Syntax::number || node.kind == Syntax::name || node.kind == Syntax::colon) continue;
    bool is_constant = false;
    for (std::string_view name : constants)
      is_constant = is_constant || (node.kind == Syntax::call && node.text == name);
    if (is_constant) continue;
    ++count;
    pending.insert(pending.end(), node.children.begin(), node.children.end());
  }
  return count;
}

}  // namespace matgrad
