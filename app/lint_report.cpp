// SPDX-License-Identifier: MIT
#include "lint_report.hpp"

#include <cctype>
#include <nlohmann/json.hpp>
#include <string_view>

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

std::string on_one_line(const std::string& text) {
  std::string line;
  for (char c : text) {
    const bool is_blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!is_blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string reason_of(const Finding& finding, Language language) {
  if (finding.reason.empty()) return {};
  return sentence(finding.reason[0].message, finding.reason[0].arguments, language);
}

std::string verdict_of(const Finding& finding, Language language) {
  if (finding.skipped) return sentence(Message::lint_skipped, {reason_of(finding, language)}, language);
  return verdict_line(finding.checked, language);
}

std::string right_answers(const Finding& finding, Language language) {
  std::string text;
  for (const Diagnostic& note : details(finding.checked, language)) {
    if (note.message == Message::kinds_inferred || note.message == Message::shape_taken) continue;
    text.append("\n    ").append(sentence(note.message, note.arguments, language));
  }
  return text;
}

std::string lines_text(const std::vector<std::uint32_t>& lines, Language language) {
  std::string text;
  for (std::uint32_t line : lines) {
    if (!text.empty()) text += sentence(Message::list_of_names, {}, language);
    text += std::to_string(line);
  }
  return text;
}

std::string mixture(const LintResult& result, Language language) {
  return sentence(Message::lint_mixed,
                  {lines_text(result.in_denominator, language), lines_text(result.in_numerator, language)}, language);
}

struct Counts {
  std::size_t claims = 0;
  std::size_t right = 0;
  std::size_t wrong = 0;
  std::size_t conditional = 0;
  std::size_t skipped = 0;

  explicit Counts(const std::vector<LintResult>& results) {
    for (const LintResult& result : results) {
      for (const Finding& finding : result.findings) {
        if (finding.skipped) {
          ++skipped;
          continue;
        }
        ++claims;
        if (finding.checked.verdict == Verdict::holds) ++right;
        if (finding.checked.verdict == Verdict::fails) ++wrong;
        if (finding.checked.verdict == Verdict::conditional) ++conditional;
      }
    }
  }
};

std::string position(const LintResult& result, const Finding& finding) {
  return result.file + ":" + std::to_string(finding.place.line) + ":" + std::to_string(finding.place.column);
}

std::string as_text(const std::vector<LintResult>& results, Language language) {
  std::string out;
  for (const LintResult& result : results) {
    for (const Finding& finding : result.findings) {
      out += position(result, finding) + ": " + verdict_of(finding, language) + "\n    " + on_one_line(finding.claim);
      if (!finding.skipped && finding.checked.verdict != Verdict::holds) out += right_answers(finding, language);
      out += "\n";
    }
    if (result.mixes_layouts()) out += result.file + ": " + mixture(result, language) + "\n";
  }
  const Counts counts(results);
  const auto number = [](std::size_t count) { return std::to_string(count); };
  return out +
         sentence(Message::lint_summary,
                  {number(counts.claims), number(counts.right), number(counts.wrong), number(counts.conditional),
                   number(counts.skipped)},
                  language) +
         "\n";
}

std::string as_json(const std::vector<LintResult>& results, Language language) {
  Json list = Json::array();
  for (const LintResult& result : results) {
    for (const Finding& finding : result.findings) {
      Json one{{"file", result.file}, {"line", finding.place.line}, {"column", finding.place.column}};
      one["claim"] = on_one_line(finding.claim);
      if (finding.skipped) {
        one["verdict"] = "skipped";
        one["true_in"] = Json::array();
        one["condition"] = nullptr;
        one["why"] = reason_of(finding, language);
      } else {
        const Json checked = Json::parse(to_json(finding.checked, language));
        for (const char* key : {"verdict", "true_in", "condition", "why", "correct"}) one[key] = checked[key];
      }
      list.push_back(std::move(one));
    }
  }
  return list.dump(2) + "\n";
}

const char* rule_of(const Finding& finding) {
  if (finding.skipped) return "skipped";
  return finding.checked.verdict == Verdict::conditional ? "conditional-claim" : "false-claim";
}

// A path as a URI: relative ones stay relative, and what is no plain character is written as %XX.
std::string uri_of(const std::string& path) {
  constexpr std::string_view plain = "-._~/!$&'()*+,;=@";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string uri = path[0] == '/' ? "file://" : "";
  for (char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) != 0 || plain.find(c) != std::string_view::npos)) {
      uri += c;
    } else {
      uri.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  return uri;
}

Json sarif_result(const std::string& file, const char* rule, const char* level, const std::string& message,
                  const FilePlace& place) {
  Json region{{"startLine", place.line}, {"startColumn", place.column}};
  Json location{{"physicalLocation", {{"artifactLocation", {{"uri", uri_of(file)}}}, {"region", region}}}};
  return {{"ruleId", rule}, {"level", level}, {"message", {{"text", message}}}, {"locations", Json::array({location})}};
}

std::string as_sarif(const std::vector<LintResult>& results, Language language) {
  Json rules = Json::array();
  for (const auto& [id, text] :
       {std::pair("false-claim", Message::lint_rule_false),
        std::pair("conditional-claim", Message::lint_rule_conditional),
        std::pair("skipped", Message::lint_rule_skipped), std::pair("mixed-layouts", Message::lint_rule_mixed)}) {
    rules.push_back({{"id", id}, {"shortDescription", {{"text", sentence(text, {}, language)}}}});
  }
  Json found = Json::array();
  for (const LintResult& result : results) {
    for (const Finding& finding : result.findings) {
      if (!finding.skipped && finding.checked.verdict == Verdict::holds) continue;
      const char* level = finding.skipped ? "note" : finding.checked.verdict == Verdict::fails ? "error" : "warning";
      const std::string text = verdict_of(finding, language) + ": " + on_one_line(finding.claim);
      found.push_back(sarif_result(result.file, rule_of(finding), level, text, finding.place));
    }
    if (result.mixes_layouts()) {
      found.push_back(
          sarif_result(result.file, "mixed-layouts", "note", mixture(result, language), {result.in_numerator[0], 1}));
    }
  }
  const Json driver{{"name", "matgrad"}, {"version", MATGRAD_VERSION}, {"rules", rules}};
  Json run{{"tool", {{"driver", driver}}}, {"columnKind", "unicodeCodePoints"}, {"results", found}};
  const Json log{
      {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", Json::array({run})}};
  return log.dump(2) + "\n";
}

// Workflow commands of GitHub: % and line ends are escaped, in properties : and , as well.
std::string escaped(const std::string& text, bool in_property) {
  std::string out;
  for (char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\n') {
      out += "%0A";
    } else if (c == '\r') {
      out += "%0D";
    } else if (in_property && (c == ':' || c == ',')) {
      out += c == ':' ? "%3A" : "%2C";
    } else {
      out += c;
    }
  }
  return out;
}

std::string as_github(const std::vector<LintResult>& results, Language language) {
  std::string out;
  for (const LintResult& result : results) {
    for (const Finding& finding : result.findings) {
      if (!finding.skipped && finding.checked.verdict == Verdict::holds) continue;
      const char* level = finding.skipped ? "notice" : finding.checked.verdict == Verdict::fails ? "error" : "warning";
      out.append("::").append(level).append(" file=").append(escaped(result.file, true));
      out.append(",line=").append(std::to_string(finding.place.line));
      out.append(",col=").append(std::to_string(finding.place.column)).append(",title=matgrad::");
      std::string text = verdict_of(finding, language) + "\n" + on_one_line(finding.claim);
      if (!finding.skipped) text += right_answers(finding, language);
      out.append(escaped(text, false)).append("\n");
    }
    if (result.mixes_layouts()) {
      out.append("::notice file=").append(escaped(result.file, true)).append(",title=matgrad::");
      out.append(escaped(mixture(result, language), false)).append("\n");
    }
  }
  return out;
}

}  // namespace

std::string write_findings(const std::vector<LintResult>& results, LintFormat format, Language language) {
  switch (format) {
    case LintFormat::json: return as_json(results, language);
    case LintFormat::sarif: return as_sarif(results, language);
    case LintFormat::github: return as_github(results, language);
    case LintFormat::text: break;
  }
  return as_text(results, language);
}

bool has_faults(const std::vector<LintResult>& results) {
  const Counts counts(results);
  return counts.wrong + counts.conditional > 0;
}

}  // namespace matgrad
