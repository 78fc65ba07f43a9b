#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validates what the command line and the C API answer against docs/derivation.schema.json.

    tests/json/check.py build/release

The directory holds the programs matgrad and matgrad_answer. Needs the Python package jsonschema.
"""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

root = pathlib.Path(__file__).resolve().parents[2]
schema = json.loads((root / "docs/derivation.schema.json").read_text(encoding="utf-8"))

# What `matgrad diff --format json` is asked for; every form, layout, order, kind of variable and language.
commands = [
    ["norm2(X*w - y)^2", "--wrt", "w"],
    ["x'*A*x", "--wrt", "x", "--layout", "numerator"],
    ["x'*A*x", "--wrt", "x", "--order", "2"],
    ["x'*A*y", "--wrt", "x,y", "--order", "2"],
    ["A*x", "--wrt", "x'"],
    ["A*X*B", "--wrt", "X", "--form", "block"],
    ["inv(X)", "--wrt", "X", "--form", "vech", "--var", "X: symmetric(n)"],
    ["A*X*B + C*X'*D", "--wrt", "X", "--form", "vec"],
    ["inv(X)", "--wrt", "X", "--form", "differential"],
    ["tr(A*S)", "--wrt", "S", "--var", "S: symmetric(n)"],
    ["tr(A*S)", "--wrt", "S", "--var", "S: symmetric(n)", "--symmetric", "free-entries"],
    ["logdet(S)", "--wrt", "S", "--var", "S: spd(n + 1)"],
    ["sum(log(A*x))", "--wrt", "x", "--var", "A: matrix(2*m,n) positive", "--var", "x: vector(n) positive"],
    ["tr(A'*Q)", "--wrt", "Q", "--var", "Q: orthogonal(n)", "--manifold"],
    ["sum(softplus(X*w))", "--wrt", "w", "--order", "2"],
    ["sum(log(1 + exp(X*w)))", "--wrt", "w"],
    ["x'*S*y", "--wrt", "x,y", "--order", "2", "--form", "differential"],
    ["1/x^2", "--wrt", "x", "--var", "x: scalar"],
    ["sum(abs(x))", "--wrt", "x", "--lang", "zh"],
    ["x'*x", "--wrt", "x", "--no-verify"],
    ["λ*norm2(x)^2", "--wrt", "x"],
    ["norm2(W2*tanh(W1*x) - y)^2", "--wrt", "W1", "--steps"],
    ["sum(softplus(X*w))", "--wrt", "w", "--order", "2", "--steps=brief", "--lang", "zh"],
]

# What the command line refuses, with the exit code.
refused_commands = [
    (["x +", "--wrt", "x"], 2),
    (["softmx(x)", "--wrt", "x", "--lang", "zh"], 2),
    (["X*Y", "--wrt", "X", "--var", "X: matrix(3,2)", "--var", "Y: matrix(4,5)"], 2),
]

# Requests of the C API, with whether they are answered.
requests = [
    ({"expr": "x'*x", "wrt": "x"}, True),
    ({"expr": "A*X", "wrt": "X", "vars": ["A: matrix(3,2)"], "layout": "numerator", "form": "vec"}, True),
    ({"expr": "x'*x", "wrt": "x", "order": 2, "verify": False, "lang": "zh"}, True),
    ({"expr": "x'*A*x", "wrt": "x", "steps": True}, True),
    ({"expr": "x +", "wrt": "x"}, False),
    ({"expr": "softmx(x)", "wrt": "x", "lang": "zh"}, False),
    ({"expr": "X*Y", "wrt": "X", "vars": ["X: matrix(3,2)", "Y: matrix(4,5)"]}, False),
    ({"expr": "logdet(S)", "wrt": "S", "vars": ["S: spd(n)"], "manifold": True}, True),
    ({"expr": "x'*x", "wrt": "x", "manifold": True}, False),
    ({"expr": "x'*x", "wrt": "x", "manifold": 1}, False),
    ({"wrt": "x"}, False),
    ([], False),
]


def objects(text):
    """The JSON values that stand one after another in the text."""
    decoder = json.JSONDecoder()
    found = []
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def changed(answer, path, value):
    result = copy.deepcopy(answer)
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return result


def main():
    programs = pathlib.Path(sys.argv[1])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems = []

    def check(what, answer):
        for error in validator.iter_errors(answer):
            problems.append(f"{what}: {error.message}")

    answers = []
    for words in commands:
        done = subprocess.run([programs / "matgrad", "diff", *words, "--format", "json"],
                              capture_output=True, text=True, check=True)
        answers.append(json.loads(done.stdout))
        check(" ".join(words), answers[-1])

    for words, code in refused_commands:
        done = subprocess.run([programs / "matgrad", "diff", *words, "--format", "json"], capture_output=True, text=True)
        refusal = json.loads(done.stdout)
        check(" ".join(words), refusal)
        if done.returncode != code or refusal.get("error", {}).get("code") != code or not done.stderr:
            problems.append(f"{' '.join(words)}: exit code {done.returncode}, {refusal}, stderr {done.stderr!r}")

    lines = "".join(json.dumps(request) + "\n" for request, _ in requests)
    done = subprocess.run([programs / "matgrad_answer"], input=lines, capture_output=True, text=True, check=True)
    replies = objects(done.stdout)
    if len(replies) != len(requests):
        problems.append(f"{len(requests)} requests, {len(replies)} answers")
    for (request, answered), reply in zip(requests, replies):
        check(json.dumps(request), reply)
        if ("error" not in reply) != answered:
            problems.append(f"{json.dumps(request)}: {json.dumps(reply, ensure_ascii=False)}")

    # A schema that lets everything pass checks nothing.
    good = answers[0]
    broken = [
        changed(good, ["layout"], "sideways"),
        changed(good, ["order"], 3),
        changed(good, ["vars", "X"], "tensor(m, n)"),
        changed(good, ["result", "shape"], ["n"]),
        changed(good, ["result", "text"], ""),
        changed(good, ["result", "with"], "p"),
        changed(good, ["let"], [{"name": "x"}]),
        changed(good, ["gradient"], good["result"]),
        changed(good, ["verified", "max_rel_error"], 0.5),
        changed(good, ["error"], {"code": 2, "message": "both"}),
        {key: value for key, value in good.items() if key != "notes"},
        {"error": {"code": 0, "message": "fine"}},
        {},
    ]
    for answer in broken:
        if validator.is_valid(answer):
            problems.append(f"the schema accepts {json.dumps(answer)}")

    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"json: {len(commands) + len(refused_commands)} commands and {len(requests)} requests, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
