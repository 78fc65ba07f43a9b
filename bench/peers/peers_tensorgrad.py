# SPDX-License-Identifier: MIT
"""tensorgrad: tensors whose edges have names, with dimensions as symbols; derivation and simplification. A time counts
where the numbers are right: the result is evaluated for small sizes and compared with the textbook's formula."""
import time
import warnings
from types import SimpleNamespace

import numpy as np
import sympy
import tensorgrad
import tensorgrad.functions as F
import torch
from tensorgrad.extras.evaluate import evaluate

from formulas import EXPERT, WRITTEN
from peers_numpy import HESSIAN, VALUE_GRADIENT
from workloads import data, data_shape

warnings.filterwarnings("ignore", message="Named tensors")
torch.set_default_dtype(torch.float64)
TOLERANCE = 1e-6  # its evaluator computes in single precision in places


class Array:
    """Matrices, vectors and scalars in the words of formulas.py: the edges are "r" and "c", "r", and none."""

    def __init__(self, tensor):
        self.tensor = tensor

    @property
    def order(self):
        return len(self.tensor.edges)

    @property
    def shape(self):
        return tuple(self.tensor.shape[edge] for edge in ("r", "c")[: self.order])

    @property
    def T(self):
        return Array(self.tensor.rename(r="c", c="r")) if self.order == 2 else self

    def __matmul__(self, other):
        if self.order == 1:
            return other.T @ self
        return Array(self.tensor.rename(c="k") @ other.tensor.rename(r="k"))

    def __mul__(self, other):
        return Array(self.tensor * tensor_of(other))

    def __add__(self, other):
        return Array(self.tensor + tensor_of(other))

    def __sub__(self, other):
        return Array(self.tensor - tensor_of(other))

    def __truediv__(self, other):
        return Array(self.tensor / tensor_of(other))

    def __pow__(self, power):
        return Array(F.pow(self.tensor, power))

    def __neg__(self):
        return Array(-1 * self.tensor)

    def __rmul__(self, factor):
        return Array(factor * self.tensor)


def tensor_of(value):
    return value.tensor if isinstance(value, Array) else value


def on(function):
    return lambda array: Array(function(array.tensor))


def diagonal_matrix(w):
    return Array(F.diag(w.tensor.rename(r="k"), ["r", "c"]))


def row_sums(a):
    return Array(F.sum(a.tensor, "c"))


def minus_row(a, x):
    rows = tensorgrad.Ones(r=a.shape[0])
    return Array(a.tensor - rows @ x.tensor.rename(r="c"))


xp = SimpleNamespace(
    exp=on(F.exp),
    log=on(F.log),
    tanh=on(F.tanh),
    relu=on(F.relu),
    trace=on(F.trace),
    inv=lambda a: Array(F.inverse(a.tensor).rename(r="c", c="r")),
    logdet=lambda a: Array(F.log(F.det(a.tensor))),
    diag=diagonal_matrix,
    eye=lambda n: Array(tensorgrad.Delta(n, "r", "c")),
    sum=on(F.sum),
    dot=lambda a, b: Array(a.tensor @ b.tensor),
    row=lambda x: x,
    square=on(F.frobenius2),
    rowsum=row_sums,
    colsum=lambda a: row_sums(a.T),
    logsumexp=lambda x: Array(F.log(F.sum(F.exp(x.tensor)))),
    minus_row=minus_row,
    by_rows=lambda x, shape: x,
)


def describe():
    from importlib.metadata import version

    return {"tensorgrad": version("tensorgrad")}


def scene(workload, sizes):
    """The variables, their tensors, and numbers for small sizes. The vectors of `kron` are matrices here: there is no
    Kronecker product in two indices."""
    tiny = {name: 2 + at for at, name in enumerate(sizes)}
    arrays = data(workload, tiny)
    dimensions = {name: sympy.Symbol(name) for name in sizes}
    variables, numbers = {}, {}
    for name, kind in workload["vars"].items():
        shape = data_shape(kind, dimensions)
        array = arrays[name]
        if workload["id"] == "kron" and len(shape) == 1:
            shape, array = (dimensions["p"], dimensions["q"]), array.reshape(tiny["p"], tiny["q"])
        edges = dict(zip(("r", "c"), shape))
        variables[name] = Array(tensorgrad.Variable(name, **edges))
        numbers[variables[name].tensor] = torch.tensor(array, dtype=torch.float64).rename(*edges)
    return variables, numbers, {dimensions[name]: size for name, size in tiny.items()}, arrays


def derive_timed(tensor, x, names):
    times = []
    while len(times) < 3 and sum(times) < 5:
        begin = time.perf_counter()
        result = tensor.grad(x, new_names=names).full_simplify()
        times.append(time.perf_counter() - begin)
    return result, float(np.median(times))


def agrees(tensor, edges, expected, numbers, sizes, by_rows):
    found = evaluate(tensor, dict(numbers), dict(sizes))
    if edges:
        found = found.align_to(*edges)
    found = found.rename(None).numpy()
    if found.ndim == 4 and not by_rows:
        found = found.transpose(1, 0, 3, 2)
    expected = np.asarray(expected, float)
    return np.max(np.abs(found.reshape(expected.shape) - expected)) <= TOLERANCE * max(np.max(np.abs(expected)), 1e-300)


def derivations(workload, sizes):
    variables, numbers, dimensions, arrays = scene(workload, sizes)
    name = workload["wrt"][0]
    x = variables[name].tensor
    formula = (EXPERT if workload["id"] == "kron" else WRITTEN)[workload["id"]]
    gradient_formula = VALUE_GRADIENT.get(workload["id"])
    hessian_formula = HESSIAN.get(workload["id"])
    expected = {
        "gradient": gradient_formula(**arrays)[1] if gradient_formula else None,
        "second": hessian_formula(**arrays) if hessian_formula else None,
    }
    tensor = formula(xp, **variables).tensor
    result, edges = {}, []
    for order, what in enumerate(("gradient", "second")):
        names = {edge: f"{edge}{order}" for edge in x.edges}
        edges += [names[edge] for edge in ("r", "c") if edge in names]
        try:
            tensor, seconds = derive_timed(tensor, x, names)
        except Exception as fault:
            result[what] = {"error": type(fault).__name__}
            break
        if expected[what] is None:
            result[what] = {"error": "no formula to compare it with"}
            continue
        try:
            right = agrees(tensor, edges, expected[what], numbers, dimensions, workload["id"] == "kron")
            result[what] = {"seconds": seconds} if right else {"error": "wrong"}
        except Exception as fault:
            result[what] = {"error": f"could not be evaluated ({type(fault).__name__})"}
    return result
