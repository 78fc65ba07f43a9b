// SPDX-License-Identifier: MIT
// The forms in which an explanation is written: plain text, Markdown and LaTeX with formulas, HTML with MathML.
#pragma once

#include <memory>
#include <string>

#include "print/explain.hpp"

namespace matgrad {

class Sheet {
 public:
  Sheet(Script written_in, Language said_in) : script(written_in), language(said_in) {}
  virtual ~Sheet() = default;
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  virtual std::string prose(const std::string& text) const { return text; }     // escaped
  virtual std::string verbatim(const std::string& text) const { return text; }  // in the input language
  // A rule, in which formulas in the input language stand between backticks.
  std::string rule(const std::string& text) const;
  virtual std::string formula(const std::string& code) const { return code; }  // within a sentence
  virtual void begin(const std::string& title) = 0;
  virtual void paragraph(const std::string& sentence) = 0;
  virtual void display(const std::string& equation) = 0;
  virtual void step(std::size_t number, const std::string& rule, const std::string& source, const std::string& equation,
                    const std::string& shapes) = 0;
  virtual void end() {}

  const Script script;
  const Language language;
  std::string out;
};

std::unique_ptr<Sheet> make_sheet(Page page, Language language);

}  // namespace matgrad
