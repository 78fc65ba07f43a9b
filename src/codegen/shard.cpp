// SPDX-License-Identifier: MIT
#include "codegen/shard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "codegen/target.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

enum class DeviceSplit : std::uint8_t { whole, rows, columns };

// A matrix with the dimension on both sides is split by rows.
DeviceSplit split_of(const CodeValue& value, Dim shared) {
  if (value.rows == shared) return DeviceSplit::rows;
  return value.cols == shared ? DeviceSplit::columns : DeviceSplit::whole;
}

// How every value is split where that of its arguments is known, in the order in which values are computed.
class ExchangeReader {
 public:
  ExchangeReader(Store& store, const Values& values, Dim shared)
      : store_(store), values_(values), shared_(shared), splits_(values.all.size(), DeviceSplit::whole) {}

  Exchange run() {
    for (ValueId id = 0; id < values_.all.size(); ++id) {
      const CodeValue& value = values_[id];
      if (value.uses > 0 || value.form == ValueForm::argument) splits_[id] = split_after(value);
    }
    return result_;
  }

 private:
  DeviceSplit split_after(const CodeValue& value) {
    switch (value.form) {
      case ValueForm::argument:
      case ValueForm::index:
      case ValueForm::constant:
      case ValueForm::dimension:
      case ValueForm::identity: return split_of(value, shared_);
      case ValueForm::transpose: return turned(split(value, 0));
      case ValueForm::diagonal: return split(value, 0);
      case ValueForm::reshape: return reshaped(value);
      case ValueForm::product: return product(value);
      case ValueForm::inner:
      case ValueForm::total: return added_up(value, are_split(value));
      case ValueForm::row_totals: return totals(value, DeviceSplit::rows);
      case ValueForm::column_totals: return totals(value, DeviceSplit::columns);
      case ValueForm::pick_row:
      case ValueForm::pick_rows: return kept_along(value, DeviceSplit::columns);
      case ValueForm::pick_column: return kept_along(value, DeviceSplit::rows);
      case ValueForm::repeat: return splits_[value.arguments[2]];
      case ValueForm::apply:
        if (entry_of(value.op).rowwise) return kept_along(value, DeviceSplit::rows);
        break;
      default:
        if (value.form <= ValueForm::spread) return beside(value);
        break;
    }
    return kept_along(value, DeviceSplit::whole);
  }

  DeviceSplit split(const CodeValue& value, std::size_t argument) const { return splits_[value.arguments[argument]]; }
  bool are_split(const CodeValue& value) const {
    return std::any_of(value.arguments.begin(), value.arguments.end(),
                       [&](ValueId id) { return splits_[id] != DeviceSplit::whole; });
  }
  static DeviceSplit turned(DeviceSplit split) {
    if (split == DeviceSplit::whole) return split;
    return split == DeviceSplit::rows ? DeviceSplit::columns : DeviceSplit::rows;
  }
  DeviceSplit gathered(const CodeValue& value) {
    result_.gathers = true;
    return split_of(value, shared_);
  }
  // A value that needs nothing of other devices where its arguments are split along that side, or whole.
  DeviceSplit kept_along(const CodeValue& value, DeviceSplit side) {
    if (!are_split(value)) return split_of(value, shared_);
    const bool is_kept = side != DeviceSplit::whole && split(value, 0) == side;
    return is_kept ? side : gathered(value);
  }

  // Entry by entry: all that is split has to be split alike.
  DeviceSplit beside(const CodeValue& value) {
    DeviceSplit common = DeviceSplit::whole;
    for (std::size_t i = 0; i < value.arguments.size(); ++i) {
      if (split(value, i) == DeviceSplit::whole) continue;
      if (common != DeviceSplit::whole && split(value, i) != common) return gathered(value);
      common = split(value, i);
    }
    return common == DeviceSplit::whole ? split_of(value, shared_) : common;
  }

  DeviceSplit reshaped(const CodeValue& value) {
    const bool is_same = values_[value.arguments[0]].is_vector() && value.is_vector();
    return !is_same && are_split(value) ? gathered(value) : split_of(value, shared_);
  }

  DeviceSplit product(const CodeValue& value) {
    const DeviceSplit left = split(value, 0);
    const DeviceSplit right = split(value, 1);
    const bool over_left = left == DeviceSplit::columns;
    const bool over_right = right == DeviceSplit::rows;
    if (over_left || over_right) {
      const bool is_sum = (over_left || left == DeviceSplit::whole) && (over_right || right == DeviceSplit::whole);
      return is_sum ? added_up(value, true) : gathered(value);
    }
    return left != DeviceSplit::whole && right != DeviceSplit::whole ? gathered(value) : beside(value);
  }

  // Sums of the rows are as the rows are split; otherwise every device has a part of each.
  DeviceSplit totals(const CodeValue& value, DeviceSplit kept) {
    return split(value, 0) == kept ? kept : added_up(value, are_split(value));
  }

  DeviceSplit added_up(const CodeValue& value, bool is_shared) {
    if (!is_shared) return split_of(value, shared_);
    if (split_of(value, shared_) != DeviceSplit::whole || value.scope != 0) return gathered(value);
    result_.summed = store_.dims.add(result_.summed, store_.dims.multiply(value.rows, value.cols));
    return DeviceSplit::whole;
  }

  Store& store_;
  const Values& values_;
  Dim shared_;
  std::vector<DeviceSplit> splits_;
  Exchange result_;
};

// ---------------------------------------------------------------- the text

class ShardedText {
 public:
  ShardedText(Store& store, const Values& values, const CodeRequest& request, const CodeFunction& signature,
              const std::vector<std::string>& names)
      : store_(store),
        values_(values),
        request_(request),
        signature_(signature),
        names_(names),
        shared_(store.dims.name(request.shard)) {}

  std::string run() {
    read_signature();
    const std::string devices = local("devices");
    const std::string mesh = local("mesh");
    std::string text = fmt::format("def {}_sharded({}=None):\n    \"\"\"", request_.name, devices);
    text += description();
    text += "\"\"\"\n";
    text += fmt::format("    {} = jax.sharding.Mesh(jax.devices() if {} is None else {}, (\"{}\",))\n", mesh, devices,
                        devices, request_.shard);
    for (const DeviceSplit one : {DeviceSplit::rows, DeviceSplit::columns, DeviceSplit::whole}) {
      const std::string name = "\"" + request_.shard + "\"";
      const std::string axes = one == DeviceSplit::whole ? "" : one == DeviceSplit::rows ? name : "None, " + name;
      const bool is_used = std::find(used_.begin(), used_.end(), one) != used_.end();
      if (!is_used) continue;
      text += fmt::format("    {} = jax.sharding.NamedSharding({}, jax.sharding.PartitionSpec({}))\n", name_of(one),
                          mesh, axes);
    }
    text += "    return jax.jit(\n        " + request_.name + ",\n";
    text += "        in_shardings=(" + joined(inputs_, true) + "),  # " + joined(input_names_) + "\n";
    const bool is_one = outputs_.size() == 1;
    text += "        out_shardings=" + (is_one ? outputs_[0] : "(" + joined(outputs_) + ")") + ",  # " +
            joined(output_names_) + "\n";
    if (!constants_.empty()) {
      text += "        static_argnums=(" + joined(constants_, true) + "),  # " + joined(constant_names_) + "\n";
    }
    return text + "    )\n";
  }

 private:
  // A name in the function, which has to see the plain one.
  std::string local(const std::string& name) const { return name == request_.name ? name + "_" : name; }
  std::string name_of(DeviceSplit split) const {
    return local(split == DeviceSplit::whole ? "whole" : split == DeviceSplit::rows ? "rows" : "columns");
  }
  static std::string joined(const std::vector<std::string>& parts, bool as_tuple = false) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return as_tuple && parts.size() == 1 ? text + "," : text;
  }
  std::string say(Message message, const std::vector<std::string>& arguments) const {
    return sentence(message, arguments, request_.language);
  }

  // A vector is an array of one index, which the first axis of a partition splits.
  std::string placed(ValueId id, const std::string& name) {
    const CodeValue& value = values_[id];
    DeviceSplit split = split_of(value, shared_);
    if (value.is_vector() && split != DeviceSplit::whole) split = DeviceSplit::rows;
    used_.push_back(split);
    const Message side = split == DeviceSplit::rows ? Message::code_sharded_rows : Message::code_sharded_columns;
    if (split == DeviceSplit::whole) {
      whole_names_.push_back(name);
    } else {
      split_names_.push_back(value.is_matrix() ? say(side, {name}) : name);
    }
    return name_of(split);
  }

  void read_signature() {
    for (std::size_t i = 0; i < signature_.arguments.size(); ++i) {
      const ValueId id = signature_.arguments[i];
      if (values_[id].is_integer) {
        add_constant(i, names_[id]);
        continue;
      }
      inputs_.push_back(placed(id, names_[id]));
      input_names_.push_back(names_[id]);
    }
    for (std::size_t i = 0; i < signature_.extra.size(); ++i) {
      add_constant(signature_.arguments.size() + i, signature_.extra[i]);
    }
    for (const CodeFunction::Output& output : signature_.outputs) {
      outputs_.push_back(placed(output.value, output.name));
      output_names_.push_back(output.name);
    }
  }
  // What shapes depend on is compiled in.
  void add_constant(std::size_t position, const std::string& name) {
    constants_.push_back(std::to_string(position));
    constant_names_.push_back(name);
  }

  // Ready to stand between quotes.
  std::string description() const {
    const Exchange exchange = exchange_of(store_, values_, shared_);
    std::string text = say(Message::code_sharded, {request_.name, request_.shard}) + "\n\n";
    const auto put = [&](Message message, const std::vector<std::string>& arguments) {
      text += "    " + say(message, arguments) + "\n";
    };
    put(Message::code_sharded_split, {request_.shard, joined(split_names_)});
    if (!whole_names_.empty()) put(Message::code_sharded_whole, {joined(whole_names_)});
    put(Message::code_sharded_divides, {request_.shard});
    if (exchange.summed != dim_zero) put(Message::code_sharded_sums, {store_.dims.text(exchange.summed)});
    if (exchange.gathers) put(Message::code_sharded_gathers, {});
    if (exchange.summed == dim_zero && !exchange.gathers) put(Message::code_sharded_silent, {});
    return text + "    ";
  }

  Store& store_;
  const Values& values_;
  const CodeRequest& request_;
  const CodeFunction& signature_;
  const std::vector<std::string>& names_;
  Dim shared_;
  std::vector<std::string> inputs_, input_names_, outputs_, output_names_, constants_, constant_names_;
  std::vector<std::string> split_names_, whole_names_;
  std::vector<DeviceSplit> used_;
};

}  // namespace

Exchange exchange_of(Store& store, const Values& values, Dim shared) {
  return ExchangeReader(store, values, shared).run();
}

std::optional<Diagnostic> shard_fault(const Store& store, const Values& values, const CodeRequest& request) {
  Diagnostic fault;
  if (request.target != CodeTarget::jax) {
    fault.message = Message::code_shard_target;
    fault.arguments = {std::string(name_of(request.target))};
    return fault;
  }
  std::vector<std::string> known;
  for (ValueId id : values.arguments) {
    for (Dim dim : {values[id].rows, values[id].cols}) {
      const auto atom = store.dims.as_atom(dim);
      if (!atom) continue;
      const std::string& name = store.dims.atom_name(*atom);
      if (name == request.shard) return std::nullopt;
      if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(name);
    }
  }
  std::string names;
  for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
  fault.message = known.empty() ? Message::code_shard_none : Message::code_shard_unknown;
  fault.arguments = {request.shard, names};
  return fault;
}

std::string sharded_function(Store& store, const Values& values, const CodeRequest& request,
                             const CodeFunction& signature, const std::vector<std::string>& names) {
  return ShardedText(store, values, request, signature, names).run();
}

}  // namespace matgrad
