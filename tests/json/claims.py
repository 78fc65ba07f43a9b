#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validates what `matgrad check` and `matgrad lint` print.

    tests/json/claims.py build/release/matgrad

check: docs/check.schema.json; lint: docs/lint.schema.json, and the SARIF 2.1.0 schema of OASIS, which the npm package
@microsoft/jest-sarif carries (`npm ci` in tests/json). Needs the Python packages jsonschema and referencing.
"""
import copy
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

root = pathlib.Path(__file__).resolve().parents[2]
sarif_path = root / "tests/json/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
documents = ["derivatives.md", "derivatives.tex", "contexts.md", "contexts.tex", "notebook.ipynb", "plain.txt"]

more_claims = [
    (r"\frac{\partial x^\top A x}{\partial x} = (A + A^\top) x", []),
    (r"\nabla_x \|A x - b\|_2^2 = 2 A (A x - b)", ["--lang", "zh"]),
    ("d(x'*A*x)/dx = 2*A*x = 2*x'*A", ["--var", "A: symmetric(n)"]),
]
refused = ["x'*A*x", "d(x'*x)/dx =", "d(foo(x))/dx = x", "d2(x)/dx2 = I"]


def stored(name):
    return json.loads((root / "docs" / name).read_text(encoding="utf-8"))


def validator_of(name):
    """Of a schema in docs, which may refer to the others there."""
    store = {other: stored(other) for other in ("derivation.schema.json", "check.schema.json", "lint.schema.json")}
    schema = store[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    try:
        import referencing
        registry = referencing.Registry().with_resources(
            (other, referencing.Resource.from_contents(content)) for other, content in store.items())
        return jsonschema.Draft202012Validator(dict(schema, **{"$id": name}), registry=registry)
    except ImportError:  # jsonschema before 4.18
        for other, content in store.items():
            content["$id"] = other
        resolver = jsonschema.RefResolver(name, schema, store=store)
        return jsonschema.Draft202012Validator(schema, resolver=resolver)


def changed(value, path, by):
    """A copy with one place changed; `by` None takes the place away."""
    result = copy.deepcopy(value)
    place = result
    for key in path[:-1]:
        place = place[key]
    if by is None:
        del place[path[-1]]
    else:
        place[path[-1]] = by
    return result


class Checks:
    def __init__(self, program):
        self.program = pathlib.Path(program).resolve()
        self.problems = []
        self.count = 0

    def run(self, words, codes, where=root):
        done = subprocess.run([self.program, *words], capture_output=True, text=True, cwd=where)
        self.count += 1
        if done.returncode not in codes:
            self.problems.append(f"{' '.join(map(str, words))}: exit code {done.returncode}, {done.stderr}")
        return done

    def expect(self, validator, what, value):
        for error in validator.iter_errors(value):
            self.problems.append(f"{what}: {error.json_path}: {error.message}")

    def expect_refusal_of(self, validator, broken):
        """A schema that lets everything pass checks nothing."""
        for what, value in broken:
            if validator.is_valid(value):
                self.problems.append(f"the schema accepts: {what}")

    def check_reports(self):
        validator = validator_of("check.schema.json")
        claims = list(more_claims)
        for line in (root / "tests/claims.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            claims.append((row["claim"], [w for name, kind in row["vars"].items() for w in ("--var", f"{name}: {kind}")]))
        reports = {}
        for claim, words in claims:
            done = self.run(["check", claim, *words, "--format", "json"], (0, 1))
            report = json.loads(done.stdout)
            self.expect(validator, claim, report)
            if (done.returncode == 0) != (report["verdict"] == "true"):
                self.problems.append(f"{claim}: exit code {done.returncode}, {report['verdict']}")
            if (report["counterexample"] is None) == (report["verdict"] == "true"):
                reports.setdefault(report["verdict"], report)
        for claim in refused:
            self.expect(validator, claim, json.loads(self.run(["check", claim, "--format", "json"], (2,)).stdout))
        if len(reports) != 3:
            self.problems.append(f"verdicts: {sorted(reports)}")
            return len(claims)
        good, bad, conditional = reports["true"], reports["false"], reports["conditional"]
        self.expect_refusal_of(validator, [
            ("a verdict of its own", changed(good, ["verdict"], "maybe")),
            ("true in nothing", changed(good, ["true_in"], [])),
            ("true in another form", changed(good, ["true_in"], ["matrix"])),
            ("true and wrong", changed(good, ["why"], "the sign is wrong")),
            ("true and refuted", changed(good, ["counterexample"], bad["counterexample"])),
            ("false and right somewhere", changed(bad, ["true_in"], ["numerator"])),
            ("false without a reason", changed(bad, ["why"], "")),
            ("no condition", dict(conditional, condition=None)),
            ("a shape of one number", changed(good, ["shapes", "claimed"], ["n"])),
            ("a kind that is none", changed(good, ["vars", "x"], "tensor(n)")),
            ("no notes", changed(good, ["notes"], None)),
            ("no text", changed(good, ["correct", "denominator", "text"], None)),
            ("a number as text", changed(bad, ["counterexample", "claimed"], [["1"]])),
            ("a field more", dict(good, error={"code": 2, "message": "both"})),
        ])
        return len(claims) + len(refused)

    def check_findings(self):
        validator = validator_of("lint.schema.json")
        findings = []
        for name in documents:
            done = self.run(["lint", f"tests/lint/{name}", "--format", "json"], (1,))
            found = json.loads(done.stdout)
            self.expect(validator, name, found)
            self.check_places(name, found)
            findings += found
        true = next(one for one in findings if one["verdict"] == "true")
        skipped = next(one for one in findings if one["verdict"] == "skipped")
        self.expect_refusal_of(validator, [
            ("line 0", [changed(true, ["line"], 0)]),
            ("no column", [changed(true, ["column"], None)]),
            ("true in nothing", [changed(true, ["true_in"], [])]),
            ("skipped without a reason", [dict(skipped, why=None)]),
            ("skipped with an answer", [dict(skipped, correct=true["correct"])]),
            ("no array", true),
        ])

    def check_places(self, name, found):
        """Every claim begins where it is said to; a row of a derivation, "= …", at its sign."""
        lines = (root / "tests/lint" / name).read_text(encoding="utf-8").split("\n")
        for one in found:
            start = one["claim"].split(" ")[0]
            if name.endswith(".ipynb"):
                start = json.dumps(start)[1:-1]
            rest = lines[one["line"] - 1][one["column"] - 1:]
            is_row = rest.startswith("= ") and one["claim"].endswith(rest.split(r"\\")[0].rstrip(" ."))
            if not rest.startswith(start) and not is_row:
                self.problems.append(f"{name}:{one['line']}:{one['column']}: not here: {one['claim']}")

    def check_sarif(self):
        schema = json.loads(sarif_path.read_text(encoding="utf-8"))
        jsonschema.Draft4Validator.check_schema(schema)
        validator = jsonschema.Draft4Validator(schema)
        log = None
        with tempfile.TemporaryDirectory() as scratch:
            # Names that a URI cannot hold as they are.
            odd = pathlib.Path(scratch) / "求导 notes: 100%.md"
            shutil.copy(root / "tests/lint/contexts.md", odd)
            names = [f"tests/lint/{name}" for name in documents]
            for words in ([*names], [odd], [odd.name], [names[0], "--lang", "zh"]):
                where = scratch if words == [odd.name] else root
                done = self.run(["lint", *words, "--format", "sarif"], (1,), where)
                log = log or json.loads(done.stdout)
                self.check_log(validator, json.loads(done.stdout), pathlib.Path(where))
        first = ["runs", 0, "results", 0]
        place = [*first, "locations", 0, "physicalLocation"]
        self.expect_refusal_of(validator, [
            ("another version", changed(log, ["version"], "2.0.0")),
            ("no runs", changed(log, ["runs"], None)),
            ("a tool without a name", changed(log, ["runs", 0, "tool", "driver", "name"], None)),
            ("a level of its own", changed(log, [*first, "level"], "fatal")),
            ("no message", changed(log, [*first, "message"], None)),
            ("line 0", changed(log, [*place, "region", "startLine"], 0)),
            ("a column as text", changed(log, [*place, "region", "startColumn"], "3")),
            ("a field of its own", changed(log, [*first, "verdict"], "false")),
            ("another kind of column", changed(log, ["runs", 0, "columnKind"], "bytes")),
        ])

    def check_log(self, validator, log, where):
        self.expect(validator, "sarif", log)
        run = log["runs"][0]
        rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
        for result in run["results"]:
            if result["ruleId"] not in rules:
                self.problems.append(f"sarif: no rule {result['ruleId']}")
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            if not re.fullmatch(r"(file://)?([\w\-.~/!$&'()*+,;=@]|%[0-9A-F]{2})+", uri, re.ASCII):
                self.problems.append(f"sarif: not a URI: {uri}")
            path = re.sub(r"(%[0-9A-F]{2})+", lambda m: bytes.fromhex(m[0].replace("%", "")).decode(), uri)
            if not (where / path.removeprefix("file://")).is_file():
                self.problems.append(f"sarif: no such file: {uri}")


def main():
    checks = Checks(sys.argv[1])
    claims = checks.check_reports()
    checks.check_findings()
    checks.check_sarif()
    for problem in checks.problems:
        print(problem, file=sys.stderr)
    print(f"claims: {claims} claims and {len(documents)} documents, {checks.count} commands, {len(checks.problems)} problems")
    return 1 if checks.problems else 0


sys.exit(main())
