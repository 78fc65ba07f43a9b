# SPDX-License-Identifier: MIT
"""CasADi: MX expressions, which keep matrix operations whole, called through a FunctionBuffer, without copies; by its
virtual machine and, in the small size, by the C code that it generates and compiles."""
import os
import subprocess
import tempfile
import time
from types import SimpleNamespace

import casadi as ca
import numpy as np

from candidate import Candidate, Refused
from formulas import forms
from workloads import data, data_shape

MOST = {"vg": 1e7, "hess": 2e5}  # entries of the largest variable: its sparsity patterns are entry by entry


def row_by_row(x, shape):
    return ca.reshape(x, shape[1], shape[0]).T


xp = SimpleNamespace(
    exp=ca.exp,
    log=ca.log,
    tanh=ca.tanh,
    trace=ca.trace,
    diag=ca.diag,
    kron=ca.kron,
    eye=ca.DM.eye,
    dot=lambda a, b: ca.dot(a if a.shape == b.shape else a.T, b),
    sum=lambda a: ca.sum1(ca.sum2(a)),
    diagonal=ca.diag,
    inv=lambda a: ca.inv(a, xp.solver),
    solve=lambda a, b: ca.solve(a, b, xp.solver),
    logdet=lambda a: ca.log(ca.det(a)),
    relu=lambda a: ca.fmax(a, 0),
    softplus=lambda a: ca.log1p(ca.exp(a)),
    row=lambda x: x.T,
    square=ca.sumsqr,
    rowsum=ca.sum2,
    colsum=ca.sum1,
    logsumexp=ca.logsumexp,
    logsumexp_rows=lambda a: ca.log(ca.sum2(ca.exp(a))),
    minus_row=lambda a, x: a - ca.repmat(x.T, a.shape[0], 1),
    by_rows=row_by_row,
)
# LAPACK's is the faster; only the other writes C.
SOLVER, SOLVER_IN_C = "lapacklu" if ca.has_linsol("lapacklu") else "qr", "qr"
# No Cholesky factorisation of MX: these are as good as they get as written.
WITHOUT_EXPERT = {"gauss", "logdetAXA", "mahal", "gp"}


def describe():
    return {"CasADi": ca.CasadiMeta.version(), "its solver": SOLVER}


def symbols(workload, sizes):
    result = {}
    for name, kind in workload["vars"].items():
        shape = data_shape(kind, sizes)
        result[name] = ca.MX.sym(name, *shape)
    return result


def function_of(workload, kind, sizes, formula, to_c):
    xp.solver = SOLVER_IN_C if to_c else SOLVER
    variables = symbols(workload, sizes)
    value = formula(xp, **variables)
    wrt = [variables[name] for name in workload["wrt"]]
    outputs = [value, *(ca.gradient(value, x) for x in wrt)] if kind == "vg" else [ca.hessian(value, wrt[0])[0]]
    outputs = [ca.densify(output) for output in outputs]
    return ca.Function("f", list(variables.values()), outputs)


def compiled(function):
    """Its C code, compiled as CasADi's guide does, with the optimiser on."""
    with tempfile.TemporaryDirectory() as folder:
        function.generate("f.c", {"with_header": False})
        os.replace("f.c", os.path.join(folder, "f.c"))
        library = os.path.join(folder, "f.so")
        command = ["cc", "-O3", "-march=native", "-shared", "-fPIC", os.path.join(folder, "f.c"), "-o", library, "-lm"]
        if subprocess.run(command, capture_output=True, timeout=60).returncode != 0:
            raise Refused("its C code does not compile")
        return ca.external("f", library)


class Buffered(Candidate):
    def __init__(self, function, arrays):
        self.function = function
        self.buffer, self.evaluate = function.buffer()
        self.arrays = [np.asfortranarray(array).ravel("F") for array in arrays.values()]
        self.results = [np.zeros(function.numel_out(i)) for i in range(function.n_out())]
        for at, array in enumerate(self.arrays):
            self.buffer.set_arg(at, memoryview(array))
        for at, array in enumerate(self.results):
            self.buffer.set_res(at, memoryview(array))
        super().__init__(self.evaluate, self.arranged)

    def arranged(self, _):
        shapes = [self.function.size_out(i) for i in range(self.function.n_out())]
        return [array.reshape(shape, order="F").copy() for array, shape in zip(self.results, shapes)]


def make(workload, kind, sizes, formula, to_c):
    largest = max(int(np.prod(data_shape(kind_, sizes))) for kind_ in workload["vars"].values())
    order = int(np.prod(data_shape(workload["vars"][workload["wrt"][0]], sizes)))
    if largest > MOST[kind] or (kind == "hess" and order > 500):
        raise Refused("too large for sparsity patterns entry by entry")
    begin = time.perf_counter()
    function = function_of(workload, kind, sizes, formula, to_c)
    if to_c:
        function = compiled(function)
    seconds = time.perf_counter() - begin
    candidate = Buffered(function, data(workload, sizes))
    candidate.notes = {"planning": seconds}
    return candidate


def candidates(workload, kind, sizes, size):
    made = {}
    for ending, formula in forms(workload).items():
        if ending and workload["id"] in WITHOUT_EXPERT:
            continue
        made["casadi" + ending] = lambda formula=formula: make(workload, kind, sizes, formula, False)
        if size == "S":
            made["casadi_c" + ending] = lambda formula=formula: make(workload, kind, sizes, formula, True)
    return made


def derivations(workload, sizes):
    """At sizes that are known: CasADi has no other expressions."""
    xp.solver = SOLVER
    variables = symbols(workload, sizes)
    value = forms(workload)[""](xp, **variables)
    x = variables[workload["wrt"][0]]
    result = {}
    for name, derive in (("gradient", lambda: ca.gradient(value, x)), ("second", lambda: ca.hessian(value, x)[0])):
        times = []
        while len(times) < 5 and sum(times) < 5:
            begin = time.perf_counter()
            derive()
            times.append(time.perf_counter() - begin)
        result[name] = {"seconds": float(np.median(times))}
    return result
