#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs generated code against the evaluator: check.py TARGET CASES [SCRATCH], CASES as matgrad_code_cases prints them.

numpy, jax and torch run in this interpreter; cpp, matlab and julia are written into SCRATCH, compiled or started once,
and print what they compute. Prints failures and, last, how many cases passed, failed, were refused and were skipped.
"""
import concurrent.futures
import importlib
import inspect
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

TOLERANCE = 1e-6  # relative: square roots of matrices lose half of the digits


def natural(argument):
    value = np.array(argument["value"])
    return {"scalar": lambda: float(value[0, 0]), "matrix": lambda: value}.get(argument["kind"], value.ravel)()


def deviation(got, output):
    wanted = natural(output)
    got = np.asarray(got, dtype=float)
    if got.shape != np.shape(wanted):
        return f"{output['name']} has shape {got.shape}, not {np.shape(wanted)}"
    scale = max(1e-3, np.max(np.abs(wanted)))
    error = np.max(np.abs(got - wanted)) / scale
    if not error < TOLERANCE + 1e4 * output["sensitivity"]:
        return f"{output['name']} is off by {error:.1e}"
    return None


def faults(case, results):
    for got, output in zip(results, case["outputs"]):
        fault = deviation(got, output)
        if fault:
            return fault
    return None if len(results) == len(case["outputs"]) else "not as many results as wanted"


# ---- Python ---------------------------------------------------------------------------------------------------------
def python_arguments(function, case, convert):
    names = list(inspect.signature(function).parameters)
    result = []
    for name, argument in zip(names, case["arguments"]):
        whole = f"  {name}: int\n" in function.__doc__ + "\n"
        result.append(int(natural(argument)) if whole else convert(natural(argument)))
    for name in names[len(case["arguments"]):]:
        result.append(case["sizes"][name.rstrip("_")])
    return result


def run_python(target, cases, scratch):
    convert = to_numpy = lambda x: x
    jit = lambda f, arguments: f(*arguments)
    if target == "jax":
        jax = importlib.import_module("jax")
        jax.config.update("jax_enable_x64", True)
        convert = jax.numpy.asarray
        # Under jit; what is no array, a dimension, is static.
        jit = lambda f, a: jax.jit(f, static_argnums=tuple(i for i, x in enumerate(a) if isinstance(x, int)))(*a)
    if target == "torch":
        torch = importlib.import_module("torch")
        convert = lambda x: torch.tensor(x, dtype=torch.float64)
        to_numpy = lambda x: x.numpy() if hasattr(x, "numpy") else x
    for case in cases:
        try:
            scope = {}
            exec(compile(case["code"][target], case["id"], "exec"), scope)
            results = jit(scope["f"], python_arguments(scope["f"], case, convert))
            results = results if isinstance(results, tuple) else (results,)
            yield case, faults(case, [to_numpy(r) for r in results])
        except Exception as error:  # whatever the code raises is its fault
            yield case, f"{type(error).__name__}: {error}"


# ---- programs that print their results ------------------------------------------------------------------------------
def read_results(text):
    """Lines "CASE OUTPUT ROWS COLS NUMBER…", the numbers down the columns; "CASE error TEXT" where it failed."""
    results = {}
    for line in text.splitlines():
        words = line.split(" ")
        if len(words) > 2 and words[1] == "error":
            results[int(words[0])] = " ".join(words[2:])
        elif len(words) > 4 and words[0].isdigit():
            rows, cols = int(words[2]), int(words[3])
            numbers = [float(w) for w in words[4:] if w]
            if len(numbers) != rows * cols:
                continue  # it crashed
            array = np.array(numbers).reshape(cols, rows).T
            results.setdefault(int(words[0]), []).append(array)
    return results


def judge(cases, results):
    for number, case in enumerate(cases):
        got = results.get(number)
        if not isinstance(got, list):
            yield case, got or "no result"
            continue
        shaped = []
        for array, output in zip(got, case["outputs"]):
            wrong = array.shape != np.shape(output["value"])
            natural_form = array[0, 0] if output["kind"] == "scalar" else array.ravel()
            shaped.append(array if wrong or output["kind"] == "matrix" else natural_form)
        yield case, faults(case, shaped)


def extra_sizes(case, target):
    """The dimensions that the function wants beside its arguments, in the order in which it says so."""
    code = case["code"]["numpy"] if "numpy" in case["code"] else case["code"][target]
    header = next(line for line in code.splitlines() if line.startswith("def f("))
    names = [n.strip() for n in header[6:-2].split(",") if n.strip()]
    return [case["sizes"][n.rstrip("_")] for n in names[len(case["arguments"]):]]


def run_matlab(target, cases, scratch):
    lines = ["warning('off', 'all'); more off"]
    for number, case in enumerate(cases):
        folder = scratch / f"case{number}"
        folder.mkdir()
        (folder / "f.m").write_text(case["code"][target])
        arguments = [matlab_array(a) for a in case["arguments"]] + [str(s) for s in extra_sizes(case, target)]
        outputs = [f"y{i}" for i in range(len(case["outputs"]))]
        show = "".join(f"printf('{number} {i} %d %d', size({y})); printf(' %.17g', {y}); printf('\\n');"
                       for i, y in enumerate(outputs))
        lines.append(f"addpath('{folder}'); clear f; try, [{', '.join(outputs)}] = f({', '.join(arguments)}); {show} "
                     f"catch e, printf('%s\\n', strrep(['{number} error ', e.message], char(10), ' ')); "
                     f"end, rmpath('{folder}');")
    script = scratch / "run_all.m"
    script.write_text("\n".join(lines) + "\n")
    done = subprocess.run(["octave-cli", "--norc", "-q", str(script)], capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr[-2000:])
    yield from judge(cases, read_results(done.stdout))


def matlab_array(argument):
    return "[" + "; ".join(", ".join(repr(x) for x in row) for row in argument["value"]) + "]"


def run_julia(target, cases, scratch):
    kinds = {"scalar": lambda v: repr(v[0][0]), "column": lambda v: repr([row[0] for row in v]),
             "row": lambda v: f"permutedims({v[0]!r})", "matrix": lambda v: matlab_array({"value": v}).replace(",", " ")}
    lines = ["using Printf"]
    for number, case in enumerate(cases):
        lines += [f"module Case{number}", case["code"][target], "end"]
        arguments = [kinds[a["kind"]](a["value"]) for a in case["arguments"]]
        arguments += [str(s) for s in extra_sizes(case, target)]
        lines.append(f"try\n  r = Case{number}.f({', '.join(arguments)})\n  r isa Tuple || (r = (r,))\n"
                     f"  for (i, y) in enumerate(r)\n    print(\"{number} \", i - 1, \" \", size(y, 1), \" \", size(y, 2))\n"
                     f"    foreach(x -> @printf(\" %.17g\", x), y)\n    println()\n  end\n"
                     f"catch e\n  println(\"{number} error \", replace(sprint(showerror, e), \"\\n\" => \" \"))\nend")
    script = scratch / "run_all.jl"
    script.write_text("\n".join(lines) + "\n")
    done = subprocess.run(["julia", str(script)], capture_output=True, text=True)
    yield from judge(cases, read_results(done.stdout))


def run_cpp(target, cases, scratch):
    """In a few programs, compiled side by side."""
    numbered = list(enumerate(cases))
    count = max(1, min(os.cpu_count() or 1, len(cases) // 20))
    parts = [numbered[first::count] for first in range(count)]
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        texts = pool.map(lambda i: cpp_program(target, parts[i], scratch / f"part{i}"), range(count))
    results = {}
    for text in texts:
        results.update(read_results(text))
    yield from judge(cases, results)


def cpp_program(target, numbered, scratch):
    scratch.mkdir(exist_ok=True)
    kinds = {"scalar": "double", "column": "Eigen::VectorXd", "row": "Eigen::RowVectorXd", "matrix": "Eigen::MatrixXd"}
    includes = {"#include <Eigen/Dense>", "#include <cstdio>", "#include <fstream>", "#include <tuple>"}
    data, bodies, calls = [], [], []
    for number, case in numbered:
        code = case["code"][target].splitlines()
        includes.update(line for line in code if line.startswith("#include"))
        body = "\n".join(line for line in code if not line.startswith("#"))
        bodies.append(f"namespace case{number} {{\n{body}\n}}\n")
        for a in case["arguments"]:
            flat = [x for row in a["value"] for x in row]
            data.append(f"{len(a['value'])} {len(a['value'][0])} " + " ".join(map(repr, flat)))
        names = [f"a{i}" for i in range(len(case["arguments"]))]
        read = "".join(f"  const auto {n} = next<{kinds[a['kind']]}>();\n" for n, a in zip(names, case["arguments"]))
        given = ", ".join(names + [str(s) for s in extra_sizes(case, target)])
        calls.append(f"static void run{number}() {{\n{read}  try {{ show({number}, case{number}::f({given})); }}\n"
                     f"  catch (const std::exception& e) {{ std::printf(\"{number} error %s\\n\", e.what()); }}\n}}\n")
    main = "int main(int, char** argv) {\n  in.open(argv[1]);\n" + "".join(
        f"  run{number}();\n" for number, _ in numbered) + "}\n"
    source = scratch / "cases.cpp"
    source.write_text(CPP_ASSERT + "\n".join(sorted(includes)) + CPP_READING + "".join(bodies) + "".join(calls) + main)
    (scratch / "data.txt").write_text("\n".join(data) + "\n")
    program = scratch / "cases"
    build = subprocess.run(["c++", "-std=c++17", "-O0", "-Wall", "-Wextra", "-isystem", "/usr/include/eigen3",
                            str(source), "-o", str(program)], capture_output=True, text=True)
    if build.stderr:
        sys.stderr.write("\n".join(line for line in build.stderr.splitlines() if "error:" in line or "warning:" in line))
    if build.returncode:
        return ""
    return subprocess.run([str(program), str(scratch / "data.txt")], capture_output=True, text=True).stdout


CPP_ASSERT = """#include <stdexcept>
#define eigen_assert(x) do { if (!(x)) throw std::logic_error(#x); } while (false)
"""
CPP_READING = """
static std::ifstream in;
template <class T> T next() {
  long rows, cols;
  in >> rows >> cols;
  Eigen::MatrixXd a(rows, cols);
  for (long i = 0; i < rows; ++i) for (long j = 0; j < cols; ++j) in >> a(i, j);
  if constexpr (std::is_same_v<T, double>) return a(0, 0);
  else return T(a);
}
static void print(int number, int at, const Eigen::MatrixXd& a) {
  std::printf("%d %d %ld %ld", number, at, long(a.rows()), long(a.cols()));
  for (long k = 0; k < a.size(); ++k) std::printf(" %.17g", a.data()[k]);
  std::printf("\\n");
  std::fflush(stdout);
}
static void print(int number, int at, double a) { print(number, at, Eigen::MatrixXd::Constant(1, 1, a)); }
template <class... T> void show(int number, const std::tuple<T...>& results) {
  int at = 0;
  std::apply([&](const auto&... y) { (print(number, at++, y), ...); }, results);
}
template <class T> void show(int number, const T& result) { print(number, 0, result); }
"""


def main():
    target, file = sys.argv[1], sys.argv[2]
    cases = [json.loads(line) for line in open(file)]
    skipped = [c for c in cases if "skipped" in c]
    refused = [c for c in cases if target in c.get("refused", {})]
    runnable = [c for c in cases if target in c.get("code", {})]
    runner = {"cpp": run_cpp, "matlab": run_matlab, "julia": run_julia}.get(target, run_python)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else pathlib.Path(folder)
        scratch.mkdir(parents=True, exist_ok=True)
        with np.errstate(all="ignore"):
            for case, fault in runner(target, runnable, scratch):
                passed += fault is None
                failed += fault is not None
                if fault:
                    print(f"{target} {case['id']}: {fault[:300]}\n    {case['expr']}")
    for case in refused:
        print(f"{target} {case['id']} refused: {case['refused'][target].splitlines()[0]}")
    print(f"{target}: {passed} passed, {failed} failed, {len(refused)} refused, {len(skipped)} skipped")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
