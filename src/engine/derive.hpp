// SPDX-License-Identifier: MIT
// The whole way from text to a verified derivative, as a list of passes: derive.cpp reads like the table of contents.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "calculus/trace.hpp"
#include "engine/let.hpp"
#include "numeric/verify.hpp"
#include "syntax/elaborate.hpp"

namespace matgrad {

struct DeriveRequest {
  std::string expression;
  std::string wrt;                     // "X", or "x'" for a row; "x,y" for a mixed second derivative
  std::vector<std::string> variables;  // declarations, "X: matrix(m,n)"
  InputNotation notation = InputNotation::guessed;
  Layout layout = Layout::denominator;
  Form form = Form::matrix;
  int order = 1;
  SymmetricGradient symmetric_gradient = SymmetricGradient::projected;
  bool manifold = false;  // the Riemannian gradient
  bool verify = true;
  bool steps = false;   // with the explanation
  bool shared = false;  // with names for what the parts of the result share
  // Called after every pass with its name and its result, where set.
  std::function<void(const char* pass, const Store&, NodeId)> after_pass;
};

// A derivative with everything that is known of it. Owns the store that its nodes live in.
struct Derivation {
  Store store;
  Scope scope{store};
  DeriveRequest request;
  Question question;
  NodeId input = no_node;  // as written, typed and canonical
  NodeId value = no_node;  // the input in normal form, of the variables as they are declared
  Presented presented;     // the result, in normal form
  Shared shared;           // the result, and of a second derivative the gradient, with names where they were asked for
  Trace trace;             // the steps, where they were asked for: each holds numerically
  Verification verification;
  bool verified = false;  // asked for and passed
  Diagnostics notes;      // what was inferred or assumed
};

// Errors: the input's (parse, shapes, unknown names, refused operators), or Message::verification_failed when the
// result did not agree with differences of the input: then it must not be shown.
Result<std::unique_ptr<Derivation>> derive(const DeriveRequest& request);

// The first derivative of the same input by another variable, asked for and checked in the same way.
Result<NodeId> gradient_by(Derivation& derivation, const std::string& wrt);

// Parses and elaborates only, and simplifies.
struct Simplified {
  Store store;
  Scope scope{store};
  NodeId input = no_node;
  NodeId result = no_node;
  Diagnostics notes;
};
Result<std::unique_ptr<Simplified>> simplify_text(const std::string& expression,
                                                  const std::vector<std::string>& variables,
                                                  InputNotation notation = InputNotation::guessed);

}  // namespace matgrad
