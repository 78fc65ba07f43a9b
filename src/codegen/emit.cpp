// SPDX-License-Identifier: MIT
#include "codegen/emit.hpp"

#include <algorithm>

#include "codegen/shard.hpp"
#include "codegen/target.hpp"

namespace matgrad {
namespace {

// What is longer is given a name of its own.
constexpr std::size_t longest_inline = 44;

bool is_identifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class Emission {
 public:
  Emission(Store& store, const Plan& plan, const CodeRequest& request)
      : store_(store), plan_(plan), request_(request), values_(values_of(store, plan)), target_(target_of()) {}

  Result<std::string> run() {
    if (!request_.shard.empty()) {
      if (auto fault = shard_fault(store_, values_, request_)) return failure(std::move(*fault));
    }
    CodeFunction signature;
    signature.name = request_.name;
    taken_.insert(request_.name);
    name_arguments(signature);
    name_dimensions(signature);
    for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
      CodeFunction::Output output;
      output.name = free_name(identifier(plan_.outputs[i].name));
      output.value = values_.outputs[i];
      if (i < request_.formulas.size()) output.formula = request_.formulas[i];
      signature.outputs.push_back(std::move(output));
    }
    for (const CodeFunction::Output& output : signature.outputs) wanted_names_.try_emplace(output.value, output.name);
    write_scope(0);
    for (CodeFunction::Output& output : signature.outputs) output.piece = target_->pieces[output.value];
    if (!target_->refusals.empty()) return tl::make_unexpected(target_->refusals);
    return target_->complete(signature, lines_);
  }

 private:
  std::unique_ptr<Target> target_of() {
    switch (request_.target) {
      case CodeTarget::cpp: return eigen_target(store_, values_, request_);
      case CodeTarget::julia:
      case CodeTarget::matlab: return matlab_target(store_, values_, request_);
      default: return numpy_target(store_, values_, request_);
    }
  }

  // ---------------------------------------------------------------- names

  // What is no letter in the target becomes an underscore.
  static std::string identifier(const std::string& name) {
    std::string result;
    for (char c : name) result += is_identifier(std::string_view(&c, 1)) ? c : '_';
    return result;
  }
  bool is_free(const std::string& name) const {
    const std::string padded = " " + name + " ";
    return taken_.count(name) == 0 && target_->reserved().find(padded) == std::string_view::npos;
  }
  std::string free_name(std::string name) {
    while (!is_free(name)) name += "_";
    taken_.insert(name);
    return name;
  }
  void name_arguments(CodeFunction& signature) {
    for (ValueId id : values_.arguments) {
      const Symbol& symbol = store_.symbol_at(store_[values_[id].node].first);
      target_->names[id] = free_name(identifier(symbol.name));
      signature.arguments.push_back(id);
    }
  }
  void name_dimensions(CodeFunction& signature) {
    const std::set<Atom> readable = readable_dimensions(store_, values_);
    std::set<Atom> mentioned;
    auto mention = [&](Dim dim) {
      for (const DimTerm& term : store_.dims.polynomial(dim)) mentioned.insert(term.atoms.begin(), term.atoms.end());
    };
    for (const CodeValue& value : values_.all) {
      if (value.uses == 0) continue;
      const bool reads = value.form == ValueForm::spread || value.form == ValueForm::reshape ||
                         value.form == ValueForm::identity || value.form == ValueForm::apply ||
                         value.form == ValueForm::repeat || value.form == ValueForm::inverse;
      if (value.form == ValueForm::dimension) mention(value.dim);
      if (!reads) continue;
      mention(value.rows);
      mention(value.cols);
    }
    for (Atom atom = 0; atom < store_.dims.atom_count(); ++atom) {
      if (mentioned.count(atom) + readable.count(atom) == 0) continue;
      const bool shown = readable.count(atom) > 0;
      target_->dimensions[atom] = free_name(identifier(store_.dims.atom_name(atom)));
      if (!shown) signature.extra.push_back(target_->dimensions[atom]);
    }
  }
  std::string local_name(ValueId id) {
    const auto wanted = wanted_names_.find(id);
    if (wanted != wanted_names_.end()) return wanted->second;
    const CodeValue& value = values_[id];
    if (value.form == ValueForm::factorise) {
      const bool is_cholesky = value.factorisation == Factorisation::cholesky;
      const std::string kind = is_cholesky ? "chol" : "lu";  // not an operator
      const std::string& of = target_->pieces[value.arguments[0]].text;
      return free_name(is_identifier(of) ? kind + "_" + of : kind);
    }
    std::string name;
    do {
      name = "t" + std::to_string(++locals_);
    } while (!is_free(name));
    taken_.insert(name);
    return name;
  }

  // ---------------------------------------------------------------- statements

  void put(const std::string& line) { lines_.push_back(std::string(target_->indentation() * depth_, ' ') + line); }

  void write_scope(std::uint32_t scope) {
    for (ValueId id = 0; id < values_.all.size(); ++id) {
      const CodeValue& value = values_[id];
      if (value.scope != scope || value.uses == 0) continue;
      if (value.form == ValueForm::repeat) {
        write_loop(id);
        continue;
      }
      const CodePiece piece = target_->write(id);
      target_->pieces[id] = piece;
      if (is_kept(id, piece)) keep(id, piece);
    }
  }

  bool is_kept(ValueId id, const CodePiece& piece) const {
    const CodeValue& value = values_[id];
    if (target_->must_keep(value)) return true;
    if (value.is_literal || is_always_inline(value.form) || is_identifier(piece.text)) return false;
    if (value.uses > 1 || value.crosses) return true;
    return piece.text.size() > longest_inline && wanted_names_.count(id) == 0;
  }

  void keep(ValueId id, const CodePiece& piece) {
    target_->names[id] = local_name(id);
    put(target_->assign(target_->names[id], id, piece));
    target_->pieces[id] = {target_->names[id]};
  }

  void write_loop(ValueId id) {
    const CodeValue& value = values_[id];
    const ValueId index = values_.loops[value.loop].index;
    const std::string name = local_name(id);
    target_->names[id] = name;
    target_->names[index] = free_name(identifier(store_.symbol_at(store_[values_[index].node].first).name));
    put(target_->assign(name, id, target_->zero(value)));
    put(target_->open_loop(target_->names[index], target_->pieces[value.arguments[0]],
                           target_->pieces[value.arguments[1]]));
    ++depth_;
    write_scope(value.loop);
    put(target_->accumulate(name, target_->pieces[value.arguments[2]]));
    --depth_;
    const std::string end = target_->close_loop();
    if (!end.empty()) put(end);
    taken_.erase(target_->names[index]);
    target_->pieces[id] = {name};
  }

  Store& store_;
  const Plan& plan_;
  const CodeRequest& request_;
  Values values_;
  std::unique_ptr<Target> target_;
  std::set<std::string> taken_;
  std::map<ValueId, std::string> wanted_names_;
  std::vector<std::string> lines_;
  std::size_t depth_ = 0;
  int locals_ = 0;
};

}  // namespace

Result<std::string> emit(Store& store, const Plan& plan, const CodeRequest& request) {
  return Emission(store, plan, request).run();
}

}  // namespace matgrad
