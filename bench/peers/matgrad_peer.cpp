// SPDX-License-Identifier: MIT
// Compiled functions of matgrad for a program that can call C: the benchmark beside the peers is in Python.
//
// A request is a JSON object: expr, vars {name: kind}, wrt "W1,W2", what ["value", "grad"], sizes {name: number}.
// Nothing throws; what went wrong is a text in `message`, which holds `room` characters.
#include <chrono>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "matgrad/function.hpp"
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
