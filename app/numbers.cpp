// SPDX-License-Identifier: MIT
// `matgrad eval`: data in, numbers out.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/remark.hpp"
#include "commands.hpp"
#include "engine/evaluate_plan.hpp"
#include "engine/json.hpp"
#include "print/plan_text.hpp"

namespace matgrad {
namespace {

// How much of a large file has been read, for people who wait at a terminal.
std::function<void(double)> progress_of(const std::string& file, bool quiet) {
  if (quiet || isatty(STDERR_FILENO) == 0) return {};
  return [file](double part) {
    std::fprintf(stderr, part < 1 ? "\r%s %3.0f %%" : "\r\033[K", file.c_str(), 100 * part);
    std::fflush(stderr);
  };
}

// "X=X.npy", "lam=0.5".
Result<NamedArray> read_data(const std::string& option, bool quiet) {
  const std::size_t equals = option.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == option.size()) {
    return failure(Message::data_option_malformed, {option});
  }
  NamedArray named;
  named.name = option.substr(0, equals);
  named.source = option.substr(equals + 1);
  char* end = nullptr;
  const double number = std::strtod(named.source.c_str(), &end);
  if (*end == '\0') {
    named.array.values = {number};
    return named;
  }
  ReadOptions options;
  options.progress = progress_of(named.source, quiet);
  auto array = read_array(named.source, options);
  if (!array) return tl::make_unexpected(array.error());
  named.array = std::move(*array);
  return named;
}

}  // namespace

Result<std::vector<NamedArray>> read_data(const std::vector<std::string>& options, const CommandLine& arguments) {
  std::vector<NamedArray> data;
  Diagnostics errors;
  for (const std::string& option : options) {
    auto named = read_data(option, arguments.quiet);
    if (!named) {
      errors.insert(errors.end(), named.error().begin(), named.error().end());
      continue;
    }
    const bool is_known =
        std::any_of(data.begin(), data.end(), [&](const NamedArray& other) { return other.name == named->name; });
    if (is_known) return failure(Message::data_given_twice, {named->name});
    data.push_back(std::move(*named));
  }
  if (!errors.empty()) return tl::make_unexpected(std::move(errors));
  return data;
}

namespace {

nlohmann::ordered_json array_json(const DataArray& array) {
  if (array.dimensions == 0) return array.values[0];
  auto rows = nlohmann::ordered_json::array();
  for (std::int64_t i = 0; i < array.rows; ++i) {
    auto row = nlohmann::ordered_json::array();
    for (std::int64_t j = 0; j < array.cols; ++j)
      row.push_back(array.values[static_cast<std::size_t>(i + j * array.rows)]);
    rows.push_back(array.dimensions == 1 ? row[0] : row);
  }
  return rows;
}

void print_json(const std::vector<Numbers::Output>& outputs, const Diagnostics& notes, Language language,
                const std::string& search) {
  nlohmann::ordered_json result;
  for (const Numbers::Output& output : outputs) {
    result[output.name] = {{"shape", {output.array.rows, output.array.cols}}, {"numbers", array_json(output.array)}};
  }
  auto said = nlohmann::ordered_json::array();
  for (const Diagnostic& note : notes) said.push_back(sentence(note.message, note.arguments, language));
  result["notes"] = said;
  if (!search.empty()) result["search"] = nlohmann::ordered_json::parse(search);
  std::printf("%s\n", result.dump().c_str());
}

// Alone it stands by itself, to be read by the next program; several have their names in front.
void print_text(const std::vector<Numbers::Output>& outputs) {
  for (const Numbers::Output& output : outputs) {
    const std::string text = write_text(view_of(output.array));
    if (outputs.size() == 1) {
      std::fputs(text.c_str(), stdout);
    } else if (output.array.dimensions == 0) {
      std::printf("%s = %s", output.name.c_str(), text.c_str());
    } else {
      std::printf("%s =\n%s", output.name.c_str(), text.c_str());
    }
  }
}

// "grad=g.npy": into a file instead of onto the screen.
Result<void> write_files(std::vector<Numbers::Output>& outputs, const std::vector<std::string>& files) {
  for (const std::string& option : files) {
    const std::size_t equals = option.find('=');
    const std::string name = equals == std::string::npos ? outputs.front().name : option.substr(0, equals);
    const std::string file = equals == std::string::npos ? option : option.substr(equals + 1);
    const auto output =
        std::find_if(outputs.begin(), outputs.end(), [&](const Numbers::Output& o) { return o.name == name; });
    if (output == outputs.end()) {
      std::string known;
      for (const Numbers::Output& o : outputs) known += (known.empty() ? "" : ", ") + o.name;
      return failure(Message::output_not_named, {name, known});
    }
    if (auto written = write_npy(file, view_of(output->array)); !written) return written;
    outputs.erase(output);
  }
  return {};
}

// To six digits of the largest entry.
void round_off(DataArray& array) {
  double largest = 0;
  for (const double value : array.values) largest = std::max(largest, std::abs(value));
  if (!(largest > 0) || !std::isfinite(largest)) return;
  const double unit = std::pow(10.0, std::floor(std::log10(largest)) - 5);
  for (double& value : array.values) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", std::round(value / unit) * unit);
    value = std::strtod(text, nullptr) + 0.0;  // no -0
  }
}

NumberRequest request_of(const CommandLine& arguments) {
  NumberRequest request;
  request.what = compute_request(arguments);
  request.single_precision = arguments.single_precision;
  return request;
}

}  // namespace

int print_found(std::vector<Numbers::Output> outputs, const Diagnostics& notes, const std::string& about,
                const CommandLine& arguments) {
  if (arguments.format != Format::json) print_notes(notes, arguments);
  if (auto written = write_files(outputs, arguments.outputs); !written) return report(written.error(), arguments);
  if (arguments.format == Format::json) {
    print_json(outputs, notes, arguments.language, about);
    return done;
  }
  for (Numbers::Output& output : outputs) {
    if (!about.empty()) round_off(output.array);
  }
  print_text(outputs);
  return done;
}

int print_numbers(std::vector<Numbers::Output> outputs, const Diagnostics& notes, const CommandLine& arguments) {
  return print_found(std::move(outputs), notes, {}, arguments);
}

int run_eval(const CommandLine& arguments) {
  auto data = read_data(arguments.data, arguments);
  if (!data) return report(data.error(), arguments);
  NumberRequest request = request_of(arguments);
  request.data = std::move(*data);
  if (arguments.explain_plan) {
    auto planned = plan_only(std::move(request));
    if (!planned) return report(planned.error(), arguments);
    const std::string text = plan_text(planned->computation.store(), planned->plan);
    std::fputs(text.c_str(), stdout);
    return done;
  }
  auto numbers = evaluate_numbers(std::move(request));
  if (!numbers) return report(numbers.error(), arguments);
  return print_numbers(std::move(numbers->outputs), numbers->notes, arguments);
}

}  // namespace matgrad
