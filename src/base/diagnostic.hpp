// SPDX-License-Identifier: MIT
// What went wrong, as data: a message of the catalogue, its arguments and the place. Never prose, so that every
// language and every front end (terminal, JSON, web page) renders the same facts.
//
//   Diagnostic{Severity::error, Message::unknown_function, span, {"softmx"}}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace matgrad {

enum class Language { english, chinese };
enum class Severity { error, warning, note };

enum class Message {
#define MESSAGE(name, english, chinese) name,
#include "base/messages.inc"
#undef MESSAGE
};

struct Note {
  Message message;
  std::vector<std::string> arguments;
  Span span;  // empty: no place of its own
};

struct Diagnostic {
  Severity severity = Severity::error;
  Message message = Message::internal_error;
  Span span;
  std::vector<std::string> arguments;
  std::vector<Note> notes;
  std::string fix;     // the input as it would be accepted; empty where none is known
  std::string source;  // the text that the span points into, where it is not the main expression (a --var, say)
  std::string place;   // "problem.mg:7", of a text that stands in a file
};

using Diagnostics = std::vector<Diagnostic>;

// Whether they say that a result was found but did not pass its own checks, so that the input is not at fault.
bool is_failed_check(const Diagnostics& diagnostics);

// The catalogue's sentence with its arguments put in.
std::string sentence(Message message, const std::vector<std::string>& arguments, Language language);

// "error: …", the line of `source` with a caret under the span (where it is not empty), then the notes and the
// suggestion, one a line, each ended by a newline. A diagnostic with a `source` of its own is shown against that.
std::string render(const Diagnostic& diagnostic, std::string_view source, Language language);
// A suggestion that several in a row share is shown once, after the last.
std::string render(const Diagnostics& diagnostics, std::string_view source, Language language);

}  // namespace matgrad
