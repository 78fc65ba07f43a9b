// SPDX-License-Identifier: MIT
// Compiled functions of matgrad for a program that can call C: the benchmark beside the peers is in Python.
//
// A request is a JSON object: expr, vars {name: kind}, wrt "W1,W2", what ["value", "grad"], sizes {name: number}.
// Nothing throws; what went wrong is a text in `message`, which holds `room` characters.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "matgrad/function.hpp"
#include "matgrad/hessian.hpp"
#include "workload_times.hpp"

using nlohmann::json;

struct matgrad_peer {
  matgrad::Function function;
};

namespace {

void write(const std::string& text, char* message, std::size_t room) {
  if (room == 0) return;
  const std::size_t length = std::min(text.size(), room - 1);
  std::memcpy(message, text.data(), length);
  message[length] = 0;
}

std::vector<std::string> declarations(const json& request) {
  std::vector<std::string> result;
  for (const auto& [name, kind] : request["vars"].items()) result.push_back(name + ": " + kind.get<std::string>());
  return result;
}

matgrad::ComputeRequest compute_request(const json& request) {
  matgrad::ComputeRequest result;
  result.question.expression = request["expr"];
  result.question.wrt = request["wrt"];
  result.question.variables = declarations(request);
  result.wanted.clear();
  for (const std::string name : request["what"]) {
    result.wanted.push_back(*matgrad::chosen<matgrad::Wanted>(matgrad::wanted_results, name));
  }
  return result;
}

bool agrees(const matgrad::NumbersView<double>& found, const matgrad::NumbersView<double>& expected, double tolerance) {
  if (found.rows != expected.rows || found.cols != expected.cols) return false;
  double largest = 0;
  double difference = 0;
  for (std::int64_t i = 0; i < found.rows * found.cols; ++i) {
    largest = std::max(largest, std::abs(expected.values[i]));
    difference = std::max(difference, std::abs(found.values[i] - expected.values[i]));
  }
  return difference <= tolerance * largest;
}

// The arrays of these names; empty if one is not there.
std::vector<const double*> in_order(const std::vector<std::string>& wanted, const std::vector<std::string>& there,
                                    const double* const* arrays) {
  std::vector<const double*> result;
  for (const std::string& name : wanted) {
    const auto found = std::find(there.begin(), there.end(), name);
    if (found == there.end()) return {};
    result.push_back(arrays[found - there.begin()]);
  }
  return result;
}

// Of one call; `use` says whether it could be made. Negative if not.
template <class Use>
double median_seconds(const Use& use) {
  constexpr int rounds = 5;
  constexpr double least_seconds = 0.005;
  std::vector<double> times;
  for (int calls = 1; times.size() < rounds;) {
    const auto begin = std::chrono::steady_clock::now();
    for (int call = 0; call < calls; ++call) {
      if (!use()) return -1;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (seconds < least_seconds && calls < 1'000'000) {
      calls *= 2;
    } else {
      times.push_back(seconds / calls);
    }
  }
  return matgrad::median(times);
}

}  // namespace

extern "C" {

// A function to be given to matgrad_peer_free, or null.
matgrad_peer* matgrad_peer_compile(const char* text, char* message, std::size_t room) try {
  const json request = json::parse(text);
  matgrad::FunctionRequest wanted;
  wanted.wrt = request["wrt"];
  wanted.what = request["what"].get<std::vector<std::string>>();
  wanted.sizes = request["sizes"].get<std::map<std::string, std::int64_t>>();
  matgrad::Options options;
  options.variables = declarations(request);
  auto function = matgrad::compile(request["expr"].get<std::string>(), wanted, options);
  if (function) return new matgrad_peer{std::move(*function)};
  write(function.error().message, message, room);
  return nullptr;
} catch (const std::exception& fault) {
  write(fault.what(), message, room);
  return nullptr;
}

// The names of the arguments in their order, parted by commas.
void matgrad_peer_arguments(const matgrad_peer* peer, char* names, std::size_t room) {
  std::string list;
  for (const std::string& name : peer->function.arguments()) list += (list.empty() ? "" : ",") + name;
  write(list, names, room);
}

void matgrad_peer_plan(const matgrad_peer* peer, char* plan, std::size_t room) {
  write(peer->function.plan(), plan, room);
}

// Calls the function so many times: the seconds of one call, or a negative number and a message.
double matgrad_peer_seconds(matgrad_peer* peer, const double* const* arguments, int calls, char* message,
                            std::size_t room) {
  const auto begin = std::chrono::steady_clock::now();
  for (int call = 0; call < calls; ++call) {
    if (const auto error = peer->function(arguments)) {
      write(error->message, message, room);
      return -1;
    }
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / calls;
}

// The numbers of a result, column by column, until the next call.
const double* matgrad_peer_result(const matgrad_peer* peer, std::size_t at, std::int64_t* rows, std::int64_t* cols) {
  const auto view = peer->function.result(at);
  *rows = view.rows;
  *cols = view.cols;
  return view.values;
}

// Of a peer that was called for its Hessian, kept as structure: its form, times[0] the seconds of computing what it is
// made of, times[1] of applying it to a direction. 0 where there is none, or its entries are not those of the peer's
// result to the tolerance of the request, which has the names of the arrays as well.
int matgrad_peer_structure(const matgrad_peer* peer, const char* text, const double* const* arrays, char* form,
                           std::size_t room, double* times) try {
  const json request = json::parse(text);
  matgrad::Options options;
  options.variables = declarations(request);
  auto hessian = matgrad::compile_hessian(request["expr"].get<std::string>(), request["wrt"].get<std::string>(),
                                          request["sizes"].get<std::map<std::string, std::int64_t>>(), options);
  if (!hessian) return 0;
  const auto point = in_order(hessian->arguments(), request["arrays"].get<std::vector<std::string>>(), arrays);
  if (point.size() != hessian->arguments().size() || hessian->at(point.data())) return 0;
  const auto entries = hessian->dense();
  if (!entries || !agrees(*entries, peer->function.result(0), request["tolerance"])) return 0;
  write(hessian->form(), form, room);
  const std::vector<double> direction(static_cast<std::size_t>(entries->cols), 1.0);
  times[0] = median_seconds([&] { return !hessian->at(point.data()); });
  times[1] = median_seconds([&] { return hessian->apply(direction.data()).has_value(); });
  return times[0] >= 0 && times[1] >= 0 ? 1 : 0;
} catch (const std::exception&) {
  return 0;
}

void matgrad_peer_free(matgrad_peer* peer) {
  delete peer;
}

// Medians in microseconds: times[0] of deriving, without verification, times[1] of planning. 0 where it was refused.
int matgrad_peer_times(const char* text, int rounds, double* times) try {
  const json request = json::parse(text);
  const auto result = matgrad::time_workload(compute_request(request), request["sizes"], rounds);
  if (!result) return 0;
  times[0] = result->derivation;
  times[1] = result->planning;
  return 1;
} catch (const std::exception&) {
  return 0;
}

}  // extern "C"
