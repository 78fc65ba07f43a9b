# SPDX-License-Identifier: MIT
"""What `matgrad solve --data` gives beside NumPy and SciPy: every problem with random data of three shapes.

    check.py MATGRAD [--seed N]

Also a matrix with condition number 1e10, where the error is compared with that of numpy.linalg.lstsq, and one without
full rank, where a warning and the shortest solution are expected.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import scipy.linalg as sl

SHAPES = [(7, 3, 2), (20, 6, 3), (60, 12, 5)]  # m > n > k
TOLERANCE = 1e-7


def spd(rng, n):
    half = rng.standard_normal((n, n))
    return half @ half.T + np.eye(n)


def shortest(a, b):
    return np.linalg.lstsq(a, b, rcond=None)[0]


def projector(columns):
    return columns @ columns.T


def problems(rng, m, n, k):
    """expression, unknowns, declarations, constraints, data, expected by unknown, what is compared of it"""
    X, y, w0 = rng.standard_normal((m, n)), rng.standard_normal(m), rng.standard_normal(n)
    Y, A, B = rng.standard_normal((m, k)), rng.standard_normal((m, n)), rng.standard_normal((k, k + 2))
    C, lam = rng.standard_normal((m, k + 2)), 0.37
    S, V, s = spd(rng, n), spd(rng, m), rng.random(m) + 0.5
    G, b = rng.standard_normal((k, n)), rng.standard_normal(k)
    P, Q, F = rng.standard_normal((n, n)), spd(rng, k), rng.standard_normal((n, k))
    same = lambda value: value  # noqa: E731
    yield "least squares", "norm2(X*w - y)^2", "w", [], [], dict(X=X, y=y), dict(w=shortest(X, y)), same
    yield ("ridge", "norm2(X*w - y)^2 + lam*norm2(w)^2", "w", [], [], dict(X=X, y=y, lam=lam),
           dict(w=np.linalg.solve(X.T @ X + lam * np.eye(n), X.T @ y)), same)
    root = np.sqrt(s)
    yield ("weighted", "sum(s.*(X*w - y).^2)", "w", ["s: vector(m) positive"], [], dict(X=X, y=y, s=s),
           dict(w=shortest(root[:, None] * X, root * y)), same)
    inner = np.linalg.inv(np.linalg.cholesky(V))
    yield ("generalised", "(X*w - y)'*inv(V)*(X*w - y)", "w", ["V: spd(m)", "X: matrix(m,n)"], [], dict(X=X, y=y, V=V),
           dict(w=shortest(inner @ X, inner @ y)), same)
    whole = np.block([[X.T @ X, G.T], [G, np.zeros((k, k))]])
    yield ("constrained", "norm2(X*w - y)^2", "w", ["G: matrix(k,n)", "b: vector(k)"], ["G*w = b"],
           dict(X=X, y=y, G=G, b=b), dict(w=np.linalg.solve(whole, np.concatenate([X.T @ y, b]))[:n]), same)
    rows = np.stack([w0, np.ones(n)])
    whole = np.block([[2 * S, rows.T], [rows, np.zeros((2, 2))]])
    yield ("portfolio", "w'*S*w", "w", ["S: spd(n)", "mu: vector(n)"], ["mu'*w = r", "sum(w) = 1"],
           dict(S=S, mu=w0, r=0.2), dict(w=np.linalg.solve(whole, np.r_[np.zeros(n), 0.2, 1])[:n]), same)
    yield ("matrix least squares", "norm2(A*Z*B - C)^2", "Z", [], [], dict(A=A, B=B, C=C),
           dict(Z=shortest(B.T, shortest(A, C).T).T), same)
    yield ("many right sides", "norm2(X*W - Y)^2 + lam*norm2(W)^2", "W", [], [], dict(X=X, Y=Y, lam=lam),
           dict(W=np.linalg.solve(X.T @ X + lam * np.eye(n), X.T @ Y)), same)
    yield ("Sylvester ridge", "norm2(A*Z - Y)^2 + tr(Z*Q*Z')", "Z", ["Q: spd(k)", "Z: matrix(n,k)"], [],
           dict(A=A, Y=Y, Q=Q), dict(Z=sl.solve_sylvester(A.T @ A, Q, A.T @ Y)), same)
    yield ("Sylvester", "P*Z + Z*Q = F", "Z", ["P: matrix(n,n)", "Q: matrix(k,k)", "Z: matrix(n,k)"], [],
           dict(P=P, Q=Q, F=F), dict(Z=sl.solve_sylvester(P, Q, F)), same)
    stable = P - 4 * np.sqrt(n) * np.eye(n)
    yield ("Lyapunov", "P*Z + Z*P' + S = 0", "Z", ["P: matrix(n,n)", "S: spd(n)"], [], dict(P=stable, S=S),
           dict(Z=sl.solve_continuous_lyapunov(stable, -S)), same)
    mean = X.mean(axis=0)
    yield ("Gaussian", "m*logdet(T) + sum(i, 1, m, (X[i,:]' - mu)'*inv(T)*(X[i,:]' - mu))", "mu,T",
           ["T: spd(n)", "mu: vector(n)", "X: matrix(m,n)"], [], dict(X=X),
           dict(mu=mean, T=np.cov(X.T, bias=True)), same)
    yield ("precision", "tr(S*T) - logdet(T)", "T", ["T: spd(n)", "S: spd(n)"], [], dict(S=S),
           dict(T=np.linalg.inv(S)), same)
    yield ("Procrustes", "norm2(A*Z - X)^2", "Z", ["Z: orthogonal(n)"], [], dict(A=A, X=X),
           dict(Z=sl.orthogonal_procrustes(A, X)[0]), same)
    leading = np.linalg.svd(A, full_matrices=False)[2][:k].T
    yield ("principal components", "-tr(W'*A'*A*W)", "W", ["A: matrix(m,n)", f"W: matrix(n,{k})"], ["W'*W = I"],
           dict(A=A), dict(W=projector(leading)), projector)
    yield ("reconstruction", "norm2(A - A*W*W')^2", "W", ["A: matrix(m,n)", f"W: matrix(n,{k})"], ["W'*W = I"],
           dict(A=A), dict(W=projector(leading)), projector)
    symmetric = P + P.T
    pairs = sl.eigh(symmetric, S)[1]
    yield ("generalised eigenvectors", "tr(W'*R*W)", "W", ["R: symmetric(n)", "S: spd(n)", f"W: matrix(n,{k})"],
           ["W'*S*W = I"], dict(R=symmetric, S=S), dict(W=projector(pairs[:, :k])), projector)


def run(program, folder, expression, unknowns, declarations, constraints, data):
    command = [program, "solve", expression, "--for", unknowns]
    for option, values in (("--var", declarations), ("--subject", constraints)):
        for value in values:
            command += [option, value]
    for name, value in data.items():
        if np.ndim(value) == 0:
            command += ["--data", f"{name}={value!r}"]
            continue
        np.save(folder / f"{name}.npy", value)
        command += ["--data", f"{name}={folder / name}.npy"]
    for name in unknowns.split(","):
        command += ["--output", f"{name}={folder}/found-{name}.npy"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr
    return {name: np.load(folder / f"found-{name}.npy") for name in unknowns.split(",")}, done.stderr


def check_all(program, folder, rng):
    failures = 0
    worst = {}
    for m, n, k in SHAPES:
        for title, expression, unknowns, declarations, constraints, data, expected, compared in problems(rng, m, n, k):
            found, said = run(program, folder, expression, unknowns, declarations, constraints, data)
            if found is None:
                print(f"{title} ({m}, {n}, {k}): {said}")
                failures += 1
                continue
            for name, value in expected.items():
                error = np.linalg.norm(compared(found[name]) - value) / max(np.linalg.norm(value), 1e-300)
                worst[title] = max(worst.get(title, 0), error)
                if not error <= TOLERANCE:
                    print(f"{title} ({m}, {n}, {k}): {name} is {error:.1e} apart")
                    failures += 1
    for title, error in worst.items():
        print(f"{title:26s} {error:.1e}")
    return failures


def check_ill_conditioned(program, folder, rng):
    m, n = 200, 40
    u, _ = np.linalg.qr(rng.standard_normal((m, n)))
    v, _ = np.linalg.qr(rng.standard_normal((n, n)))
    X = u * np.logspace(0, -10, n) @ v.T
    w = rng.standard_normal(n)
    data = dict(X=X, y=X @ w)
    found, _ = run(program, folder, "norm2(X*w - y)^2", "w", [], [], data)
    error = np.linalg.norm(found["w"] - w) / np.linalg.norm(w)
    of_numpy = np.linalg.norm(shortest(X, X @ w) - w) / np.linalg.norm(w)
    print(f"condition number 1e10: error {error:.1e}, of numpy.linalg.lstsq {of_numpy:.1e}")
    X = rng.standard_normal((m, n - 1)) @ rng.standard_normal((n - 1, n))
    data = dict(X=X, y=rng.standard_normal(m))
    found, said = run(program, folder, "norm2(X*w - y)^2", "w", [], [], data)
    apart = np.linalg.norm(found["w"] - shortest(X, data["y"])) / np.linalg.norm(found["w"])
    warned = "warning" in said and "39" in said
    print(f"rank 39 of 40: {apart:.1e} from the shortest solution, {'with' if warned else 'without'} a warning")
    return int(not error <= 10 * of_numpy) + int(not apart <= TOLERANCE) + int(not warned)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        failures = check_all(asked.program, Path(folder), rng)
        failures += check_ill_conditioned(asked.program, Path(folder), rng)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
