# SPDX-License-Identifier: MIT
"""The hand-optimised limit: kernels written for each workload, which stand beside the checkout (see ./dev)."""
import ctypes
import os

import numpy as np

from candidate import Candidate
from workloads import columns, data

# By workload: the dimensions a kernel asks for, and the arguments of its kernels; "/" parts them from the results. Of
# several kernels the one that is fastest here is taken.
KERNELS = {
    "quadform": ("n", {"vg": "A x/f g"}, {"h": "A/H"}),
    "lsq": ("m n", {"vg": "A b x/f g", "vg2": "A b x/f g"}, {"h": "A/H"}),
    "ridge": ("m n", {"vg": "A b x/f g/lam", "vg2": "A b x/f g/lam"}, {"h": "A/H/lam"}),
    "wls": ("m n", {"vg": "A b x/f g/w", "vg2": "A b x/f g/w"}, {"h": "A w/H"}),
    "logistic": ("m n", {"vg": "X y w/f g"}, {"h": "X y w/H"}),
    "softmax": ("m n k", {"vg": "X Y W/f g"}, {}),
    "matfac": ("m n k", {"vg": "T U V/f g"}, {"h": "V/H"}),
    "nn2": ("d h c N", {"vg": "W1 W2 X Y/f g g2"}, {}),
    "nn10": ("n", {}, {"h": "W x y/H"}),
    "gauss": ("n", {"vg": "S x/f g", "vg2": "S x/f g"}, {"h": "S x/H", "h2": "S x/H"}),
    "logdetAXA": ("m n", {"vg": "A X/f g", "vg2": "A X/f g"}, {}),
    "tr3": ("n", {"vg": "A B C X/f g"}, {"h": "A B C/H"}),
    "chain": ("n", {"vg": "A B C x/f g"}, {"h": "A B C/H"}),
    "chainend": ("n", {"vg": "A B C E x b/f g"}, {"h": "A B C E/H"}),
    "mahal": ("n", {"vg": "S x mu/f g", "vg2": "S x mu/f g"}, {"h": "S/H", "h2": "S/H"}),
    "rbf": ("m n", {"vg": "Y x a s/f g"}, {"h": "Y x a s/H"}),
    "trprod": ("n", {"vg": "A B/f g"}, {}),
    "traxb": ("n", {"vg": "A X B/f g"}, {}),
    "trinv": ("n", {"vg": "A X/f g", "vg2": "A X/f g", "vg3": "A X/f g"}, {"h": "A X/H"}),
    "kron": ("p q", {"vg": "A B x y/f g"}, {"h": "A B/H"}),
    "gp": ("n", {"vg": "D y theta/f g", "vg2": "D y theta/f g"}, {}),
}

if not os.environ["BENCH_PEERS_LIMIT"]:
    raise ImportError("no limit beside the checkout")
library = ctypes.CDLL(os.environ["BENCH_PEERS_LIMIT"])
library.time_it.restype = ctypes.c_double
library.set_threads(int(os.environ["OMP_NUM_THREADS"]))


def describe():
    return {}


class Kernel(Candidate):
    def __init__(self, workload, kind, sizes, ending, arguments):
        arrays = data(workload, sizes)
        if workload["id"] == "nn10":
            arrays["W"] = np.concatenate([arrays[f"W{i}"].ravel("F") for i in range(1, 11)])
        if workload["id"] == "gp":
            arrays["theta"] = np.array([arrays[name] for name in workload["wrt"]])
        shapes = {"f": 1}
        for at, name in enumerate(workload["wrt"]):
            shapes["g" if at == 0 else f"g{at + 1}"] = arrays[name].shape or 1
        if "theta" in arrays:
            shapes["g"] = len(workload["wrt"])
        order = arrays[workload["wrt"][0]].size
        shapes["H"] = (order, order)
        groups = [group.split() for group in arguments.split("/")]
        self.inputs = [columns(arrays[name]) for name in groups[0] + sum(groups[2:], [])]
        self.results = [columns(np.zeros(shapes[name])) for name in groups[1]]
        ordered = self.inputs[: len(groups[0])] + self.results + self.inputs[len(groups[0]) :]
        self.pointers = (ctypes.c_void_p * len(ordered))(*(array.ctypes.data for array in ordered))
        self.function = getattr(library, f"{workload['id']}_{ending}")
        dimensions = [sizes[name] for name in KERNELS[workload["id"]][0].split()]
        self.dimensions = (ctypes.c_int * (len(dimensions) + 1))(*dimensions, 10)  # nn10 asks for its layers, too
        self.apart = workload["id"] == "gp"

    def seconds(self, calls):
        return library.time_it(self.function, self.pointers, self.dimensions, calls)

    def call(self):
        self.seconds(1)

    def numbers(self, _):
        if self.apart:
            return [self.results[0], *self.results[1]]
        return self.results


def fastest(kernels):
    for kernel in kernels:
        kernel.call()
    calls = max(1, int(0.01 / max(kernels[0].seconds(1), 1e-9)))
    return min(kernels, key=lambda kernel: min(kernel.seconds(calls) for _ in range(3)))


def candidates(workload, kind, sizes, size):
    kernels = KERNELS[workload["id"]][1 if kind == "vg" else 2]
    return {
        "limit": lambda: fastest([Kernel(workload, kind, sizes, ending, words) for ending, words in kernels.items()])
    }
