#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs sharded code for JAX on eight devices, which the processor plays: shard.py MATGRAD.

What f_sharded returns is compared with what f returns on one device, and what its description says with what JAX did:
which arrays are split and which are whole, and the collective operations of the compiled program. Last, code with a
mistake put in has to be found out. Prints what is wrong, and how many cases passed and failed.
"""
import os

DEVICES = 8
os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={DEVICES}"
os.environ["JAX_PLATFORMS"] = "cpu"

import dataclasses
import math
import re
import subprocess
import sys

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

TOLERANCE = 1e-10  # relative
M, N, K = 24, 3, 4
DERIVATIVES = "value,grad,hess"
random = np.random.default_rng(1)


@dataclasses.dataclass
class Case:
    expression: str
    arguments: dict  # by name
    split: set  # names of arguments and results
    wrt: str = ""
    what: str = "value"
    shard: str = "m"
    added_up: int = 0  # numbers, over the devices
    gathers: bool = False
    damping: float = 0.0  # of the Newton step, where the Hessian is singular
    variables: tuple = ()


def array(*shape):
    return random.normal(size=shape)


def regression():
    return {"X": array(M, N), "w": array(N), "y": np.sign(array(M))}


def classes():
    return {"X": array(M, N), "W": array(N, K), "Y": np.eye(K)[random.integers(K, size=M)]}


LOGISTIC = "sum(log(exp(-y.*(X*w)) + ones(m)))"
SOFTMAX = "sum(log(rowsum(exp(X*W)))) - tr(Y'*X*W)"
ALL = 1 + N + N * N
CASES = [
    Case("norm2(X*w - y)^2", regression(), {"X", "y"}, "w", DERIVATIVES, added_up=ALL),
    Case(LOGISTIC, regression(), {"X", "y"}, "w", DERIVATIVES, added_up=ALL),
    Case("sum(softplus(-y.*(X*w)))", regression(), {"X", "y"}, "w", DERIVATIVES, added_up=ALL),
    Case(SOFTMAX, classes(), {"X", "Y"}, "W", "value,grad", added_up=2 + N * K),
    Case(SOFTMAX, classes(), {"X", "Y"}, "W", DERIVATIVES, gathers=True, damping=1.0),
    # A result that is split, a matrix split by columns, a sum that is no result, a factorisation of what is split.
    Case("norm2(X*w - y)^2", regression(), {"X", "y", "grad"}, "y", "value,grad", added_up=1),
    Case("norm2(Z'*w - y)^2", {"Z": array(N, M), "w": array(N), "y": array(M)}, {"Z", "y"}, "w", DERIVATIVES,
         added_up=ALL, variables=("Z: matrix(n,m)",)),
    Case("logdet(X'*X)", {"X": array(M, N)}, {"X"}, added_up=N * N),
    Case("logdet(X'*X)", {"X": array(M, N)}, {"X", "grad"}, "X", "value,grad", gathers=True),
    Case("logdet(X*X' + I(m))", {"X": array(M, N)}, {"X", "grad"}, "X", "value,grad", gathers=True),
    Case("exp(X)*w", {"X": array(M, N), "w": array(N)}, {"X", "value"}),
    # Whole numbers and sizes are compiled in.
    Case("tr(X*A^p*X')", {"X": array(M, N), "A": array(N, N), "p": 3}, {"X"}, added_up=1,
         variables=("p: scalar", "A: matrix(n,n)")),
    Case("A*X", {"A": array(M, N), "k": K}, {"A"}, "X", "grad", gathers=True),
]


def code_of(program, case):
    command = [program, "codegen", case.expression, "--target", "jax", "--shard", case.shard, "--what", case.what,
               "--quiet"]
    command += ["--wrt", case.wrt] if case.wrt else []
    for variable in case.variables:
        command += ["--var", variable]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


# ---- what is said and what is done ----------------------------------------------------------------------------------
def collectives(compiled):
    """The collective operations of a compiled program: name and how many numbers each device gets."""
    operation = re.compile(r" = (.*?) (all-reduce|all-gather|all-to-all|collective-permute|reduce-scatter)(-start)?\(")
    found = []
    for line in compiled.as_text().splitlines():
        match = operation.search(line)
        if match:
            shapes = re.findall(r"[a-z]+\d+\[([\d,]*)\]", match[1])
            found.append((match[2], sum(math.prod(int(n) for n in s.split(",") if n) for s in shapes)))
    return found


def said_to_be_added_up(description, case):
    match = re.search(r"\(all-reduce\): (.*)\.\n", description)
    return eval(match[1], {"m": M, "n": N, "k": K}) if match else 0


def traffic_faults(description, compiled, case):
    done = collectives(compiled)
    others = {name for name, _ in done if name != "all-reduce"}
    says_more = "Some steps exchange more" in description
    if says_more != case.gathers:
        yield f"it is {'' if says_more else 'not '}said to exchange more"
    if case.gathers:
        return
    added_up = sum(count for name, count in done if name == "all-reduce")
    said = said_to_be_added_up(description, case)
    if others:
        yield f"exchanges more than it says: {', '.join(sorted(others))}"
    if not added_up == said == case.added_up:
        yield f"adds up {added_up} numbers, {said} are said, {case.added_up} are right"


def placement_fault(name, placed, is_split):
    """Whether every device holds its part of an array, or all of it."""
    if len(placed.addressable_shards) != DEVICES:
        return f"{name} is on {len(placed.addressable_shards)} devices"
    wanted = list(placed.shape)
    if is_split:
        axis = wanted.index(M)
        wanted[axis] //= DEVICES
        starts = sorted(s.index[axis].start or 0 for s in placed.addressable_shards)
        if starts != [i * wanted[axis] for i in range(DEVICES)]:
            return f"the parts of {name} begin at {starts}"
    parts = {s.data.shape for s in placed.addressable_shards}
    return None if parts == {tuple(wanted)} else f"{name} is in parts of shapes {parts}, not {tuple(wanted)}"


def deviation(name, got, wanted):
    got, wanted = np.asarray(got), np.asarray(wanted)
    if got.shape != wanted.shape:
        return f"{name} has shape {got.shape}, not {wanted.shape}"
    error = np.max(np.abs(got - wanted)) / max(1.0, np.max(np.abs(wanted)))
    return None if error <= TOLERANCE else f"{name} is off by {error:.1e}"


def newton_step(variable, results, damping):
    _, grad, hess = (np.asarray(r) for r in results)
    step = np.linalg.solve(hess + damping * np.eye(len(hess)), grad.ravel(order="F"))
    return variable - step.reshape(variable.shape, order="F")


def as_tuple(results):
    return results if isinstance(results, tuple) else (results,)


def faults(code, case):
    scope = {}
    exec(compile(code, case.expression, "exec"), scope)
    plain, run = scope["f"], scope["f_sharded"](jax.devices())
    names = list(plain.__code__.co_varnames[: plain.__code__.co_argcount])
    arguments = [case.arguments[name] for name in names]
    constants = tuple(i for i, x in enumerate(arguments) if isinstance(x, int))
    arrays = [i for i in range(len(arguments)) if i not in constants]

    with jax.default_device(jax.devices()[0]):
        wanted = as_tuple(jax.jit(plain, static_argnums=constants)(*arguments))
    compiled = run.lower(*arguments).compile()
    yield from traffic_faults(scope["f_sharded"].__doc__, compiled, case)

    # Placed once, as one does for many calls.
    placed = jax.device_put([arguments[i] for i in arrays], list(compiled.input_shardings[0]))
    results = as_tuple(compiled(*placed))
    output_names = case.what.split(",")
    for name, value in [*zip([names[i] for i in arrays], placed), *zip(output_names, results)]:
        yield placement_fault(name, value, name in case.split)
    for name, got, right in zip(output_names, results, wanted):
        yield deviation(name, got, right)
    # Placed by the call.
    for name, got, right in zip(output_names, as_tuple(run(*arguments)), wanted):
        yield deviation(f"{name} of a plain call", got, right)
    if "hess" in output_names:
        variable = case.arguments[case.wrt]
        sharded, single = (newton_step(variable, r, case.damping) for r in (results, wanted))
        yield deviation("the Newton step", sharded, single)
        if np.allclose(single, variable):
            yield "the Newton step goes nowhere"


def iteration_faults(program):
    """Newton's method with the results left where they are, on all devices and on four of them."""
    case = CASES[1]
    scope = {}
    exec(code_of(program, case), scope)
    for devices in (None, jax.devices()[:4]):
        run = scope["f_sharded"](devices)
        order = list(scope["f"].__code__.co_varnames[:3])
        labels = case.arguments["X"] @ np.ones(N) + array(M)  # that no plane separates
        data = {**case.arguments, "y": np.sign(labels)}
        compiled = run.lower(*(data[name] for name in order)).compile()
        places = dict(zip(order, compiled.input_shardings[0]))
        data = {name: jax.device_put(data[name], places[name]) for name in order}
        data["w"] = jax.device_put(np.zeros(N), places["w"])
        for _ in range(12):
            _, grad, hess = compiled(*(data[name] for name in order))
            data["w"] = data["w"] - jax.numpy.linalg.solve(hess, grad)
        _, grad, _ = compiled(*(data[name] for name in order))
        if not np.max(np.abs(grad)) < 1e-9:
            yield f"Newton's method ends at a gradient of {np.max(np.abs(grad)):.1e}"
    try:
        scope["f_sharded"](jax.devices()[:5])(*(case.arguments[name] for name in order))
        yield f"five devices share {M} rows"
    except ValueError:
        pass


# What has to be noticed: where the code of the first case is changed so.
MISTAKES = [
    ("in_shardings=(rows, ", "in_shardings=(whole, "),
    ("PartitionSpec(\"m\")", "PartitionSpec()"),
    ("n + n*n + 1.", "n + 1."),
    ("        f,\n", "        lambda *a: tuple(r + 1e-8 for r in f(*a)),\n"),
    ("jax.devices() if devices is None else devices", "jax.devices()[:1]"),
]


def unnoticed(program):
    case = CASES[0]
    code = code_of(program, case)
    for right, wrong in MISTAKES:
        if right not in code:
            yield f"there is no {right!r} in the code"
            continue
        found = [f for f in faults(code.replace(right, wrong), case) if f]
        if not found:
            yield f"{wrong!r} went unnoticed"


def main():
    program = sys.argv[1]
    if len(jax.devices()) != DEVICES:
        sys.exit(f"there are {len(jax.devices())} devices, not {DEVICES}")
    checks = [(f"{case.expression} by {case.wrt or 'nothing'}: {case.what}",
               lambda case=case: faults(code_of(program, case), case)) for case in CASES]
    checks += [("Newton's method", lambda: iteration_faults(program)), ("mistakes", lambda: unnoticed(program))]
    failed = 0
    for title, check in checks:
        try:
            found = [fault for fault in check() if fault]
        except Exception as error:  # whatever the code raises is its fault
            found = [f"{type(error).__name__}: {error}"]
        failed += bool(found)
        for fault in found:
            print(f"jax --shard, {title}: {fault[:300]}")
    print(f"jax --shard: {len(checks) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
