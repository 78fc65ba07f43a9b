# SPDX-License-Identifier: MIT
"""SymPy: matrix expressions with dimensions as symbols. A time counts where the numbers are right: the result is
evaluated for small sizes and compared with the textbook's formula."""
import time

import numpy as np
import sympy as sp
from sympy import Determinant, DiagMatrix, HadamardProduct, Identity, KroneckerProduct, MatrixSymbol, OneMatrix, Trace

from candidate import TOLERANCE
from peers_numpy import HESSIAN, VALUE_GRADIENT
from workloads import data, data_shape

t = sp.Symbol("t")


def each(function, matrix):
    return matrix.applyfunc(sp.Lambda(t, function(t)))


def square(r):
    return r.T * r


def _nn2(W1, W2, X, Y):
    Z = W2 * each(sp.tanh, W1 * X)
    sums = OneMatrix(1, Z.shape[0]) * each(sp.exp, Z)
    return Trace(each(sp.log, sums) * OneMatrix(Z.shape[1], 1)) - Trace(Y.T * Z)


def _softmax(W, X, Y):
    sums = each(sp.exp, X * W) * OneMatrix(Y.shape[1], 1)
    return Trace(OneMatrix(1, Y.shape[0]) * each(sp.log, sums)) - Trace(Y.T * X * W)


def _logistic(w, X, y):
    ones = OneMatrix(X.shape[0], 1)
    return ones.T * each(sp.log, each(sp.exp, -HadamardProduct(y, X * w)) + ones)


def _rbf(x, Y, a, s):
    E = Y - OneMatrix(Y.shape[0], 1) * x.T
    return a.T * each(sp.exp, -HadamardProduct(E, E) * OneMatrix(Y.shape[1], 1) / (2 * s**2))


def _gp(D, y, l, s2, noise):
    K = s2 * each(sp.exp, -D / (2 * l**2)) + noise * Identity(D.shape[0])
    return sp.log(Determinant(K)) + Trace(y.T * K.I * y)


def _nn10(x, y, **W):
    a = W["W1"] * x
    for layer in range(2, 11):
        a = W[f"W{layer}"] * each(lambda u: sp.Max(u, 0), a)
    return sp.log(Trace(OneMatrix(1, a.shape[0]) * each(sp.exp, a))) - Trace(y.T * a)


FORMULAS = {
    "quadform": lambda x, A: x.T * A * x,
    "lsq": lambda x, A, b: square(A * x - b),
    "ridge": lambda x, A, b, lam: square(A * x - b) + lam * square(x),
    "wls": lambda x, A, b, w: (A * x - b).T * DiagMatrix(w) * (A * x - b),
    "logistic": _logistic,
    "softmax": _softmax,
    "matfac": lambda U, V, T: Trace(square(T - U * V.T)),
    "nn2": _nn2,
    "nn10": _nn10,
    "gauss": lambda S, x: sp.log(Determinant(S)) + Trace(x.T * S.I * x),
    "logdetAXA": lambda X, A: sp.log(Determinant(A * X * A.T)),
    "tr3": lambda A, B, C, X: Trace(A * X.T * B * X * C),
    "chain": lambda x, A, B, C: x.T * A * B * C * x,
    "chainend": lambda x, b, A, B, C, E: square(A * B * C * E * x - b),
    "mahal": lambda x, mu, S: (x - mu).T * S.I * (x - mu),
    "rbf": _rbf,
    "trprod": lambda A, B: Trace(A * B),
    "traxb": lambda A, X, B: Trace(A * X * B),
    "trinv": lambda X, A: Trace(X.I * A),
    "kron": lambda A, B, x, y: square(KroneckerProduct(A, B) * x - y),
    "gp": _gp,
}


def describe():
    return {"SymPy": sp.__version__}


def small(sizes):
    return {name: 2 + at for at, name in enumerate(sizes)}


def symbols(workload, sizes):
    """A symbol a variable, its dimensions symbols as well."""
    dimensions = {name: sp.Symbol(name, integer=True, positive=True) for name in sizes}
    result = {}
    for name, kind in workload["vars"].items():
        shape = data_shape(kind, dimensions)
        if shape:
            result[name] = MatrixSymbol(name, shape[0], shape[1] if len(shape) == 2 else 1)
        else:
            result[name] = sp.Symbol(name, positive=True)
    return result, dimensions


def evaluated(expression, variables, dimensions, sizes, arrays):
    """An array of numbers, or None where SymPy does not get that far."""
    numbers = {dimensions[name]: size for name, size in sizes.items()}
    expression = expression.subs(numbers)
    for name, symbol in variables.items():
        array = arrays[name]
        value = sp.Float(float(array)) if array.ndim == 0 else sp.ImmutableDenseMatrix(array.reshape(len(array), -1))
        expression = expression.subs(symbol.subs(numbers), value)
    expression = expression.doit()
    if hasattr(expression, "as_explicit"):
        expression = expression.as_explicit().doit()
    return np.array(sp.N(expression).tolist() if hasattr(expression, "tolist") else [sp.N(expression)], dtype=float)


def agrees(found, expected):
    """Of a derivative of a derivative by a matrix, in either order of the two pairs of indices."""
    expected = np.asarray(expected, float)
    if found.size != expected.size:
        return False
    found = found.squeeze()
    ways = [found.reshape(expected.squeeze().shape)]
    if found.ndim == 4:
        ways = [found.transpose(order).reshape(expected.shape) for order in ((1, 0, 3, 2), (3, 2, 1, 0), (2, 0, 3, 1))]
    scale = max(np.max(np.abs(expected)), 1e-300)
    return any(np.max(np.abs(way.squeeze() - expected.squeeze())) <= TOLERANCE * scale for way in ways)


def verdict(expression, expected, *scene):
    if expected is None:
        return "no formula to compare it with"
    try:
        return None if agrees(evaluated(expression, *scene), expected) else "wrong"
    except Exception as fault:
        return f"could not be evaluated ({type(fault).__name__})"


def derive_timed(expression, x):
    times = []
    while len(times) < 3 and sum(times) < 5:
        sp.core.cache.clear_cache()
        begin = time.perf_counter()
        result = expression.diff(x)
        times.append(time.perf_counter() - begin)
    return result, float(np.median(times))


def derivations(workload, sizes):
    variables, dimensions = symbols(workload, sizes)
    x = variables[workload["wrt"][0]]
    tiny = small(sizes)
    arrays = data(workload, tiny)
    gradient_formula = VALUE_GRADIENT.get(workload["id"])
    hessian_formula = HESSIAN.get(workload["id"])
    expected = {
        "gradient": gradient_formula(**arrays)[1] if gradient_formula else None,
        "second": hessian_formula(**arrays) if hessian_formula else None,
    }
    result = {}
    try:
        expression = FORMULAS[workload["id"]](**variables)
        for name in ("gradient", "second"):
            expression, seconds = derive_timed(expression, x)
            wrong = verdict(expression, expected[name], variables, dimensions, tiny, arrays)
            result[name] = {"error": wrong} if wrong else {"seconds": seconds}
    except Exception as fault:
        result.setdefault("gradient", {"error": type(fault).__name__})
        result.setdefault("second", {"error": type(fault).__name__})
    return result
