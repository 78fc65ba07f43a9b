// SPDX-License-Identifier: MIT
// Permuting, renaming and cutting down generated expressions.
#include <algorithm>
#include <set>

#include "random_checks.hpp"

namespace matgrad {
namespace {

using Form = SketchForm;

constexpr int most_attempts = 500;

SketchPtr with_parts(const Sketch& s, std::vector<SketchPtr> parts) {
  Sketch copy = s;
  copy.parts = std::move(parts);
  return std::make_shared<const Sketch>(std::move(copy));
}

bool indices_bound(const Sketch& s, std::set<std::string> bound) {
  if (s.form == Form::index) return bound.count(s.name) != 0;
  if (s.form == Form::sum) bound.insert(s.name);
  return std::all_of(s.parts.begin(), s.parts.end(),
                     [&](const SketchPtr& part) { return indices_bound(*part, bound); });
}

void collect_same_shape(const Sketch& s, Dim rows, Dim cols, std::vector<SketchPtr>& out) {
  for (const SketchPtr& part : s.parts) {
    if (part->has_shape(rows, cols)) out.push_back(part);
    collect_same_shape(*part, rows, cols, out);
  }
}

class Shrinker {
 public:
  Shrinker(RandomExpression expression, const PropertyFailure& failure) : current_(std::move(expression)) {
    options_.thorough = true;
    options_.only = failure.property;
    thrown_ = failure.detail.rfind("throws: ", 0) == 0;
  }

  RandomExpression run() {
    if (!fails(current_.root)) return current_;  // the failure hangs on the spelling
    while (attempts_ < most_attempts && step(current_.root, [](SketchPtr s) { return s; })) {
    }
    return current_;
  }

 private:
  bool fails(const SketchPtr& root) {
    ++attempts_;
    RandomExpression candidate = current_;
    candidate.root = root;
    PropertyCounts counts;
    const auto failure = check_expression(candidate, options_, counts);
    return failure && (failure->detail.rfind("throws: ", 0) == 0) == thrown_;
  }

  std::vector<SketchPtr> candidates(const Sketch& s) {
    std::vector<SketchPtr> result;
    collect_same_shape(s, s.rows, s.cols, result);
    if (s.parts.empty()) return result;
    auto leaf = [&](Form form, const std::string& name) {
      Sketch out;
      out.form = form;
      out.rows = s.rows;
      out.cols = s.cols;
      out.name = name;
      out.value = 1;
      result.push_back(std::make_shared<const Sketch>(std::move(out)));
    };
    for (const SketchVariable& v : current_.variables) {
      if (v.rows == s.rows && v.cols == s.cols) leaf(Form::variable, v.name);
    }
    leaf(s.is_scalar() ? Form::number : Form::ones, "1");
    if (s.rows == s.cols && !s.is_scalar()) leaf(Form::identity, "");
    if (s.form == Form::add || s.form == Form::hadamard || s.form == Form::subtract) {
      for (std::size_t i = 0; i < s.parts.size() && s.parts.size() > 2; ++i) {
        std::vector<SketchPtr> parts = s.parts;
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
        result.push_back(with_parts(s, std::move(parts)));
      }
    }
    std::stable_sort(result.begin(), result.end(),
                     [](const auto& a, const auto& b) { return size_of(*a) < size_of(*b); });
    return result;
  }

  // Tries to cut at this node, then below it; `around` puts a replacement back in its place.
  template <class Around>
  bool step(const SketchPtr& at, const Around& around) {
    const bool is_indexed = at->form == Form::entry || at->form == Form::row || at->form == Form::column;
    for (const SketchPtr& candidate : candidates(*at)) {
      if (attempts_ >= most_attempts) return false;
      const SketchPtr root = around(candidate);
      if (size_of(*root) >= size_of(*current_.root) || !indices_bound(*root, {})) continue;
      if (!fails(root)) continue;
      current_.root = root;
      return true;
    }
    for (std::size_t i = 0; i < at->parts.size() && !is_indexed && at->form != Form::selection; ++i) {
      const std::function<SketchPtr(SketchPtr)> inner = [&](SketchPtr part) {
        std::vector<SketchPtr> parts = at->parts;
        parts[i] = std::move(part);
        return around(with_parts(*at, std::move(parts)));
      };
      if (step(at->parts[i], inner)) return true;
    }
    return false;
  }

  RandomExpression current_;
  CheckOptions options_;
  bool thrown_ = false;
  int attempts_ = 0;
};

}  // namespace

SketchPtr permuted(const SketchPtr& sketch, std::mt19937_64& random) {
  std::vector<SketchPtr> parts;
  for (const SketchPtr& part : sketch->parts) parts.push_back(permuted(part, random));
  const bool free = sketch->form == Form::add || sketch->form == Form::hadamard;
  const bool scalars = sketch->form == Form::product &&
                       std::count_if(parts.begin(), parts.end(), [](const auto& p) { return !p->is_scalar(); }) < 2;
  if (free || scalars) std::shuffle(parts.begin(), parts.end(), random);
  if (sketch->form == Form::subtract && parts.size() > 2) std::shuffle(parts.begin() + 1, parts.end(), random);
  return with_parts(*sketch, std::move(parts));
}

SketchPtr renamed(const SketchPtr& sketch, const std::map<std::string, std::string>& names) {
  Sketch copy = *sketch;
  for (SketchPtr& part : copy.parts) part = renamed(part, names);
  if (copy.form == Form::variable) copy.name = names.at(copy.name);
  return std::make_shared<const Sketch>(std::move(copy));
}

RandomExpression shrunk(const RandomExpression& expression, const PropertyFailure& failure) {
  return Shrinker(expression, failure).run();
}

std::string failure_text(const RandomExpression& expression, const PropertyFailure& failure) {
  const RandomExpression small = shrunk(expression, failure);
  CheckOptions options;
  options.thorough = true;
  options.only = failure.property;
  PropertyCounts counts;
  const auto again = check_expression(small, options, counts);
  std::string out = "does not hold: " + failure.property + "\n  " + to_text(small) + "\n";
  for (const std::string& declaration : small.declarations()) out += "  --var \"" + declaration + "\"\n";
  out += "  " + (again ? again->detail : "only as spelled at first: " + to_text(expression) + "\n  " + failure.detail) +
         "\n";
  return out + "  again: matgrad_property --seed " + std::to_string(expression.seed) + " --count 1\n";
}

}  // namespace matgrad
