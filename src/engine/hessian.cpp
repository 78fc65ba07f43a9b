// SPDX-License-Identifier: MIT
// The public Hessian: one plan for what it is made of at a point, and one each for what is done with it.
#include "matgrad/hessian.hpp"

#include <algorithm>

#include "engine/compute.hpp"
#include "engine/public_errors.hpp"
#include "engine/sized_plan.hpp"
#include "engine/structured_inverse.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "print/plan_text.hpp"
#include "print/text.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

// Where a plan's input comes from: an argument, a constant that was computed at the point, or the direction.
struct Source {
  enum class Kind : std::uint8_t { argument, constant, direction };
  Kind kind = Kind::argument;
  std::size_t at = 0;
};

struct Part {
  SizedPlan sized;
  std::vector<Source> sources;
  std::unique_ptr<Runner<double>> runner;
};

}  // namespace

struct Hessian::State {
  std::unique_ptr<Derivation> derivation;
  std::map<std::string, std::int64_t> sizes;
  Language language = Language::english;
  std::vector<std::string> names;
  std::vector<NodeId> arguments;  // symbols
  std::vector<NodeId> constants;  // and what stands for them in the plans that use them
  std::vector<NodeId> constant_symbols;
  NodeId direction = no_node;
  Part factors;
  Part apply;
  Part solve;
  Part dense;
  std::vector<const double*> point;

  Store& store() const { return derivation->store; }

  std::optional<Error> prepare(Part& part, const std::vector<PlanRequest::Output>& outputs) const {
    auto sized = sized_plan(store(), outputs, sizes, language);
    if (!sized) return sized.error();
    part.sized = std::move(*sized);
    for (BufferId input : part.sized.plan.inputs)
      part.sources.push_back(source_of(part.sized.plan.buffers[input].node));
    return std::nullopt;
  }

  Source source_of(NodeId symbol) const {
    const auto place = [&](const std::vector<NodeId>& all) {
      return static_cast<std::size_t>(std::find(all.begin(), all.end(), symbol) - all.begin());
    };
    if (symbol == direction) return {Source::Kind::direction, 0};
    if (const std::size_t at = place(constant_symbols); at < constants.size()) return {Source::Kind::constant, at};
    MATGRAD_ASSERT(place(arguments) < arguments.size());
    return {Source::Kind::argument, place(arguments)};
  }

  void make_runner(Part& part) const {
    part.sized.sizes.resize(store().dims.atom_count(), 0);
    part.runner = std::make_unique<Runner<double>>(store(), part.sized.plan, part.sized.sizes);
  }

  std::optional<Error> run(Part& part, const double* along) {
    for (std::size_t i = 0; i < part.sources.size(); ++i) {
      const Source& source = part.sources[i];
      const double* values = source.kind == Source::Kind::direction  ? along
                             : source.kind == Source::Kind::constant ? factors.runner->output(source.at).data()
                                                                     : point[source.at];
      part.runner->set_input(i, values);
    }
    const auto failure = part.runner->run();
    return failure ? std::optional<Error>(error_of(store(), *failure, language)) : std::nullopt;
  }

  tl::expected<NumbersView<double>, Error> result(Part& part, const double* along, const char* name) {
    if (auto error = run(part, along)) return tl::make_unexpected(*error);
    const auto view = part.runner->output(0);
    return NumbersView<double>{name, view.rows(), view.cols(), view.data()};
  }
};

namespace {

// The outputs apply and solve as functions of one direction, with what stays put aside.
struct Forms {
  NodeId dense;
  Staged apply;
  Staged solve;
};

Forms forms_of(Build& build, Computation& computation, const std::map<std::string, std::int64_t>& named) {
  const Question& question = computation.derivation->question;
  Forms result{computation.outputs[0].node, {}, {}};
  const std::vector<std::int64_t> sizes = sizes_by_atom(build.store(), named);
  const Type& type = build.type(question.variable);
  const NodeId stacked = type.cols == dim_one
                             ? question.hole
                             : build.call(operator_computed_as(Computed::column_stack), NodeList{question.hole});
  const NodeId solution = Simplifier(build)(applied_inverse(build, result.dense, stacked, sizes));
  const NodeId shaped = Simplifier(build)(build.unvec(solution, type.rows, type.cols));
  result.apply = staged(build, computation.outputs[1].node, question.hole);
  result.solve = staged(build, shaped, question.hole);
  return result;
}

}  // namespace

Hessian::Hessian(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hessian::Hessian(Hessian&&) noexcept = default;
Hessian& Hessian::operator=(Hessian&&) noexcept = default;
Hessian::~Hessian() = default;

const std::vector<std::string>& Hessian::arguments() const {
  return state_->names;
}

std::pair<std::int64_t, std::int64_t> Hessian::shape(std::size_t argument) const {
  const Store& store = state_->store();
  const Type& type = store.type(state_->arguments[argument]);
  const auto& sizes = state_->dense.sized.sizes;
  return {store.dims.evaluate(type.rows, sizes).value_or(0), store.dims.evaluate(type.cols, sizes).value_or(0)};
}

std::string Hessian::form() const {
  return to_text(state_->store(), state_->derivation->presented.result);
}

std::string Hessian::plan() const {
  std::string text;
  for (const auto& [title, part] : {std::pair("at", &state_->factors), std::pair("apply", &state_->apply),
                                    std::pair("solve", &state_->solve), std::pair("dense", &state_->dense)}) {
    if (part->runner == nullptr && part != &state_->dense) continue;
    text.append("# ").append(title).append("\n").append(plan_text(state_->store(), part->sized.plan));
  }
  return text;
}

std::optional<Error> Hessian::at(const double* const* arguments) try {
  state_->point.assign(arguments, arguments + state_->arguments.size());
  return state_->factors.runner == nullptr ? std::nullopt : state_->run(state_->factors, nullptr);
} catch (const std::exception& bug) {
  return error_of(bug, state_->language);
}

tl::expected<NumbersView<double>, Error> Hessian::apply(const double* direction) try {
  return state_->result(state_->apply, direction, "hvp");
} catch (const std::exception& bug) {
  return tl::make_unexpected(error_of(bug, state_->language));
}

tl::expected<NumbersView<double>, Error> Hessian::solve(const double* right_side) try {
  return state_->result(state_->solve, right_side, "solution");
} catch (const std::exception& bug) {
  return tl::make_unexpected(error_of(bug, state_->language));
}

// Its memory is taken when it is asked for: it may be more than there is for what the other two need.
tl::expected<NumbersView<double>, Error> Hessian::dense() try {
  if (state_->dense.runner == nullptr) state_->make_runner(state_->dense);
  return state_->result(state_->dense, nullptr, "hess");
} catch (const std::exception& bug) {
  return tl::make_unexpected(error_of(bug, state_->language));
}

tl::expected<Hessian, Error> compile_hessian(std::string_view expression, std::string_view wrt,
                                             const std::map<std::string, std::int64_t>& sizes,
                                             const Options& options) try {
  ComputeRequest request;
  request.question.expression = expression;
  request.question.wrt = wrt;
  request.question.variables = options.variables;
  request.question.verify = options.verify;
  request.wanted = {Wanted::hessian, Wanted::hessian_product};
  auto state = std::make_unique<Hessian::State>();
  state->language = language_of(options);
  state->sizes = sizes;
  auto computation = compute(request);
  if (!computation) return tl::make_unexpected(error_of(computation.error(), expression, state->language));
  Build build(computation->store());
  const Forms expressions = forms_of(build, *computation, sizes);
  state->derivation = std::move(computation->derivation);
  state->direction = state->derivation->question.hole;
  for (NodeId id : topological(state->store(), state->derivation->value)) {
    const Node& node = state->store()[id];
    if (node.op != op::symbol || state->store().symbol_at(node.first).role == Symbol::Role::index) continue;
    state->arguments.push_back(id);
    state->names.push_back(state->store().symbol_at(node.first).name);
  }
  for (const Staged* part : {&expressions.apply, &expressions.solve}) {
    state->constants.insert(state->constants.end(), part->constants.begin(), part->constants.end());
    state->constant_symbols.insert(state->constant_symbols.end(), part->symbols.begin(), part->symbols.end());
  }
  std::vector<PlanRequest::Output> constants;
  for (NodeId constant : state->constants) constants.push_back({"constant", constant});
  std::optional<Error> error;
  if (!constants.empty()) error = state->prepare(state->factors, constants);
  if (!error) error = state->prepare(state->apply, {{"hvp", expressions.apply.rest}});
  if (!error) error = state->prepare(state->solve, {{"solution", expressions.solve.rest}});
  if (!error) error = state->prepare(state->dense, {{"hess", expressions.dense}});
  if (error) return tl::make_unexpected(*error);
  if (!constants.empty()) state->make_runner(state->factors);
  state->make_runner(state->apply);
  state->make_runner(state->solve);
  return Hessian(std::move(state));
} catch (const std::exception& bug) {
  return tl::make_unexpected(error_of(bug, language_of(options)));
}

}  // namespace matgrad
