# SPDX-License-Identifier: MIT
"""Naive NumPy: the formulas as textbooks print them, value and derivatives apart, from left to right."""
import numpy as np
from numpy import diag, exp, eye, kron, log, outer, tanh, trace
from numpy.linalg import det, inv, norm

from candidate import Candidate
from workloads import data


def describe():
    return {"NumPy": np.__version__}


def sigmoid(z):
    return 1 / (1 + exp(-z))


def softmax_rows(z):
    return exp(z) / exp(z).sum(1, keepdims=True)


def commuted(n):
    """The columns of M in the order of M*K(n,n): kinder than a product with K."""
    return np.arange(n * n).reshape(n, n).T.ravel()


def nn2(W1, W2, X, Y):
    A = tanh(W1 @ X)
    P = softmax_rows((W2 @ A).T).T
    value = np.sum(log(np.sum(exp(W2 @ A), 0))) - trace(Y.T @ W2 @ A)
    return value, ((W2.T @ (P - Y)) * (1 - A**2)) @ X.T, (P - Y) @ A.T


def nn10_hessian(x, y, **W):
    z = W["W1"] @ x
    J = eye(len(x))
    for layer in range(2, 11):
        J = W[f"W{layer}"] @ diag((z > 0) * 1.0) @ J
        z = W[f"W{layer}"] @ np.maximum(z, 0)
    p = exp(z) / exp(z).sum()
    return kron(outer(x, x), J.T @ (diag(p) - outer(p, p)) @ J)


def rbf(x, Y, a, s):
    E = Y - x
    k = exp(-np.sum(E**2, 1) / (2 * s**2))
    return a @ k, E.T @ (a * k) / s**2


def rbf_hessian(x, Y, a, s):
    E = Y - x
    q = a * exp(-np.sum(E**2, 1) / (2 * s**2))
    return E.T @ diag(q) @ E / s**4 - q.sum() / s**2 * eye(len(x))


def gauss_hessian(S, x):
    P, a = inv(S), inv(S) @ x
    n = len(x)
    return (kron(outer(a, a), P) + kron(P, outer(a, a)) - kron(P, P))[:, commuted(n)]


def gp(D, y, l, s2, noise):
    E = exp(-D / (2 * l**2))
    K = s2 * E + noise * eye(len(y))
    a = inv(K) @ y
    W = inv(K) - outer(a, a)
    return log(det(K)) + y @ inv(K) @ y, trace(W @ (s2 * E * D / l**3)), trace(W @ E), trace(W @ eye(len(y)))


def trinv_hessian(X, A):
    P = inv(X)
    Q = P @ A @ P
    return (kron(P, Q.T) + kron(Q, P.T))[:, commuted(len(X))]


def kronecker(A, B, x, y):
    r = kron(A, B) @ x - y
    return norm(r) ** 2, 2 * kron(A, B).T @ r


VALUE_GRADIENT = {
    "quadform": lambda x, A: (x @ A @ x, (A + A.T) @ x),
    "lsq": lambda x, A, b: (norm(A @ x - b) ** 2, 2 * A.T @ (A @ x - b)),
    "ridge": lambda x, A, b, lam: (
        norm(A @ x - b) ** 2 + lam * norm(x) ** 2,
        2 * A.T @ (A @ x - b) + 2 * lam * x,
    ),
    "wls": lambda x, A, b, w: ((A @ x - b) @ diag(w) @ (A @ x - b), 2 * A.T @ diag(w) @ (A @ x - b)),
    "logistic": lambda w, X, y: (np.sum(log(1 + exp(-y * (X @ w)))), -X.T @ (y * sigmoid(-y * (X @ w)))),
    "softmax": lambda W, X, Y: (
        np.sum(log(np.sum(exp(X @ W), 1))) - trace(Y.T @ X @ W),
        X.T @ (softmax_rows(X @ W) - Y),
    ),
    "matfac": lambda U, V, T: (norm(T - U @ V.T) ** 2, 2 * (U @ V.T - T) @ V),
    "nn2": nn2,
    "gauss": lambda S, x: (
        log(det(S)) + x @ inv(S) @ x,
        inv(S) - inv(S) @ outer(x, x) @ inv(S),
    ),
    "logdetAXA": lambda X, A: (log(det(A @ X @ A.T)), A.T @ inv(A @ X @ A.T) @ A),
    "tr3": lambda A, B, C, X: (trace(A @ X.T @ B @ X @ C), B @ X @ C @ A + B.T @ X @ A.T @ C.T),
    "chain": lambda x, A, B, C: (x @ A @ B @ C @ x, (A @ B @ C + C.T @ B.T @ A.T) @ x),
    "chainend": lambda x, b, A, B, C, E: (
        norm(A @ B @ C @ E @ x - b) ** 2,
        2 * E.T @ C.T @ B.T @ A.T @ (A @ B @ C @ E @ x - b),
    ),
    "mahal": lambda x, mu, S: ((x - mu) @ inv(S) @ (x - mu), 2 * inv(S) @ (x - mu)),
    "rbf": rbf,
    "trprod": lambda A, B: (trace(A @ B), B.T.copy()),
    "traxb": lambda A, X, B: (trace(A @ X @ B), A.T @ B.T),
    "trinv": lambda X, A: (trace(inv(X) @ A), -inv(X).T @ A.T @ inv(X).T),
    "kron": kronecker,
    "gp": gp,
}

HESSIAN = {
    "quadform": lambda x, A: A + A.T,
    "lsq": lambda x, A, b: 2 * A.T @ A,
    "ridge": lambda x, A, b, lam: 2 * A.T @ A + 2 * lam * eye(len(x)),
    "wls": lambda x, A, b, w: 2 * A.T @ diag(w) @ A,
    "logistic": lambda w, X, y: X.T @ diag(y**2 * sigmoid(X @ w) * (1 - sigmoid(X @ w))) @ X,
    "matfac": lambda U, V, T: 2 * kron(V.T @ V, eye(len(U))),
    "nn10": nn10_hessian,
    "gauss": gauss_hessian,
    "tr3": lambda A, B, C, X: kron((C @ A).T, B) + kron(C @ A, B.T),
    "chain": lambda x, A, B, C: A @ B @ C + C.T @ B.T @ A.T,
    "chainend": lambda x, b, A, B, C, E: 2 * (A @ B @ C @ E).T @ (A @ B @ C @ E),
    "mahal": lambda x, mu, S: 2 * inv(S),
    "rbf": rbf_hessian,
    "trinv": trinv_hessian,
    "kron": lambda A, B, x, y: 2 * kron(A, B).T @ kron(A, B),
}


def candidates(workload, kind, sizes, size):
    formula = (VALUE_GRADIENT if kind == "vg" else HESSIAN)[workload["id"]]

    def make():
        arrays = data(workload, sizes)
        np.seterr(all="ignore")
        return Candidate(lambda: formula(**arrays), list if kind == "vg" else lambda hessian: [hessian])

    return {"naive": make}
