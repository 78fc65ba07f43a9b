// SPDX-License-Identifier: MIT
#include "engine/minimise.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

#include "base/remark.hpp"
#include "engine/confirm_minimum.hpp"
#include "engine/parameters.hpp"
#include "engine/relation.hpp"
#include "engine/search_functions.hpp"
#include "engine/together.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double met_within = 1e-6;   // a constraint
constexpr double flat_within = 1e-4;  // Steepness::relative of a minimum

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) result += (result.empty() ? "" : ",") + name;
  return result;
}

std::string figure(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// One side of a relation is an unknown, the other knows none: a bound of its entries.
struct Bound {
  std::string unknown;
  std::string limit;
  bool is_lower = true;
};

class Minimiser {
 public:
  explicit Minimiser(const MinimiseRequest& request) : request_(request) {}

  Result<Minimised> run() {
    for (const auto step : {&Minimiser::read, &Minimiser::check_data, &Minimiser::make_parameters,
                            &Minimiser::make_functions, &Minimiser::make_bounds, &Minimiser::choose_start}) {
      if (auto made = (this->*step)(); !made) return tl::make_unexpected(made.error());
    }
    problem_.unknowns = parameters_.count();
    problem_.objective = [this](const double* x, double* gradient) { return functions_->objective(x, gradient); };
    problem_.constraints = functions_->constraints();
    const auto begin = std::chrono::steady_clock::now();
    result_.optimum = request_.optimiser(problem_, start_, request_.options);
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    tell();
    confirm();
    return std::move(result_);
  }

 private:
  // ---------------------------------------------------------------- what is asked

  Result<void> read() {
    std::vector<std::string> texts{request_.objective};
    for (const std::string& constraint : request_.constraints) {
      const auto relations = read_relations(constraint);
      if (!relations) return failure(Message::constraint_is_no_relation, {constraint});
      for (const Relation& relation : *relations) read(relation, texts);
    }
    std::vector<std::string> declarations = request_.variables;
    for (const auto* arrays : {&request_.data, &request_.start}) {
      for (std::string& text : declarations_by_data(*arrays, declarations)) {
        if (arrays == &request_.data || text.find(": scalar") == std::string::npos) {
          declarations.push_back(std::move(text));
        }
      }
    }
    auto together = read_together(declarations, texts, request_.notation, equations_);
    if (!together) return tl::make_unexpected(together.error());
    together_ = std::move(*together);
    result_.notes = together_->notes;
    return {};
  }

  void read(const Relation& relation, std::vector<std::string>& texts) {
    for (const bool is_left : {true, false}) {
      const std::string& name = is_left ? relation.left : relation.right;
      const std::string& limit = is_left ? relation.right : relation.left;
      if (relation.sign == RelationSign::equal || !contains(request_.unknowns, name)) continue;
      if (!number_in(limit) && !is_datum(limit)) continue;
      bounds_.push_back({name, limit, (relation.sign == RelationSign::at_least) == is_left});
      if (is_datum(limit)) texts.push_back(limit);  // so that it is a known name
      return;
    }
    ConstraintBody body{relation.left, 0, relation.sign};
    if (const auto number = number_in(relation.right)) {
      body.offset = *number;
    } else if (const auto first = number_in(relation.left)) {
      body.text = relation.right;
      body.offset = *first;
      if (relation.sign != RelationSign::equal) {
        body.sign = relation.sign == RelationSign::at_most ? RelationSign::at_least : RelationSign::at_most;
      }
    } else {
      texts.push_back(body.text);
      texts.push_back(relation.right);
      equations_.emplace_back(texts.size() - 2, texts.size() - 1);
      body.text += " - (" + relation.right + ")";
      bodies_.push_back(std::move(body));
      return;
    }
    texts.push_back(body.text);
    bodies_.push_back(std::move(body));
  }

  bool is_datum(const std::string& name) const { return find_named(request_.data, name) != nullptr; }
  // Data of an unknown are where its search begins, too.
  const NamedArray* start_of(const std::string& name) const {
    const NamedArray* start = find_named(request_.start, name);
    return start != nullptr ? start : find_named(request_.data, name);
  }

  Result<void> check_data() {
    for (const std::string& name : request_.unknowns) {
      const Variable* variable = together_->scope.find(name);
      if (variable == nullptr || variable->node == no_node) return failure(Message::unknown_not_in_objective, {name});
    }
    std::string missing;
    for (NodeId id : topological(together_->store, together_->roots)) {
      if (together_->store[id].op != op::symbol) continue;
      const Symbol& symbol = together_->store.symbol_at(together_->store[id].first);
      if (symbol.role == Symbol::Role::index || is_datum(symbol.name)) continue;
      if (!contains(request_.unknowns, symbol.name)) missing += (missing.empty() ? "" : ", ") + symbol.name;
    }
    if (!missing.empty()) return failure(Message::data_missing, {missing});
    return {};
  }

  // ---------------------------------------------------------------- the unknowns

  Result<void> make_parameters() {
    const Store& store = together_->store;
    std::vector<NamedView> shapes = views_of(request_.data);
    for (const NamedArray& start : request_.start) {
      if (!contains(request_.unknowns, start.name)) {
        return failure(Message::start_of_no_unknown, {start.name, joined(request_.unknowns)});
      }
      if (start.array.dimensions > 0) shapes.push_back({start.name, start.source, view_of(start.array)});
    }
    const auto sizes = bind_sizes(together_->scope, shapes);
    if (!sizes) return tl::make_unexpected(sizes.error());
    for (const std::string& name : request_.unknowns) {
      const Variable& variable = *together_->scope.find(name);
      const Type& type = store.type(variable.node);
      if (!Parameters::are_known(type.properties)) {
        return failure(Message::unknown_cannot_be_searched, {name, together_->scope.kind_text(variable)});
      }
      const auto rows = together_->store.dims.evaluate(type.rows, *sizes);
      const auto cols = together_->store.dims.evaluate(type.cols, *sizes);
      if (!rows || *rows < 1) return failure(Message::size_of_unknown, {name, together_->store.dims.text(type.rows)});
      if (!cols || *cols < 1) return failure(Message::size_of_unknown, {name, together_->store.dims.text(type.cols)});
      parameters_.add(name, type.properties, *rows, *cols);
    }
    return {};
  }

  // As given; else 0, 1 where positive, or the identity where positive definite.
  void fill_start(const Parameters::Unknown& u) {
    double* to = functions_->arrays().data() + u.array;
    const NamedArray* given = start_of(u.name);
    if (given != nullptr && given->array.dimensions > 0) {
      std::copy(given->array.values.begin(), given->array.values.end(), to);
      return;
    }
    if (u.is_factored()) {
      for (std::int64_t i = 0; i < u.rows; ++i) to[i * (u.rows + 1)] = given != nullptr ? given->array.values[0] : 1;
      return;
    }
    std::fill_n(to, u.size(), given != nullptr ? given->array.values[0] : u.is_logarithmic() ? 1.0 : 0.0);
  }

  Result<void> make_functions() {
    ComputeRequest pattern;
    pattern.question.variables = together_->declarations();
    pattern.question.notation = request_.notation;
    pattern.question.verify = request_.verify;
    functions_ = std::make_unique<SearchFunctions>(parameters_, request_.data, std::move(pattern));
    for (const Parameters::Unknown& u : parameters_.unknowns()) fill_start(u);
    start_.assign(parameters_.count(), 0);
    parameters_.to_numbers(functions_->arrays().data(), start_.data());
    if (auto made = functions_->set_objective(request_.objective); !made) return made;
    for (const ConstraintBody& body : bodies_) {
      if (auto added = functions_->add_constraint(body, together_->scope); !added) return added;
    }
    return {};
  }

  // ---------------------------------------------------------------- bounds

  Result<void> make_bounds() {
    if (bounds_.empty()) return {};
    problem_.lower.assign(parameters_.count(), -infinity);
    problem_.upper.assign(parameters_.count(), infinity);
    for (const Bound& bound : bounds_) {
      const auto unknown = std::find_if(parameters_.unknowns().begin(), parameters_.unknowns().end(),
                                        [&](const auto& u) { return u.name == bound.unknown; });
      std::vector<double> limits(unknown->size());
      if (const auto number = number_in(bound.limit)) {
        std::fill(limits.begin(), limits.end(), *number);
      } else {
        const DataArray& array = find_named(request_.data, bound.limit)->array;
        if (array.dimensions != 0 && array.values.size() != limits.size()) {
          return failure(Message::bound_of_other_shape, {bound.limit, bound.unknown});
        }
        for (std::size_t i = 0; i < limits.size(); ++i) limits[i] = array.values[array.dimensions == 0 ? 0 : i];
      }
      const std::vector<std::size_t> numbers = Parameters::numbers_by_entry(*unknown);
      for (std::size_t i = 0; i < limits.size(); ++i) {
        if (numbers[i] == Parameters::npos) return failure(Message::bound_of_structure, {bound.unknown});
        limit(*unknown, numbers[i], limits[i], bound.is_lower);
      }
    }
    for (std::size_t i = 0; i < problem_.lower.size(); ++i) {
      const double gap = problem_.lower[i] - problem_.upper[i];
      if (gap > 0 || problem_.upper[i] == -infinity) return failure(Message::constraints_violated, {figure(gap)});
    }
    return {};
  }

  void limit(const Parameters::Unknown& unknown, std::size_t number, double value, bool is_lower) {
    if (unknown.is_logarithmic()) value = value > 0 ? std::log(value) : -infinity;
    double& now = is_lower ? problem_.lower[number] : problem_.upper[number];
    now = is_lower ? std::max(now, value) : std::min(now, value);
  }

  // ---------------------------------------------------------------- the search

  void keep_in_bounds(std::vector<double>& x) const {
    for (std::size_t i = 0; i < x.size() && !problem_.lower.empty(); ++i) {
      x[i] = std::min(std::max(x[i], problem_.lower[i]), problem_.upper[i]);
    }
  }

  // Finite, with finite slopes of the constraints, and not flat: where the gradient vanishes from the outset, as that
  // of norm2(A - U*V')^2 at zero, nothing says where to go.
  enum class Start : std::uint8_t { good, flat, not_finite };
  Start judge(const std::vector<double>& x) {
    std::vector<double> gradient(x.size());
    const double value = functions_->objective(x.data(), gradient.data());
    const auto is_finite = [](double number) { return std::isfinite(number); };
    bool finite = std::isfinite(value) && std::all_of(gradient.begin(), gradient.end(), is_finite);
    for (const SmoothConstraint& constraint : functions_->constraints()) {
      std::vector<double> values(constraint.rows);
      std::vector<double> slopes(constraint.rows * x.size());
      constraint.evaluate(x.data(), values.data(), slopes.data());
      finite = finite && std::all_of(values.begin(), values.end(), is_finite) &&
               std::all_of(slopes.begin(), slopes.end(), is_finite);
    }
    if (!finite) return Start::not_finite;
    const bool is_flat = std::all_of(gradient.begin(), gradient.end(), [](double slope) { return slope == 0; });
    return is_flat ? Start::flat : Start::good;
  }

  // A random number within the bounds of an unknown, away from them; `spread` apart where there are none.
  double within(std::size_t i, double spread, double normal) const {
    const double low = problem_.lower.empty() ? -infinity : problem_.lower[i];
    const double high = problem_.upper.empty() ? infinity : problem_.upper[i];
    if (low > -infinity && high < infinity) return low + (high - low) * (0.5 + 0.4 * std::tanh(normal));
    if (low > -infinity) return low + spread * (0.1 + std::abs(normal));
    if (high < infinity) return high - spread * (0.1 + std::abs(normal));
    return spread * normal;
  }

  // As given or by convention; else random numbers, positive ones where others will not do.
  Result<void> choose_start() {
    keep_in_bounds(start_);
    const bool is_given = std::all_of(request_.unknowns.begin(), request_.unknowns.end(),
                                      [&](const std::string& name) { return start_of(name) != nullptr; });
    Start found = judge(start_);
    if (found == Start::good || (is_given && found == Start::flat)) return {};
    if (is_given) return failure(Message::objective_not_finite_at_start, {});
    const std::vector<double> conventional = start_;
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    for (const bool is_positive : {false, true}) {
      for (const Parameters::Unknown& u : parameters_.unknowns()) {
        const double spread = 1 / std::sqrt(static_cast<double>(std::max(u.rows, u.cols)));
        for (std::size_t i = u.first; i < u.first + u.count && start_of(u.name) == nullptr; ++i) {
          const double step = is_positive ? std::abs(normal(random)) + 0.1 : normal(random);
          start_[i] = u.is_factored() ? conventional[i] + spread * step : within(i, spread, step);
        }
      }
      keep_in_bounds(start_);
      found = judge(start_);
      if (found != Start::not_finite) break;
    }
    if (found == Start::not_finite) return failure(Message::objective_not_finite_at_start, {});
    result_.notes.push_back(remark(Message::start_is_random));
    return {};
  }

  void tell() {
    const Optimum& found = result_.optimum;
    static constexpr Message reasons[] = {Message::stopped_flat, Message::stopped_decreasing, Message::stopped_by_limit,
                                          Message::stopped_by_rounding};
    Diagnostic said =
        remark(reasons[static_cast<std::size_t>(found.stop)], {std::to_string(found.evaluations), figure(found.value)});
    if (found.stop == Stop::evaluations) said.severity = Severity::warning;
    result_.notes.push_back(std::move(said));
    if (problem_.constraints.empty()) {
      result_.notes.push_back(remark(Message::gradient_left, {figure(found.slope), figure(found.steepness)}));
    } else {
      Diagnostic held = remark(Message::constraints_hold, {figure(found.violation)});
      const bool is_met = found.violation <= met_within;
      if (!is_met) held = remark(Message::constraints_violated, {figure(found.violation)});
      if (!is_met) held.severity = Severity::warning;
      result_.is_confirmed = is_met;
      result_.notes.push_back(std::move(held));
    }
    std::vector<double> arrays(parameters_.array_size());
    parameters_.to_arrays(found.x.data(), arrays.data());
    for (const Parameters::Unknown& u : parameters_.unknowns()) {
      Numbers::Output output{u.name, {u.rows, u.cols, u.size() == 1 ? 0 : u.cols == 1 ? 1 : 2, {}}};
      output.array.values.assign(arrays.data() + u.array, arrays.data() + u.array + u.size());
      result_.outputs.push_back(std::move(output));
    }
  }

  // By the objective alone, which knows nothing of gradients.
  void confirm() {
    const Steepness found =
        steepness_at(problem_, result_.optimum, [this](const double* x) { return functions_->value(x); });
    const bool is_flat = found.relative <= flat_within;
    Diagnostic said = remark(is_flat ? Message::minimum_confirmed : Message::minimum_not_confirmed,
                             {std::to_string(found.directions), figure(found.relative)});
    if (found.directions == 0) said = remark(Message::minimum_in_corner);
    if (!is_flat) said.severity = Severity::warning;
    result_.is_confirmed = result_.is_confirmed && is_flat && std::isfinite(result_.optimum.value);
    result_.notes.push_back(std::move(said));
  }

  const MinimiseRequest& request_;
  std::vector<Bound> bounds_;
  std::vector<ConstraintBody> bodies_;
  std::vector<Sides> equations_;
  std::unique_ptr<Together> together_;
  Parameters parameters_;
  std::unique_ptr<SearchFunctions> functions_;
  SmoothProblem problem_;
  std::vector<double> start_;
  Minimised result_;
};

}  // namespace

Result<Minimised> minimise(const MinimiseRequest& request) {
  return Minimiser(request).run();
}

}  // namespace matgrad
