# SPDX-License-Identifier: MIT
"""One peer in a process of its own: reads requests from stdin, one JSON object a line, and answers likewise.

    worker.py PEER SCRATCH

{"do": "describe"}                                   versions and threads
{"do": "open", "workload", "kind", "sizes", "size"}  names of the candidates; the data are made
{"do": "first", "name"}                              calls once: seconds, and the file with the numbers
{"do": "time", "name", "calls"}                      seconds of one call
{"do": "derive", "workload", "sizes"}                seconds of a derivation, by what was derived
{"do": "close"}                                      forgets the data
"""
import gc
import importlib
import json
import os
import resource
import sys
import time
import traceback

import numpy as np

from candidate import Refused

MEMORY = 6 << 30
PATIENT = 2.0


class Worker:
    def __init__(self, peer, scratch):
        self.peer = importlib.import_module("peers_" + peer)
        self.scratch = scratch
        self.made = {}
        self.live = {}

    def describe(self, request):
        return {"versions": self.peer.describe()}

    def open(self, request):
        self.made = self.peer.candidates(request["workload"], request["kind"], request["sizes"], request["size"])
        return {"names": list(self.made)}

    def first(self, request):
        name = request["name"]
        begin = time.perf_counter()
        candidate = self.made[name]()
        made = time.perf_counter() - begin
        begin = time.perf_counter()
        results = candidate.call()
        seconds = time.perf_counter() - begin
        if seconds < PATIENT:  # the first call may be slower than those that follow
            seconds = candidate.seconds(1)
        path = os.path.join(self.scratch, name + ".npz")
        np.savez(path, *candidate.numbers(results))
        self.live[name] = candidate
        return {"made": made, "seconds": seconds, "file": path, "notes": getattr(candidate, "notes", {})}

    def time(self, request):
        return {"seconds": self.live[request["name"]].seconds(request["calls"])}

    def derive(self, request):
        return {"derivations": self.peer.derivations(request["workload"], request["sizes"])}

    def close(self, request):
        self.made = {}
        self.live = {}
        gc.collect()
        return {}


def answer(worker, request):
    try:
        return getattr(worker, request["do"])(request)
    except Refused as reason:
        return {"refused": str(reason)}
    except MemoryError:
        return {"refused": f"more than {MEMORY >> 30} GiB"}
    except Exception as fault:
        if os.environ.get("BENCH_PEERS_TRACE"):
            traceback.print_exc()
        text = f"{type(fault).__name__}: {fault}".splitlines()[0][:200]
        without_memory = any(word in text for word in ("RESOURCE_EXHAUSTED", "can't allocate", "Unable to allocate", "bad_alloc"))
        return {"refused": f"more than {MEMORY >> 30} GiB"} if without_memory else {"error": text}


def main():
    # What the libraries print must not get into the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(sys.argv[1], sys.argv[2])
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    for line in sys.stdin:
        print(json.dumps(answer(worker, json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
