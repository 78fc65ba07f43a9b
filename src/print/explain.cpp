// SPDX-License-Identifier: MIT
#include "print/explain.hpp"

#include <algorithm>
#include <map>

#include "calculus/recorder.hpp"
#include "ops/structural.hpp"
#include "print/names.hpp"
#include "print/page.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

std::string shape_of(const Store& store, NodeId id, Language language) {
  const Type& type = store.type(id);
  return type.is_scalar() ? sentence(Message::explain_scalar, {}, language) : shape_text(store, type);
}

class Explainer {
 public:
  Explainer(const Explanation& what, Detail detail, Sheet& sheet) : what_(what), detail_(detail), sheet_(sheet) {}

  void run() {
    const bool is_root = what_.about == Explained::root;
    sheet_.begin(say(title(), {inline_formula(what_.trace.input), inline_formula(what_.variable)}));
    if (!what_.kinds.empty()) {
      sheet_.paragraph(is_root ? say(Message::explain_where_alone, {kinds()})
                               : say(Message::explain_where, {kinds(), say(what_.layout)}));
    }
    if (!is_root) {
      sheet_.paragraph(say(Message::explain_function));
      sheet_.display(equation(code(what_.trace.function), what_.trace.input));
    }
    std::size_t number = 0;
    const std::vector<ShownStep> steps = shown_steps(what_.trace, detail_);
    for (const ShownStep& shown : steps) {
      const Step& step = *shown.step;
      sheet_.step(++number, sheet_.rule(shown.rule.in(sheet_.language)), sheet_.prose(shown.source.in(sheet_.language)),
                  equation(shown.goes_on ? "" : code(shown.left), step.right),
                  sheet_.prose(shapes_of(what_.store, step.right, sheet_.language)));
    }
    const bool all = steps.size() == what_.trace.steps.size();
    sheet_.paragraph(say(all ? Message::explain_checked : Message::explain_checked_brief,
                         {std::to_string(what_.trace.steps.size())}));
    sheet_.end();
  }

 private:
  Message title() const {
    switch (what_.about) {
      case Explained::derivative: break;
      case Explained::second_derivative: return Message::explain_second_title;
      case Explained::stationary_point: return Message::explain_stationary_title;
      case Explained::root: return Message::explain_equation_title;
    }
    return Message::explain_title;
  }

  // The catalogue shortens what it is given; formulas are put in afterwards, whole.
  std::string say(Message message, const std::vector<std::string>& arguments = {}) const {
    std::vector<std::string> places;
    for (std::size_t i = 0; i < arguments.size(); ++i) places.emplace_back(1, static_cast<char>(i + 1));
    std::string result;
    for (char c : sentence(message, places, sheet_.language)) {
      const auto place = static_cast<unsigned char>(c);
      if (place >= 1 && place <= arguments.size()) {
        result += arguments[place - 1U];
      } else {
        result += c;
      }
    }
    return result;
  }
  std::string code(NodeId id) const { return write(what_.store, id, sheet_.script); }
  std::string inline_formula(NodeId id) const { return sheet_.formula(code(id)); }
  std::string equation(const std::string& left, NodeId right) const {
    return left.empty() ? "= " + code(right) : left + " = " + code(right);
  }

  std::string kinds() const {
    std::string list;
    for (const auto& [name, kind] : what_.kinds) {
      if (!list.empty()) list += say(Message::explain_list_comma);
      const std::string written = sheet_.script == Script::latex ? sheet_.formula(latex_name(name)) : name;
      list += written + ": " + sheet_.prose(kind);
    }
    return list;
  }

  const Explanation& what_;
  Detail detail_;
  Sheet& sheet_;
};

}  // namespace

namespace {

// The texts of some steps one after the other, each part of them once.
Bilingual joined_texts(const std::vector<const Step*>& steps, const Bilingual Step::*text) {
  Bilingual result;
  const auto append_part = [](std::string& list, const std::string& part, const std::string& between) {
    const std::string listed = between + list + between;
    if (listed.find(between + part + between) != std::string::npos) return;
    if (!list.empty()) list += between;
    list += part;
  };
  const auto append = [&](std::string& list, const std::string& one, Language language) {
    const std::string between = sentence(Message::list_semicolon, {}, language);
    for (std::size_t at = 0; at < one.size();) {
      const std::size_t end = std::min(one.find("; ", at), one.size());
      append_part(list, one.substr(at, end - at), between);
      at = end + 2;
    }
  };
  for (const Step* step : steps) {
    append(result.english, (step->*text).english, Language::english);
    append(result.chinese, (step->*text).chinese, Language::chinese);
  }
  return result;
}

}  // namespace

std::vector<ShownStep> shown_steps(const Trace& trace, Detail detail) {
  std::vector<ShownStep> result;
  std::map<NodeId, NodeId> joined;  // the right side of a step left out, and where its chain began
  std::vector<const Step*> left_out;
  NodeId before = no_node;
  for (const Step& step : trace.steps) {
    NodeId left = step.left;
    if (const auto begin = joined.find(left); begin != joined.end()) left = begin->second;
    const bool last = &step == &trace.steps.back();
    if (detail == Detail::brief && !step.main && !last) {
      joined[step.right] = left;
      left_out.push_back(&step);
      continue;
    }
    left_out.push_back(&step);
    result.push_back({&step, left, left == before, joined_texts(left_out, &Step::rule), step.source});
    // "From the steps above" are those that were left out.
    if (left_out.size() > 1) {
      if (step.source.english == citation(sources::above).english) left_out.pop_back();
      result.back().source = joined_texts(left_out, &Step::source);
    }
    left_out.clear();
    before = step.right;
  }
  return result;
}

std::string shapes_of(const Store& store, NodeId id, Language language) {
  std::string whole = shape_of(store, id, language);
  NodeId body = id;
  while (store[body].op == op::scale || store[body].op == op::times) body = store.children(body).back();
  // What a trace or another function of one product is taken of.
  if (store[body].op != op::multiply && store[body].count == 1 && store[body].op != op::transpose) {
    const NodeId inside = store.child(body, 0);
    if (store[inside].op == op::multiply && store.type(body).is_scalar()) body = inside;
  }
  if (store[body].op != op::multiply) return whole;
  std::string factors;
  for (NodeId factor : store.children(body)) {
    if (!factors.empty()) factors += " · ";
    factors += shape_text(store, store.type(factor));
  }
  return factors + " → " + whole;
}

std::string explain(const Explanation& what, Detail detail, Page page, Language language) {
  const std::unique_ptr<Sheet> sheet = make_sheet(page, language);
  Explainer(what, detail, *sheet).run();
  return sheet->out;
}

}  // namespace matgrad
