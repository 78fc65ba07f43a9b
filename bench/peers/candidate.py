# SPDX-License-Identifier: MIT
"""What a peer offers: ways to compute a workload, each of which can be called, timed, and asked for its numbers."""
import time

TOLERANCE = 1e-8  # of the largest entry: how far numbers may lie from those that they are compared with


class Refused(Exception):
    """Why a way is not taken."""


class Candidate:
    """`call` computes; `numbers` makes of what it returned the list of arrays [value, gradient …] or [Hessian]."""

    def __init__(self, call, numbers):
        self.call = call
        self.numbers = numbers

    def seconds(self, calls):
        """Of one call, without what `numbers` does."""
        call = self.call
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - begin) / calls
