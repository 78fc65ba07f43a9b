// SPDX-License-Identifier: MIT
// What was found of a claim, as JSON and in words.
#include <nlohmann/json.hpp>

#include "base/remark.hpp"
#include "engine/check.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

Json rows_of(const Array<double>& array) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < array.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index j = 0; j < array.cols(); ++j) row.push_back(array(i, j));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json example_of(const CheckedClaim& checked) {
  if (!checked.counterexample) return nullptr;
  const Counterexample& example = *checked.counterexample;
  Json result{{"sizes", Json::object()}, {"values", Json::object()}};
  for (const auto& [name, size] : example.sizes) result["sizes"][name] = size;
  for (const auto& [name, value] : example.values) result["values"][name] = rows_of(value);
  result["claimed"] = rows_of(example.claimed);
  result["correct"] = rows_of(example.correct);
  return result;
}

std::string words(const Diagnostics& list, Language language) {
  std::string text;
  for (const Diagnostic& one : list) {
    if (!text.empty()) text += sentence(Message::list_semicolon, {}, language);
    text += sentence(one.message, one.arguments, language);
  }
  return text;
}

Message reading_name(const std::string& name) {
  if (name == "denominator") return Message::denominator_layout;
  if (name == "numerator") return Message::numerator_layout;
  if (name == "block") return Message::block_form;
  return name == "identity" ? Message::as_identity : Message::as_differential;  // not an operator: the claim's form
}

}  // namespace

const char* name_of(Verdict verdict) {
  if (verdict == Verdict::conditional) return "conditional";
  return verdict == Verdict::holds ? "true" : "false";
}

std::string to_json(const CheckedClaim& checked, Language language) {
  Json result;
  result["claim"] = checked.claim;
  result["verdict"] = name_of(checked.verdict);
  result["true_in"] = checked.true_in;
  result["condition"] = nullptr;
  if (checked.condition) {
    result["condition"] = sentence(checked.condition->message, checked.condition->arguments, language);
  }
  result["why"] = checked.why.empty() ? Json(nullptr) : Json(words(checked.why, language));
  Json shapes = Json::object();
  shapes["claimed"] = nullptr;
  if (!checked.claimed_shape.first.empty()) {
    shapes["claimed"] = {checked.claimed_shape.first, checked.claimed_shape.second};
  }
  for (const CheckedClaim::Form& form : checked.correct) shapes[form.name] = {form.rows, form.cols};
  result["shapes"] = std::move(shapes);
  result["vars"] = Json::object();
  for (const auto& [name, kind] : checked.variables) result["vars"][name] = kind;
  result["counterexample"] = example_of(checked);
  result["correct"] = Json::object();
  for (const CheckedClaim::Form& form : checked.correct) {
    result["correct"][form.name] = {{"text", form.text}, {"latex", form.latex}};
  }
  Json notes = Json::array();
  for (const Diagnostic& one : checked.notes) notes.push_back(sentence(one.message, one.arguments, language));
  result["notes"] = std::move(notes);
  return result.dump(2);
}

std::string verdict_line(const CheckedClaim& checked, Language language) {
  switch (checked.verdict) {
    case Verdict::conditional:
      return sentence(Message::verdict_conditional,
                      {sentence(checked.condition->message, checked.condition->arguments, language)}, language);
    case Verdict::fails: return sentence(Message::verdict_false, {words(checked.why, language)}, language);
    case Verdict::holds: break;
  }
  std::string names;
  for (const std::string& name : checked.true_in) {
    if (!names.empty()) names += sentence(Message::list_of_names, {}, language);
    names += sentence(reading_name(name), {}, language);
  }
  return sentence(Message::verdict_true, {names}, language);
}

Diagnostics details(const CheckedClaim& checked, Language language) {
  Diagnostics result = checked.notes;
  if (checked.verdict == Verdict::holds) return result;
  if (checked.verdict == Verdict::conditional) {
    for (const Diagnostic& why : checked.why) {
      result.push_back(remark(Message::in_general, {sentence(why.message, why.arguments, language)}));
    }
  }
  if (checked.counterexample) {
    const Counterexample& example = *checked.counterexample;
    std::string values;
    for (const auto& [name, value] : example.values) {
      if (!values.empty()) values += sentence(Message::explain_list_comma, {}, language);
      values.append(name).append(" = ").append(array_text(value));
    }
    result.push_back(
        remark(Message::counterexample, {values, array_text(example.claimed), array_text(example.correct)}));
  }
  if (checked.correct.size() == 2 && checked.correct[0].text == checked.correct[1].text) {
    const CheckedClaim::Form& both = checked.correct[0];
    result.push_back(remark(Message::correct_in_both, {both.text, both.rows + "×" + both.cols}));
    return result;
  }
  for (const CheckedClaim::Form& form : checked.correct) {
    if (form.name == "identity") continue;  // not an operator: the left side itself
    const std::vector<std::string> arguments{form.text, form.rows + "×" + form.cols};
    if (form.name == "denominator") result.push_back(remark(Message::correct_in_denominator, arguments));
    if (form.name == "numerator") result.push_back(remark(Message::correct_in_numerator, arguments));
    if (form.name == "block") result.push_back(remark(Message::correct_in_block, arguments));
    if (form.name == "differential") result.push_back(remark(Message::correct_differential, arguments));
  }
  return result;
}

}  // namespace matgrad
