// SPDX-License-Identifier: MIT
#include "engine/let.hpp"

#include <gtest/gtest.h>

#include "engine/derive.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

struct Case {
  const char* expression;
  const char* wrt;
  std::vector<std::string> variables;
  int order;
  std::vector<std::string> wanted;  // "p = …", then what is written with the names
};

std::vector<std::string> written(const Case& one) {
  DeriveRequest request;
  request.expression = one.expression;
  request.wrt = one.wrt;
  request.variables = one.variables;
  request.order = one.order;
  request.shared = true;
  request.verify = false;
  const auto d = derive(request);
  std::vector<std::string> lines;
  for (const Let& let : (*d)->shared.lets) {
    lines.push_back(to_text((*d)->store, let.symbol) + " = " + to_text((*d)->store, let.value));
  }
  for (NodeId root : (*d)->shared.roots) lines.push_back(to_text((*d)->store, root));
  return lines;
}

TEST(Let, NamesWhatIsShared) {
  const Case cases[] = {
      {"x'*A*x", "x", {}, 2, {"A + A'", "(A + A')*x"}},
      {"sum(softplus(X*w))", "w", {}, 2, {"p = sigmoid(X*w)", "X'*diag(p.*(1 - p))*X", "X'*p"}},
      {"det(A*X*B)", "X", {}, 1, {"P = A*X*B", "det(P)*(B*inv(P)*A)'"}},
      // What holds the index i stays in the sum; what does not may leave it. p is the size of M that is not declared.
      {"sum(i, 1, m, nuclear(x*A[i,:] + M)*norm2(B*x)^3)",
       "x",
       {},
       1,
       {"q = norm2(B*x)",
        "sum(i, 1, m, q^3*(x*A[i, :] + M)*pinv(sqrtm((x*A[i, :] + M)'*(x*A[i, :] + M)))*A[i, :]' + "
        "3*q*nuclear(x*A[i, :] + M)*B'*B*x)"}},
      // p is a variable and q a size.
      {"log(a'*x + b)^3",
       "x",
       {"p: vector(q)", "a: vector", "x: vector"},
       2,
       {"r = a'*x + b", "s = log(r)", "3*s*(2 - s)*a*a'/r^2", "3*s^2*a/r"}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.expression);
    EXPECT_EQ(written(one), one.wanted);
  }
}

}  // namespace
}  // namespace matgrad
