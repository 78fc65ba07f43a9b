// SPDX-License-Identifier: MIT
#include "codegen/tidy.hpp"

#include <utility>

#include "ops/structural.hpp"

namespace matgrad {
namespace {

void mark_integers(Values& values, const CodeValue& value) {
  const bool passes_on = value.is_integer && value.form >= ValueForm::add && value.form <= ValueForm::negate;
  const bool counts = (value.form == ValueForm::apply && value.op != op::blocks) ||
                      (value.form >= ValueForm::pick_entry && value.form <= ValueForm::pick_column);
  for (std::size_t i = 0; i < value.arguments.size(); ++i) {
    CodeValue& argument = values.all[value.arguments[i]];
    const bool is_bound = value.form == ValueForm::repeat && i < 2;
    const bool picks = value.form >= ValueForm::pick_entry && value.form <= ValueForm::pick_column;
    argument.is_indexed |= picks && i == 0;
    argument.is_integer |= argument.is_scalar() && (passes_on || counts || is_bound);
  }
}

// From the last to the first: what is written in several places counts what it contains as often.
void count(Values& values) {
  auto& all = values.all;
  for (ValueId output : values.outputs) ++all[output].uses;
  for (std::size_t i = all.size(); i-- > 0;) {
    if (all[i].uses == 0) continue;
    mark_integers(values, all[i]);
    const std::uint32_t times = is_always_inline(all[i].form) ? all[i].uses : 1;
    for (ValueId argument : all[i].arguments) {
      CodeValue& inner = all[argument];
      inner.uses += times;
      const bool from_within = all[i].form == ValueForm::repeat && inner.scope == all[i].loop;
      inner.crosses = inner.crosses || (inner.scope != all[i].scope && !from_within) ||
                      (is_always_inline(all[i].form) && all[i].crosses);
    }
  }
}

// Where one factorises a matrix only to solve with it once, one calls what does both.
void join_factorisations(Values& values) {
  for (CodeValue& value : values.all) {
    if (value.uses == 0 || value.form < ValueForm::solve || value.form > ValueForm::log_determinant) continue;
    CodeValue& factors = values.all[value.arguments[0]];
    if (factors.form != ValueForm::factorise || factors.factorisation != Factorisation::lu) continue;
    if (factors.uses != 1 || factors.crosses) continue;
    factors.uses = 0;
    value.arguments[0] = factors.arguments[0];
    value.is_direct = true;
  }
}

// Whether nothing else reads it, so that it may be written otherwise.
bool is_single(const CodeValue& value) {
  return value.uses == 1 && !value.crosses;
}

bool turn_difference(CodeValue& value) {
  if (value.form != ValueForm::subtract || !is_single(value)) return false;
  std::swap(value.arguments[0], value.arguments[1]);
  return true;
}

// b - a rather than -(a - b), and A*(c - b) rather than -A*(b - c).
void turn_differences(Values& values) {
  for (CodeValue& value : values.all) {
    if (value.uses == 0 || value.form != ValueForm::negate) continue;
    CodeValue& inner = values.all[value.arguments[0]];
    if (!is_single(inner) || inner.scope != value.scope) continue;
    const bool is_product = inner.form == ValueForm::product || inner.form == ValueForm::multiply;
    const bool turned = turn_difference(inner) || (is_product && (turn_difference(values.all[inner.arguments[1]]) ||
                                                                  turn_difference(values.all[inner.arguments[0]])));
    if (!turned) continue;
    inner.uses = 0;
    value.form = inner.form;
    value.arguments = inner.arguments;
  }
}

}  // namespace

bool is_always_inline(ValueForm form) {
  return form == ValueForm::argument || form == ValueForm::index || form == ValueForm::constant ||
         form == ValueForm::dimension || form == ValueForm::transpose || form == ValueForm::reshape;
}

void tidy(Values& values) {
  count(values);
  join_factorisations(values);
  turn_differences(values);
}

}  // namespace matgrad
