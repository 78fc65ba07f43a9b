# SPDX-License-Identifier: MIT
"""matgrad itself, by libmatgrad_peer.so."""
import ctypes
import json
import os

import numpy as np

from candidate import TOLERANCE, Candidate
from workloads import columns, data

WHAT = {"vg": ["value", "grad"], "hess": ["hess"]}
library = ctypes.CDLL(os.environ["BENCH_PEERS_MATGRAD"])
library.matgrad_peer_compile.restype = ctypes.c_void_p
library.matgrad_peer_seconds.restype = ctypes.c_double
library.matgrad_peer_result.restype = ctypes.POINTER(ctypes.c_double)


def describe():
    return {"matgrad": os.environ.get("BENCH_PEERS_COMMIT", "")}


def request(workload, kind, sizes, **more):
    return json.dumps(
        {
            "expr": workload["expr"],
            "vars": workload["vars"],
            "wrt": ",".join(workload["wrt"]) if kind == "vg" else workload["wrt"][0],
            "what": WHAT[kind],
            "sizes": sizes,
            **more,
        }
    ).encode()


def pointers(arrays):
    return (ctypes.c_void_p * max(1, len(arrays)))(*(array.ctypes.data for array in arrays))


class Compiled(Candidate):
    def __init__(self, workload, kind, sizes):
        message = ctypes.create_string_buffer(4096)
        asked = request(workload, kind, sizes)
        self.peer = library.matgrad_peer_compile(asked, message, len(message))
        if not self.peer:
            raise RuntimeError(message.value.decode())
        library.matgrad_peer_arguments(ctypes.c_void_p(self.peer), message, len(message))
        names = [name for name in message.value.decode().split(",") if name]
        arrays = data(workload, sizes)
        self.arrays = [columns(arrays[name]) for name in names]
        self.pointers = pointers(self.arrays)
        self.count = 1 + len(workload["wrt"]) if kind == "vg" else 1
        self.notes = {}
        times = (ctypes.c_double * 2)()
        if library.matgrad_peer_times(asked, 5, times):
            self.notes["planning"] = times[1] * 1e-6
        if kind == "hess":
            self.notes.update(self.structure(workload, sizes, arrays))

    def structure(self, workload, sizes, arrays):
        """The Hessian as it is kept as structure: how long it takes to make what it is made of, and to apply it."""
        self.call()
        ordered = [columns(array) for array in arrays.values()]
        asked = request(workload, "hess", sizes, arrays=list(arrays), tolerance=TOLERANCE)
        form = ctypes.create_string_buffer(4096)
        peer = ctypes.c_void_p(self.peer)
        times = (ctypes.c_double * 2)()
        if not library.matgrad_peer_structure(peer, asked, pointers(ordered), form, len(form), times):
            return {}
        return {"form": form.value.decode(errors="replace"), "structure": times[0], "applied": times[1]}

    def seconds(self, calls):
        message = ctypes.create_string_buffer(4096)
        peer = ctypes.c_void_p(self.peer)
        seconds = library.matgrad_peer_seconds(peer, self.pointers, calls, message, len(message))
        if seconds < 0:
            raise RuntimeError(message.value.decode())
        return seconds

    def call(self):
        self.seconds(1)

    def numbers(self, _):
        rows, cols = ctypes.c_int64(), ctypes.c_int64()
        results = []
        for at in range(self.count):
            values = library.matgrad_peer_result(
                ctypes.c_void_p(self.peer), ctypes.c_size_t(at), ctypes.byref(rows), ctypes.byref(cols)
            )
            flat = np.ctypeslib.as_array(values, (rows.value * cols.value,))
            results.append(flat.reshape((rows.value, cols.value), order="F").copy())
        return results

    def __del__(self):
        library.matgrad_peer_free(ctypes.c_void_p(self.peer))


def candidates(workload, kind, sizes, size):
    return {"matgrad": lambda: Compiled(workload, kind, sizes)}


def derivations(workload, sizes):
    """Of the gradient and of the second derivative by the first variable, with dimensions as names."""
    times = (ctypes.c_double * 2)()
    result = {}
    for name, what in (("gradient", ["grad"]), ("second", ["hess"])):
        asked = json.dumps(
            {"expr": workload["expr"], "vars": workload["vars"], "wrt": workload["wrt"][0], "what": what, "sizes": {}}
        ).encode()
        if library.matgrad_peer_times(asked, 31, times):
            result[name] = {"seconds": times[0] * 1e-6}
        else:
            result[name] = {"error": "refused"}
    return result
