// SPDX-License-Identifier: MIT
// How a search went, as a picture: a page of SVG by itself.
#pragma once

#include <string>

#include "base/diagnostic.hpp"
#include "optimise/optimise.hpp"

namespace matgrad {

// The objective above the best value, and the gradient, over the evaluations, both by powers of ten.
std::string convergence_plot(const Optimum& optimum, const std::string& objective, Language language);

}  // namespace matgrad
