// SPDX-License-Identifier: MIT
#include "engine/rule_table.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/json.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

// "English | 中文", as the notes of entries are written.
std::string in_language(std::string_view both, Language language) {
  const std::size_t bar = both.find(" | ");
  if (bar == std::string_view::npos) return std::string(both);
  return std::string(language == Language::english ? both.substr(0, bar) : both.substr(bar + 3));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// What all formats say of one operator, in the language asked for.
class Words {
 public:
  Words(const OperatorRule& rule, Language language) : rule_(rule), entry_(entry_of(rule.op)), language_(language) {}

  std::string label(Message message) const { return sentence(message, {}, language_); }
  std::string title() const { return language_ == Language::english ? entry_.step.english : entry_.step.chinese; }
  std::string source() const { return in_language(entry_.source, language_); }
  std::string note() const { return in_language(entry_.note, language_); }
  std::string reason(const RuleByArgument& by) const {
    const Diagnostic& first = by.refusal.front();
    return sentence(first.message, first.arguments, language_);
  }
  std::string name(const RuleByArgument& by) const { return to_text(*rule_.store, by.argument); }
  std::string domain() const { return of_first_argument(entry_.domain); }
  // What an abbreviation stands for; a root is printed as a root again, so there the entry's own words are taken.
  std::string meaning(std::string (*write)(const Store&, NodeId)) const {
    if (!rule_.is_abbreviation()) return {};
    const bool says_nothing = to_text(*rule_.store, rule_.expression) == rule_.written;
    return says_nothing ? of_first_argument(entry_.definition) : write(*rule_.store, rule_.expression);
  }
  // "A: m×n, x: n×1"
  std::string shapes() const {
    std::string result;
    for (const RuleByArgument& by : rule_.by) {
      result.append(result.empty() ? "" : ", ").append(name(by)).append(": ");
      result += shape_text(*rule_.store, rule_.store->type(by.argument));
    }
    return result;
  }

 private:
  // Entries call their argument A.
  std::string of_first_argument(const char* text) const { return replaced(text, "A", name(rule_.by.front())); }

  const OperatorRule& rule_;
  const Operator& entry_;
  Language language_;
};

// ---------------------------------------------------------------- for a terminal

struct Line {
  std::string label;
  std::string content;
};

std::vector<Line> lines_of(const OperatorRule& rule, const Words& words, std::string (*write)(const Store&, NodeId)) {
  std::vector<Line> lines;
  const Store& store = *rule.store;
  lines.push_back({words.label(Message::rule_shapes), words.shapes()});
  if (rule.is_abbreviation()) lines.push_back({words.label(Message::rule_stands_for), words.meaning(write)});
  for (const RuleByArgument& by : rule.by) {
    const std::string of = rule.by.size() == 1 ? "" : " (" + words.name(by) + ")";
    if (!by.refusal.empty()) {
      lines.push_back({words.label(Message::rule_differential) + of, words.reason(by)});
      continue;
    }
    lines.push_back({words.label(Message::rule_differential) + of, write(store, by.differential)});
    lines.push_back({words.label(Message::rule_gradient) + of, write(store, by.gradient)});
    lines.push_back({words.label(Message::rule_jacobian) + of, write(store, by.jacobian)});
  }
  if (!words.domain().empty()) lines.push_back({words.label(Message::rule_domain), words.domain()});
  if (!words.note().empty()) lines.push_back({words.label(Message::rule_note), words.note()});
  lines.push_back({words.label(Message::rule_source), words.source()});
  return lines;
}

std::string for_terminal(std::span<const OperatorRule> rules, RuleFormat format, Language language) {
  std::string result;
  for (const OperatorRule& rule : rules) {
    const Words words(rule, language);
    const std::vector<Line> lines = lines_of(rule, words, format == RuleFormat::unicode ? to_unicode : to_text);
    std::size_t widest = 0;
    for (const Line& line : lines) widest = std::max(widest, display_width(line.label));
    if (!result.empty()) result += "\n";
    result.append(rule.written).append("  ").append(words.title()).append("\n");
    for (const Line& line : lines) {
      const std::size_t blanks = widest + 2 - display_width(line.label);
      result.append("  ").append(line.label).append(blanks, ' ').append(line.content).append("\n");
    }
  }
  return result;
}

// ---------------------------------------------------------------- as a document

// In a cell, where a bar would end it.
std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + replaced(text, "|", "\\|") + "`";
}

std::string as_markdown(std::span<const OperatorRule> rules, Language language) {
  const auto say = [&](Message message) { return sentence(message, {}, language); };
  std::string result = "# " + say(Message::rules_title) + "\n\n" + say(Message::rules_made_by) + "\n\n";
  result += say(Message::rules_introduction) + "\n\n|";
  for (const Message head : {Message::rule_operator, Message::rule_by, Message::rule_differential,
                             Message::rule_gradient, Message::rule_jacobian, Message::rule_source}) {
    result += " " + say(head) + " |";
  }
  result += "\n|---|---|---|---|---|---|\n";
  for (const OperatorRule& rule : rules) {
    const Words words(rule, language);
    const Store& store = *rule.store;
    std::string first = code(rule.written);
    if (rule.is_abbreviation()) {
      first += "<br>" + say(Message::rule_stands_for) + " " + code(words.meaning(to_text));
    }
    first += "<br>" + words.title() + "<br>" + words.shapes();
    if (!words.domain().empty()) first += "<br>" + say(Message::rule_domain) + " " + code(words.domain());
    if (!words.note().empty()) first += "<br>" + words.note();
    std::string source = words.source();
    for (const RuleByArgument& by : rule.by) {
      result += "| " + first + " | " + code(words.name(by)) + " | ";
      result += by.refusal.empty() ? code(to_text(store, by.differential)) + " | " + code(to_text(store, by.gradient)) +
                                         " | " + code(to_text(store, by.jacobian))
                                   : words.reason(by) + " | | ";
      result += " | " + source + " |\n";
      first.clear();
      source.clear();
    }
  }
  return result;
}

// ---------------------------------------------------------------- as LaTeX

std::string escaped(std::string text) {
  for (const char* special : {"\\", "&", "_", "#", "%"}) {
    text = replaced(text, special, special[0] == '\\' ? "\\textbackslash{}" : std::string("\\").append(special));
  }
  return replaced(text, "^", "\\^{}");
}

std::string as_latex(std::span<const OperatorRule> rules, Language language) {
  std::string result;
  for (const OperatorRule& rule : rules) {
    const Words words(rule, language);
    const Store& store = *rule.store;
    if (!result.empty()) result += "\n";
    result +=
        "\\paragraph{" + escaped(rule.written) + "} " + escaped(words.title()) + " (" + escaped(words.source()) + ").";
    if (!words.note().empty()) result += " " + escaped(words.note()) + ".";
    std::string rows = "  Y &= " + to_latex(store, rule.expression);
    for (const RuleByArgument& by : rule.by) {
      const std::string x = to_latex(store, by.argument);
      const std::string part = rule.by.size() == 1 ? "" : "_{" + x + "}";
      if (!by.refusal.empty()) {
        result += " $" + x + "$: " + escaped(words.reason(by)) + ".";
        continue;
      }
      rows += " \\\\\n  \\mathrm{d}" + part + "Y &= " + to_latex(store, by.differential);
      rows += " \\\\\n  \\bar{" + x + "} &= " + to_latex(store, by.gradient);
      rows += " \\\\\n  \\frac{\\partial \\operatorname{vec}(Y)}{\\partial \\operatorname{vec}(" + x +
              ")^{\\top}} &= " + to_latex(store, by.jacobian);
    }
    result += "\n\\begin{align*}\n" + rows + "\n\\end{align*}\n";
  }
  return result;
}

// ---------------------------------------------------------------- as JSON

Json json_of(const OperatorRule& rule, Language language) {
  const Words words(rule, language);
  const Operator& entry = entry_of(rule.op);
  const Store& store = *rule.store;
  Json result;
  result["name"] = entry.name;
  result["also"] = Json::array();
  for (std::string_view name : entry.also) {
    if (!name.empty()) result["also"].push_back(name);
  }
  result["title"] = words.title();
  result["written"] = rule.written;
  result["expression"] = expression_json(store, rule.expression);
  result["by"] = Json::array();
  for (const RuleByArgument& by : rule.by) {
    Json part;
    part["argument"] = expression_json(store, by.argument);
    if (!by.refusal.empty()) {
      part["refused"] = words.reason(by);
    } else {
      part["differential"] = expression_json(store, by.differential);
      part["gradient"] = expression_json(store, by.gradient);
      part["jacobian"] = expression_json(store, by.jacobian);
    }
    result["by"].push_back(std::move(part));
  }
  result["stands_for"] = rule.is_abbreviation() ? Json(words.meaning(to_text)) : Json(nullptr);
  result["domain"] = words.domain();
  result["note"] = words.note();
  result["source"] = words.source();
  return result;
}

std::string as_json(std::span<const OperatorRule> rules, Language language) {
  Json result = Json::array();
  for (const OperatorRule& rule : rules) result.push_back(json_of(rule, language));
  return result.dump(2) + "\n";
}

}  // namespace

std::string write_rules(std::span<const OperatorRule> rules, RuleFormat format, Language language) {
  switch (format) {
    case RuleFormat::latex: return as_latex(rules, language);
    case RuleFormat::json: return as_json(rules, language);
    case RuleFormat::markdown: return as_markdown(rules, language);
    case RuleFormat::text:
    case RuleFormat::unicode: break;
  }
  return for_terminal(rules, format, language);
}

}  // namespace matgrad
