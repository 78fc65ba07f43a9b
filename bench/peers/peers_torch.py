# SPDX-License-Identifier: MIT
"""PyTorch: autograd for value and gradient; Hessians by torch.autograd.functional, row by row and vectorised, and by
torch.func (functorch before version 2), which is forward over reverse."""
import os
import time
from types import SimpleNamespace

import torch

try:
    import functorch
except ImportError:
    functorch = None

from candidate import Candidate, Refused
from formulas import forms
from workloads import data, hessian_by_columns

torch.set_default_dtype(torch.float64)
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))

transform = getattr(torch, "func", None) or functorch
MEMORY = 6 * 2**30
PATIENCE = 8.0  # seconds of a Hessian row by row

xp = SimpleNamespace(
    **{name: getattr(torch, name) for name in "exp log tanh relu trace diag kron sum dot eye logdet diagonal".split()},
    inv=torch.linalg.inv,
    solve=torch.linalg.solve,
    cholesky=torch.linalg.cholesky,
    softplus=torch.nn.functional.softplus,
    row=lambda x: x,
    square=lambda a: (a * a).sum(),
    rowsum=lambda a: a.sum(1),
    colsum=lambda a: a.sum(0),
    logsumexp=lambda x: torch.logsumexp(x, 0),
    logsumexp_rows=lambda a: torch.logsumexp(a, 1),
    solve_lower=lambda L, b: torch.linalg.solve_triangular(L, b[:, None], upper=False)[:, 0],
    minus_row=lambda a, x: a - x,
    by_rows=lambda x, shape: x.reshape(shape),
)


def describe():
    return {"PyTorch": torch.__version__.split("+")[0], "its Hessians": transform.__name__ if transform else "autograd"}


def value_gradient(formula, arrays, wrt):
    variables = [arrays[name].requires_grad_() for name in wrt]

    def call():
        value = formula(xp, **arrays)
        return value, *torch.autograd.grad(value, variables)

    return Candidate(call, lambda results: [result.detach().numpy() for result in results])


class Rows:
    """What a Hessian takes: the time of one row, and the bytes of what one row leaves behind for another derivative."""

    def __init__(self, function, x):
        variable = x.detach().clone().requires_grad_()
        self.bytes = 0
        seen = set()

        def pack(tensor):
            if tensor.data_ptr() not in seen:
                seen.add(tensor.data_ptr())
                self.bytes += tensor.numel() * tensor.element_size()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            (gradient,) = torch.autograd.grad(function(variable), variable, create_graph=True)
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            if gradient.requires_grad:
                torch.autograd.grad(gradient.reshape(-1)[0], variable, retain_graph=True, allow_unused=True)
            times.append(time.perf_counter() - begin)
        self.seconds = min(times)
        self.count = x.numel()


def hessian(formula, arrays, wrt, way):
    x = arrays[wrt]

    def function(value):
        return formula(xp, **{**arrays, wrt: value})

    rows = Rows(function, x)
    if way == "loop" and rows.seconds * rows.count > PATIENCE:
        raise Refused(f"about {rows.seconds * rows.count:.0f} s")
    inputs = sum(array.numel() * array.element_size() for array in arrays.values())
    intermediates = max(0, rows.bytes - inputs) * rows.count
    if way != "loop" and intermediates > MEMORY:
        raise Refused(f"about {intermediates / 2**30:.0f} GiB")
    call = {
        "loop": lambda: torch.autograd.functional.hessian(function, x),
        "vec": lambda: torch.autograd.functional.hessian(function, x, vectorize=True),
        "func": lambda: transform.hessian(function)(x),
    }[way]
    return Candidate(call, lambda result: [hessian_by_columns(result.detach().numpy(), tuple(x.shape))])


def candidates(workload, kind, sizes, size):
    def arrays():
        return {name: torch.tensor(array) for name, array in data(workload, sizes).items()}

    made = {}
    for ending, formula in forms(workload).items():
        if kind == "vg":
            made["torch" + ending] = lambda formula=formula: value_gradient(formula, arrays(), workload["wrt"])
            continue
        for way in ("loop", "vec", "func") if transform else ("loop", "vec"):
            made[f"torch_{way}{ending}"] = lambda formula=formula, way=way: hessian(
                formula, arrays(), workload["wrt"][0], way
            )
    return made
