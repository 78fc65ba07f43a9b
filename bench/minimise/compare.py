# SPDX-License-Identifier: MIT
"""matgrad minimize beside SciPy and scikit-learn: the same data, one run, one after the other in every round.

    compare.py MATGRAD [--sizes S,M,L] [--only ID,…] [--rounds 3] [--output FILE.json]

SciPy gets the value and gradient as an expert writes them in NumPy. scikit-learn has the
loosest of its tolerances that brings it within 1e-6 of the best objective. What is printed: how far matgrad's objective
is above the best (1e-6 is allowed), and the seconds of the search; matgrad's whole process (start, reading the files,
deriving, checking, planning, searching, writing) stands beside it.
"""
import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import scipy.linalg as sl
import scipy.optimize as so

try:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC
except ImportError:
    LogisticRegression = LinearSVC = None

ALLOWED = 1e-6  # above the best objective, of it
TOLERANCES = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9)  # scikit-learn's own is the first: it can be 1e-2 above the best
REGRESSION = {"S": (40, 20), "M": (400, 200), "L": (4000, 2000)}


def by_lbfgs(function, start, bounds=None):
    def run():
        result = so.minimize(function, start, jac=True, method="L-BFGS-B", bounds=bounds,
                             options={"maxiter": 5000, "maxfun": 10000})
        return result.fun
    return run


def regression(size, rng, classify=True):
    m, n = REGRESSION[size]
    X = rng.standard_normal((m, n))
    y = X @ rng.standard_normal(n) / np.sqrt(n) + rng.standard_normal(m)
    return {"X": X, "y": np.sign(y) if classify else y}


def logistic(size, rng):
    data = regression(size, rng)
    X, y = data["X"], data["y"]

    def function(w):
        z = y * (X @ w)
        e = np.exp(-np.abs(z))
        s = np.where(z > 0, e, 1) / (1 + e)
        return np.sum(np.log1p(e) + np.maximum(-z, 0)) + w @ w / 2, -X.T @ (y * s) + w

    def sklearn(tolerance):
        fit = LogisticRegression(C=1.0, fit_intercept=False, max_iter=5000, tol=tolerance).fit(X, y)
        return function(fit.coef_[0])[0]

    return dict(objective="sum(log(1 + exp(-y.*(X*w)))) + 0.5*norm2(w)^2", over="w", data=data,
                scipy=by_lbfgs(function, np.zeros(X.shape[1])), sklearn=sklearn if LogisticRegression else None)


def softmax(size, rng):
    m, n, k = {"S": (100, 20, 10), "M": (1000, 200, 10), "L": (4000, 2000, 10)}[size]
    X = rng.standard_normal((m, n))
    labels = np.argmax(X @ rng.standard_normal((n, k)) / np.sqrt(n) + rng.gumbel(size=(m, k)), axis=1)
    Y = np.eye(k)[labels]

    def function(w):
        W = w.reshape(n, k)
        Z = X @ W
        top = Z.max(1, keepdims=True)
        E = np.exp(Z - top)
        s = E.sum(1, keepdims=True)
        value = np.sum(np.log(s) + top) - np.sum(Y * Z) + w @ w / 2
        return value, (X.T @ (E / s - Y)).ravel() + w

    def sklearn(tolerance):
        fit = LogisticRegression(C=1.0, fit_intercept=False, max_iter=5000, tol=tolerance).fit(X, labels)
        return function(fit.coef_.T.ravel())[0]

    return dict(objective="sum(log(rowsum(exp(X*W)))) - sum(Y.*(X*W)) + 0.5*norm2(W)^2", over="W",
                data={"X": X, "Y": Y}, scipy=by_lbfgs(function, np.zeros(n * k)),
                sklearn=sklearn if LogisticRegression else None)


def nonnegative(size, rng):
    data = regression(size, rng, classify=False)
    X, y = data["X"], data["y"]
    return dict(objective="norm2(X*w - y)^2", over="w", data=data, more=["--bounds", "w >= 0"],
                scipy=lambda: so.nnls(X, y, maxiter=20 * X.shape[1])[1] ** 2)


def factorisation(size, rng):
    n, k = {"S": (20, 5), "M": (200, 5), "L": (2000, 5)}[size]
    A = rng.standard_normal((n, k)) @ rng.standard_normal((k, n)) + 0.1 * rng.standard_normal((n, n))
    U, V = rng.standard_normal((n, k)) / 10, rng.standard_normal((n, k)) / 10

    def function(x):
        P, Q = x[: n * k].reshape(n, k), x[n * k :].reshape(n, k)
        R = P @ Q.T - A
        value = np.sum(R * R) + 0.1 * (x @ x)
        return value, 2 * np.concatenate([(R @ Q).ravel(), (R.T @ P).ravel()]) + 0.2 * x

    return dict(objective="norm2(A - U*V')^2 + 0.1*norm2(U)^2 + 0.1*norm2(V)^2", over="U,V", data={"A": A},
                start={"U": U, "V": V}, scipy=by_lbfgs(function, np.concatenate([U.ravel(), V.ravel()])))


def hinge(size, rng):
    data = regression(size, rng)
    X, y = data["X"], data["y"]

    def function(w):
        r = np.maximum(1 - y * (X @ w), 0)
        return r @ r + w @ w / 2, -2 * X.T @ (y * r) + w

    def sklearn(tolerance):
        fit = LinearSVC(C=1.0, loss="squared_hinge", dual=False, fit_intercept=False, max_iter=5000, tol=tolerance).fit(X, y)
        return function(fit.coef_[0])[0]

    return dict(objective="sum(relu(1 - y.*(X*w)).^2) + 0.5*norm2(w)^2", over="w", data=data,
                scipy=by_lbfgs(function, np.zeros(X.shape[1])), sklearn=sklearn if LinearSVC else None)


def huber(size, rng):
    data = regression(size, rng, classify=False)
    X, y = data["X"], data["y"]

    def function(w):
        r = X @ w - y
        clipped = np.clip(r, -1, 1)
        return np.sum(clipped * r - clipped**2 / 2) + 0.01 * (w @ w), X.T @ clipped + 0.02 * w

    return dict(objective="0.5*norm2(X*w - y)^2 - 0.5*sum(relu(abs(X*w - y) - 1).^2) + 0.01*norm2(w)^2", over="w",
                data=data, scipy=by_lbfgs(function, np.zeros(X.shape[1])))


def gaussian_process(size, rng):
    n = {"S": 20, "M": 200, "L": 2000}[size]
    points = np.sort(rng.random((n, 1)) * 4, axis=0)
    D = (points - points.T) ** 2
    y = np.sin(2 * points[:, 0]) + 0.3 * rng.standard_normal(n)

    def function(t):
        l, s2, noise = np.exp(t)
        E = np.exp(-D / (2 * l * l))
        K = s2 * E + noise * np.eye(n)
        factor = sl.cho_factor(K, lower=True)
        a = sl.cho_solve(factor, y)
        inverse = sl.cho_solve(factor, np.eye(n))
        value = 2 * np.sum(np.log(np.diag(factor[0]))) + y @ a
        W = inverse - np.outer(a, a)
        by_l = np.sum(W * (s2 * E * D)) / l**3
        return value, np.array([by_l * l, np.sum(W * E) * s2, np.trace(W) * noise])

    return dict(objective="logdet(s2*exp(-D/(2*l^2)) + noise*I) + y'*inv(s2*exp(-D/(2*l^2)) + noise*I)*y",
                over="l,s2,noise", data={"D": D, "y": y},
                more=["--var", "l: scalar positive", "--var", "s2: scalar positive", "--var", "noise: scalar positive",
                      "--var", "D: symmetric(n)"],
                scipy=by_lbfgs(function, np.zeros(3)))


PROBLEMS = {"logistic": logistic, "softmax": softmax, "nonnegative": nonnegative, "factorisation": factorisation,
            "hinge": hinge, "huber": huber, "gp": gaussian_process}


def matgrad_run(program, problem, folder):
    def save(kind, arrays):
        options = []
        for name, array in arrays.items():
            path = folder / f"{kind}-{name}.npy"
            np.save(path, array)
            options += [f"--{kind}", f"{name}={path}"]
        return options

    command = [program, "minimize", problem["objective"], "--over", problem["over"], "--format", "json"]
    command += save("data", problem["data"]) + save("start", problem.get("start", {})) + problem.get("more", [])
    for name in problem["over"].split(","):
        command += ["--output", f"{name}={folder / name}.npy"]

    def run():
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            sys.exit(f"{' '.join(command)}\n{done.stderr}")
        return json.loads(done.stdout)["search"]

    return run


def timed(run):
    begin = time.perf_counter()
    result = run()
    return result, time.perf_counter() - begin


def converging(sklearn, best):
    """By the loosest tolerance that is enough, and what it is."""
    for tolerance in TOLERANCES:
        value = sklearn(tolerance)
        if (value - best) / max(abs(best), 1) <= ALLOWED:
            break
    return lambda: sklearn(tolerance), tolerance


def compare(program, name, size, rounds):
    problem = PROBLEMS[name](size, np.random.default_rng(len(name) + ord(size)))
    sklearn = problem.get("sklearn")
    row = {"problem": name, "size": size}
    with tempfile.TemporaryDirectory() as folder:
        run = matgrad_run(program, problem, Path(folder))
        if sklearn is not None:
            best = min(run()["value"], problem["scipy"]())
            problem["sklearn"], row["sklearn_tolerance"] = converging(sklearn, best)
        for _ in range(rounds):
            search, whole = timed(run)
            row.setdefault("matgrad", []).append(search["seconds"])
            row.setdefault("process", []).append(whole)
            row["value"] = search["value"]
            row["evaluations"] = search["evaluations"]
            row["confirmed"] = search["confirmed"]
            for peer in ("scipy", "sklearn"):
                if problem.get(peer) is None:
                    continue
                value, seconds = timed(problem[peer])
                row.setdefault(peer, []).append(seconds)
                row[peer + "_value"] = float(value)
    best = min(row[key] for key in ("value", "scipy_value", "sklearn_value") if key in row)
    row["above"] = (row["value"] - best) / max(abs(best), 1)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--sizes", default="S,M,L")
    parser.add_argument("--only", default=",".join(PROBLEMS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output")
    asked = parser.parse_args()
    rows = []
    print("| problem | size | matgrad, s | whole process, s | SciPy, s | scikit-learn, s | evaluations | above the best |")
    print("|---|---|---|---|---|---|---|---|")
    for name in asked.only.split(","):
        for size in asked.sizes.split(","):
            row = compare(asked.program, name, size, asked.rounds)
            rows.append(row)

            def median(key):
                return f"{np.median(row[key]):.4f}" if key in row else ""

            print(f"| {name} | {size} | {median('matgrad')} | {median('process')} | {median('scipy')} | "
                  f"{median('sklearn')} | {row['evaluations']} | {row['above']:.1e}"
                  f"{'' if row['confirmed'] else ' (not confirmed)'} |", flush=True)
    if asked.output:
        Path(asked.output).write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
