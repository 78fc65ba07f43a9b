// SPDX-License-Identifier: MIT
#include "convergence_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace matgrad {
namespace {

constexpr double width = 640;
constexpr double height = 400;
constexpr double left = 64;
constexpr double right = 16;
constexpr double top = 40;
constexpr double bottom = 48;

using Points = std::vector<std::pair<double, double>>;  // evaluations, power of ten

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '&': result += "&amp;"; break;
      default: result += c;
    }
  }
  return result;
}

class Chart {
 public:
  Chart(const Points& a, const Points& b) {
    for (const Points* points : {&a, &b}) {
      for (const auto& [x, y] : *points) {
        last_ = std::max(last_, x);
        low_ = std::min(low_, std::floor(y));
        high_ = std::max(high_, std::ceil(y));
      }
    }
    if (low_ >= high_) low_ = high_ - 1;
  }

  std::string axes(const std::string& below) const {
    std::string svg;
    const double step = std::max(1.0, std::ceil((high_ - low_) / 8));
    for (double power = low_; power <= high_; power += step) {
      svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#ddd\"/>\n", left,
                         y(power), width - right, y(power));
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">1e{:.0f}</text>\n", left - 6,
                         y(power) + 4, power);
    }
    for (int part = 0; part <= 4; ++part) {
      const double at = std::round(last_ * part / 4);
      svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.0f}</text>\n", x(at),
                         height - bottom + 18, at);
    }
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", (left + width) / 2,
                       height - 10, escaped(below));
    return svg;
  }

  std::string line(const Points& points, const char* color, const char* dashes) const {
    std::string path;
    for (const auto& [at, power] : points) path += fmt::format("{:.1f},{:.1f} ", x(at), y(power));
    return fmt::format(
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\" stroke-dasharray=\"{}\"/>\n", path,
        color, dashes);
  }

  static std::string legend(double at, const std::string& text, const char* color, const char* dashes) {
    return fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"{3}\" stroke-width=\"1.8\" "
        "stroke-dasharray=\"{4}\"/>\n<text x=\"{5:.1f}\" y=\"{6:.1f}\">{7}</text>\n",
        at, top - 14, at + 26, color, dashes, at + 32, top - 10, escaped(text));
  }

 private:
  double x(double at) const { return left + (width - left - right) * at / std::max(last_, 1.0); }
  double y(double power) const { return top + (height - top - bottom) * (high_ - power) / (high_ - low_); }

  double last_ = 1;
  double low_ = 300;
  double high_ = -300;
};

}  // namespace

std::string convergence_plot(const Optimum& optimum, const std::string& objective, Language language) {
  Points above;
  Points slope;
  double best = optimum.value;
  for (const Iterate& iterate : optimum.history) best = std::min(best, iterate.value);
  for (const Iterate& iterate : optimum.history) {
    const double rest = iterate.value - best;
    if (rest > 0) above.emplace_back(iterate.evaluations, std::log10(rest));
    if (iterate.slope > 0) slope.emplace_back(iterate.evaluations, std::log10(iterate.slope));
  }
  const Chart chart(above, slope);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<title>{2}</title>\n<rect width=\"{0:.0f}\" height=\"{1:.0f}\" fill=\"#fff\"/>\n",
      width, height, escaped(objective));
  svg += chart.axes(sentence(Message::plot_evaluations, {}, language));
  svg += chart.line(above, "#1f5fa8", "") + chart.line(slope, "#b3551e", "5 3");
  svg += Chart::legend(left, sentence(Message::plot_objective, {}, language), "#1f5fa8", "");
  svg += Chart::legend((left + width) / 2, sentence(Message::plot_gradient, {}, language), "#b3551e", "5 3");
  return svg + "</svg>\n";
}

}  // namespace matgrad
