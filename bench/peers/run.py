# SPDX-License-Identifier: MIT
"""The benchmark beside the peers: matgrad, the hand-optimised limit, and what others offer, interleaved.

Every peer is a process of its own (worker.py), so that what one library does to threads, memory or another library does
not reach the next, and one that dies is missing and no more. In a round each candidate is timed once, one after the
other; so whatever else the machine does in that time strikes all of them, and ratios are taken within a round. Before a
candidate is timed its numbers must agree with the reference: the limit, or naive NumPy where there is none, or
else whoever comes first.

Writes a JSON file for table.py.
"""
import argparse
import json
import os
import platform
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import workloads
from candidate import TOLERANCE
from workloads import KINDS

PEERS = ["matgrad", "limit", "numpy", "torch", "jax", "casadi"]
DERIVING = ["matgrad", "sympy", "tensorgrad", "casadi"]
BATCH = 0.012  # seconds that one candidate is timed for in one round
SLOW = 4.0  # seconds of one call, beyond which a candidate is timed once only
PATIENCE = 60.0  # seconds for whatever a peer is asked, beyond which it is stopped


class Peer:
    """A worker, started when it is first asked and again when it has died or was stopped."""

    def __init__(self, name, scratch):
        self.name = name
        self.scratch = scratch
        self.log = Path(scratch, name + ".log")
        self.process = None

    def start(self):
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), self.name, self.scratch]
        errors = None if os.environ.get("BENCH_PEERS_TRACE") else self.log.open("w")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)

    def ask(self, patience=PATIENCE, **request):
        if not self.lives():
            self.start()
        try:
            self.process.stdin.write((json.dumps(request) + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            return {"error": self.last_words()}
        if not select.select([self.process.stdout], [], [], patience)[0]:
            self.stop()
            return {"refused": f"more than {patience:.0f} s"}
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": self.last_words()}

    def lives(self):
        return self.process is not None and self.process.poll() is None

    def last_words(self):
        code = self.process.wait()
        words = self.log.read_text(errors="replace").strip() if self.log.exists() else ""
        return (words.splitlines() or [f"ended with {code}"])[-1][:200]

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def agreement(results, reference):
    """The largest difference, relative to the largest entry of each result."""
    if len(results) != len(reference):
        return float("inf")
    worst = 0.0
    for result, expected in zip(results, reference):
        if result.size != expected.size:
            return float("inf")
        difference = np.max(np.abs(result.reshape(expected.shape) - expected)) / max(np.max(np.abs(expected)), 1e-300)
        worst = max(worst, float(difference)) if np.isfinite(difference) else float("inf")
    return worst


def comparable(arrays, workload, kind):
    """As columns; a Hessian by a symmetric matrix as it acts on symmetric matrices, which is all that is defined."""
    arrays = [np.asarray(array, float) for array in arrays]
    if kind == "hess" and workload["vars"][workload["wrt"][0]].startswith(("spd", "symmetric")):
        order = round(arrays[0].shape[0] ** 0.5)
        rows = np.arange(order * order).reshape(order, order).T.ravel()
        H = arrays[0].reshape(order * order, -1)
        H = (H + H[rows]) / 2
        arrays = [(H + H[:, rows]) / 2]
    return [array.ravel("F") if array.ndim < 2 or min(array.shape) == 1 else array for array in arrays]


def numbers_of(path):
    with np.load(path) as file:
        return [file[f"arr_{at}"] for at in range(len(file.files))]


class Row:
    """One workload in one size: its candidates, their numbers compared, then timed."""

    def __init__(self, peers, workload, kind, size, rounds):
        self.workload, self.kind, self.size, self.rounds = workload, kind, size, rounds
        self.sizes = workload[kind][size]
        self.peers = peers
        self.cells = {}
        self.owners = {}
        self.reference = None

    def run(self):
        for peer in self.peers:
            self.open(peer)
        self.time()
        for peer in self.peers:
            peer.ask(do="close")
        reference = self.reference
        return {
            "id": self.workload["id"],
            "kind": self.kind,
            "size": self.size,
            "sizes": self.sizes,
            "reference": reference,
            "load": os.getloadavg()[0],
            "cells": self.cells,
        }

    def open(self, peer):
        request = dict(workload=self.workload, kind=self.kind, sizes=self.sizes, size=self.size)
        opened = peer.ask(do="open", **request)
        if "names" not in opened:
            self.cells[peer.name] = opened
            return
        made = []
        for name in opened["names"]:
            first = peer.ask(do="first", name=name)
            if "file" in first:
                self.compare(name, first)
                os.unlink(first.pop("file"))
                made.append(name)
            elif not peer.lives():  # stopped, or dead: what it had made is made again
                peer.ask(do="open", **request)
                for again in made:
                    os.unlink(peer.ask(do="first", name=again)["file"])
            self.cells[name] = first
            self.owners[name] = peer

    def compare(self, name, first):
        arrays = comparable(numbers_of(first["file"]), self.workload, self.kind)
        if self.reference is None and all(np.all(np.isfinite(array)) for array in arrays):
            self.reference, self.expected = name, arrays
        if self.reference is not None:
            first["difference"] = agreement(arrays, self.expected)
            if not first["difference"] <= TOLERANCE:
                first["error"] = f"differs from {self.reference} by {first['difference']:.1e}"

    def time(self):
        timed = [name for name, cell in self.cells.items() if "seconds" in cell and "error" not in cell]
        for name in list(timed):
            cell = self.cells[name]
            cell["times"] = []
            if cell["seconds"] > SLOW:
                cell["times"] = [cell["seconds"]]
                timed.remove(name)
        for _ in range(self.rounds):
            for name in list(timed):
                cell = self.cells[name]
                calls = max(1, min(100000, int(BATCH / max(cell["seconds"], 1e-9))))
                if calls < 50:
                    self.owners[name].ask(do="time", name=name, calls=1)  # its data are in the cache again
                answer = self.owners[name].ask(do="time", name=name, calls=calls)
                if "seconds" in answer:
                    cell["times"].append(answer["seconds"])
                else:
                    del cell["times"]
                    cell["error"] = answer.get("error") or answer.get("refused")
                    timed.remove(name)


def printed(row):
    reference = row["cells"].get(row["reference"], {}).get("times")
    parts = []
    for name, cell in row["cells"].items():
        if "times" in cell:
            seconds = float(np.median(cell["times"]))
            ratio = f" x{seconds / np.median(reference):.2f}" if reference else ""
            parts.append(f"{name} {seconds * 1e6:.4g} us{ratio}")
        else:
            parts.append(f"{name}: {cell.get('error') or cell.get('refused')}")
    return f"{row['id']} {row['kind']} {row['size']}: " + "; ".join(parts)


def machine():
    processor = platform.processor()
    for line in open("/proc/cpuinfo", encoding="utf-8") if os.path.exists("/proc/cpuinfo") else ():
        if line.startswith("model name"):
            processor = line.split(":")[1].strip()
            break
    system = platform.freedesktop_os_release()["PRETTY_NAME"] if hasattr(platform, "freedesktop_os_release") else ""
    return {"processor": processor, "processors": os.cpu_count(), "system": system, "python": platform.python_version()}


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench-peers", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", help="workloads, parted by commas")
    parser.add_argument("--sizes", default="S,M,L")
    parser.add_argument("--kinds", default="vg,hess,derive", help="of vg (value and gradient), hess, derive")
    parser.add_argument("--peers", help="of " + ",".join(dict.fromkeys(PEERS + DERIVING)))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--note", default="", help="a sentence for the page, on the state of the machine")
    parser.add_argument("--output", required=True, help="a file for the times; ./dev has one where none is named")
    parser.add_argument("--resume", action="store_true", help="keep what the output has, run what it lacks")
    return parser.parse_args()


def environment(threads):
    """For all workers. One thread is one processor: some libraries ask how many there are and nothing else."""
    os.environ.update({name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")})
    # OpenBLAS chooses its kernels by the processor: one that is named here would hold all of the peers back alike.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(name, None)
    os.environ["JAX_PLATFORMS"] = "cpu"
    os.environ["JAX_ENABLE_X64"] = "1"
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def wanted(choice, every):
    return [name for name in every if choice is None or name in choice.split(",")]


def start(names, scratch):
    """The peers that are there, and what they say of themselves."""
    there, about = {}, {}
    for name in names:
        peer = Peer(name, scratch)
        answer = peer.ask(do="describe")
        about[name] = answer.get("versions", answer)
        if "versions" in answer:
            there[name] = peer
        else:
            print(f"{name} is not there: {answer.get('error')}", file=sys.stderr)
            peer.stop()
    return there, about


def save(path, result):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(json.dumps(result))


def main():
    options = arguments()
    environment(options.threads)
    chosen = [w for w in workloads.load() if options.only is None or w["id"] in options.only.split(",")]
    kinds = options.kinds.split(",")
    names = wanted(options.peers, PEERS) if set(kinds) & set(KINDS) else []
    deriving = wanted(options.peers, DERIVING) if "derive" in kinds else []
    scratch = tempfile.TemporaryDirectory(prefix="matgrad-bench-")
    peers, about = start(list(dict.fromkeys(names + deriving)), scratch.name)
    result = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": machine(),
        "threads": options.threads,
        "rounds": options.rounds,
        "note": options.note,
        "peers": about,
        "rows": [],
        "derivations": [],
    }
    if options.resume and os.path.exists(options.output):
        earlier = json.loads(Path(options.output).read_text())
        result.update({key: earlier[key] for key in ("rows", "derivations")})
        result["peers"] = {**earlier["peers"], **about}
    done = {(row["id"], row["kind"], row["size"]) for row in result["rows"]}
    derived = {entry["id"] for entry in result["derivations"]}
    try:
        # The limit first: it is what the others are compared with.
        order = [peers[name] for name in ("limit", "numpy", *names) if name in peers and name in names]
        order = list(dict.fromkeys(order))
        for kind in [kind for kind in KINDS if kind in kinds]:
            for workload in chosen:
                for size in [size for size in options.sizes.split(",") if size in workload[kind]]:
                    if (workload["id"], kind, size) in done:
                        continue
                    result["rows"].append(Row(order, workload, kind, size, options.rounds).run())
                    print(printed(result["rows"][-1]), flush=True)
                    save(options.output, result)
        for workload in [w for w in chosen if deriving and w["id"] not in derived]:
            cells = {}
            sizes = (workload["vg"] or workload["hess"])["S"]
            for name in deriving:
                if name in peers:
                    answer = peers[name].ask(do="derive", workload=workload, sizes=sizes)
                    cells[name] = answer.get("derivations", answer)
            result["derivations"].append({"id": workload["id"], "cells": cells})
            print(workload["id"], "derive", json.dumps(cells)[:600], flush=True)
            save(options.output, result)
    finally:
        for peer in peers.values():
            peer.stop()


if __name__ == "__main__":
    main()
