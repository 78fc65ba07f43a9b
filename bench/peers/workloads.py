# SPDX-License-Identifier: MIT
"""The workloads of workloads.json and their data, the same in every process."""
import json
import zlib
from pathlib import Path

import numpy as np

KINDS = ("vg", "hess")
TITLES = {"vg": "value and gradient", "hess": "Hessian"}


def load():
    """All workloads: id, expr, vars, data, wrt and, by kind, the sizes S, M and L."""
    return json.loads((Path(__file__).parent / "workloads.json").read_text())


def data(workload, sizes):
    """Arrays by name, 0-, 1- or 2-dimensional: what "data" says, evaluated in the order in which it says it."""
    rng = np.random.default_rng(zlib.crc32(f"{workload['id']} {sizes}".encode()))

    def spd(n):
        root = rng.standard_normal((n, n + 10))
        return root @ root.T / n + np.eye(n) / 2

    def one_hot(rows, classes):
        return np.eye(classes)[rng.integers(0, classes, rows)]

    def squared_distances(n):
        points = np.sort(rng.random((n, 3)) * 4, axis=0)
        return ((points[:, None] - points[None]) ** 2).sum(2)

    words = dict(
        sizes,
        randn=lambda *shape: rng.standard_normal(shape),
        rand=lambda *shape: rng.random(shape),
        sqrt=np.sqrt,
        sign=np.sign,
        eye=np.eye,
        unit=lambda n: np.eye(n)[0],
        spd=spd,
        one_hot=one_hot,
        squared_distances=squared_distances,
    )
    return {name: np.asarray(eval(text, {"__builtins__": {}}, words), float) for name, text in workload["data"].items()}


def columns(array):
    """Column by column, as matgrad and Fortran keep arrays, on a cache line."""
    array = np.asarray(array, float)
    room = np.empty(array.size + 8)
    at = -(room.ctypes.data // 8) % 8
    result = room[at : at + array.size].reshape(array.shape, order="F")
    result[...] = array
    return result


def data_shape(kind, sizes):
    """The shape of a variable of this kind: "spd(n)" is (n, n)."""
    kind = kind.split(" ")[0]
    if kind == "scalar":
        return ()
    word, arguments = kind.rstrip(")").split("(")
    shape = tuple(eval(part, {"__builtins__": {}}, dict(sizes)) for part in arguments.split(","))
    return shape if word in ("vector", "matrix") else shape * 2


def hessian_by_columns(hessian, shape):
    """From the order of torch and JAX, whose vec goes by rows, to that of vec by columns."""
    if len(shape) == 2:
        hessian = np.asarray(hessian).reshape(shape * 2).transpose(1, 0, 3, 2)
    order = int(np.prod(shape))
    return np.ascontiguousarray(hessian).reshape(order, order)
