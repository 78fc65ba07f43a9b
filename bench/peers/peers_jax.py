# SPDX-License-Identifier: MIT
"""JAX on the CPU: jit of value_and_grad and of hessian, compiled before they are timed, waited for when called."""
import time
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import jax.scipy.linalg

from candidate import Candidate, Refused
from formulas import forms
from workloads import data, hessian_by_columns

MEMORY = 6 * 2**30

xp = SimpleNamespace(
    **{name: getattr(jnp, name) for name in "exp log tanh trace diag kron sum dot eye diagonal".split()},
    relu=jax.nn.relu,
    inv=jnp.linalg.inv,
    solve=jnp.linalg.solve,
    cholesky=jnp.linalg.cholesky,
    logdet=lambda a: jnp.linalg.slogdet(a)[1],
    softplus=jax.nn.softplus,
    row=lambda x: x,
    square=lambda a: (a * a).sum(),
    rowsum=lambda a: a.sum(1),
    colsum=lambda a: a.sum(0),
    logsumexp=jax.nn.logsumexp,
    logsumexp_rows=lambda a: jax.nn.logsumexp(a, axis=1),
    solve_lower=lambda L, b: jax.scipy.linalg.solve_triangular(L, b, lower=True),
    minus_row=lambda a, x: a - x,
    by_rows=lambda x, shape: x.reshape(shape),
)


def describe():
    return {"JAX": jax.__version__}


def make(workload, kind, sizes, formula):
    arrays = {name: jnp.asarray(array) for name, array in data(workload, sizes).items()}
    wrt = workload["wrt"] if kind == "vg" else workload["wrt"][:1]
    others = {name: array for name, array in arrays.items() if name not in wrt}

    def function(variables, rest):
        return formula(xp, **rest, **dict(zip(wrt, variables)))

    transformed = jax.value_and_grad(function) if kind == "vg" else jax.hessian(function)
    variables = [arrays[name] for name in wrt]
    begin = time.perf_counter()
    jitted = jax.jit(transformed)
    needed = jitted.lower(variables, others).compile().memory_analysis()
    seconds = time.perf_counter() - begin
    if needed is not None and needed.temp_size_in_bytes > MEMORY:
        raise Refused(f"about {needed.temp_size_in_bytes / 2**30:.0f} GiB")

    def numbers(results):
        if kind == "vg":
            return [results[0], *results[1]]
        return [hessian_by_columns(results[0][0], variables[0].shape)]

    jax.block_until_ready(jitted(variables, others))
    candidate = Candidate(lambda: jax.block_until_ready(jitted(variables, others)), numbers)
    candidate.notes = {"planning": seconds}
    return candidate


def candidates(workload, kind, sizes, size):
    return {
        "jax" + ending: lambda formula=formula: make(workload, kind, sizes, formula)
        for ending, formula in forms(workload).items()
    }
