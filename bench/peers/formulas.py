# SPDX-License-Identifier: MIT
"""The workloads as a user of a library for automatic differentiation writes them: each takes `xp`, the few words in
which the libraries differ, and the arrays by name.

WRITTEN follows the expression, product by product from left to right. EXPERT is what somebody rewrites who knows where
the time goes: Cholesky factors, products from right to left, no diagonal or Kronecker matrices, traces as sums. Without
an entry there the expression is as good as it gets.
"""


def _layers(xp, x, W):
    a = W["W1"] @ x
    for layer in range(2, 11):
        a = W[f"W{layer}"] @ xp.relu(a)
    return a


def _nn10(xp, x, y, **W):
    z = _layers(xp, x, W)
    return xp.logsumexp(z) - xp.dot(y, z)


def _kernel(xp, D, l, s2, noise):
    return s2 * xp.exp(-D / (2 * l**2)) + noise * xp.eye(D.shape[0])


def _gp(xp, D, y, l, s2, noise):
    K = _kernel(xp, D, l, s2, noise)
    return xp.logdet(K) + xp.dot(xp.row(y) @ xp.inv(K), y)


def _gp_expert(xp, D, y, l, s2, noise):
    L = xp.cholesky(_kernel(xp, D, l, s2, noise))
    return _logdet_of_factor(xp, L) + xp.square(xp.solve_lower(L, y))


def _logdet_of_factor(xp, L):
    return 2 * xp.sum(xp.log(xp.diagonal(L)))


def _gauss_expert(xp, S, x):
    L = xp.cholesky(S)
    return _logdet_of_factor(xp, L) + xp.square(xp.solve_lower(L, x))


def _softmax_expert(xp, W, X, Y):
    Z = X @ W
    return xp.sum(xp.logsumexp_rows(Z)) - xp.sum(Y * Z)


def _nn2(xp, W1, W2, X, Y):
    value = xp.sum(xp.log(xp.colsum(xp.exp(W2 @ xp.tanh(W1 @ X)))))
    return value - xp.trace(Y.T @ W2 @ xp.tanh(W1 @ X))


def _nn2_expert(xp, W1, W2, X, Y):
    Z = W2 @ xp.tanh(W1 @ X)
    return xp.sum(xp.logsumexp_rows(Z.T)) - xp.sum(Y * Z)


def _wls_expert(xp, x, A, b, w):
    r = A @ x - b
    return xp.sum(w * r * r)


def _rbf(xp, x, Y, a, s):
    return xp.dot(a, xp.exp(-xp.rowsum(xp.minus_row(Y, x) ** 2) / (2 * s**2)))


def _rbf_expert(xp, x, Y, a, s):
    squares = xp.rowsum(Y * Y) - 2 * (Y @ x) + xp.dot(x, x)
    return xp.dot(a, xp.exp(-squares / (2 * s**2)))


def _kron_expert(xp, A, B, x, y):
    rows = (A.shape[0], B.shape[0])
    return xp.square(A @ xp.by_rows(x, rows) @ B.T - xp.by_rows(y, rows))


def _mahal_expert(xp, x, mu, S):
    return xp.square(xp.solve_lower(xp.cholesky(S), x - mu))


WRITTEN = {
    "quadform": lambda xp, x, A: xp.dot(xp.row(x) @ A, x),
    "lsq": lambda xp, x, A, b: xp.square(A @ x - b),
    "ridge": lambda xp, x, A, b, lam: xp.square(A @ x - b) + lam * xp.square(x),
    "wls": lambda xp, x, A, b, w: xp.dot(xp.row(A @ x - b) @ xp.diag(w), A @ x - b),
    "logistic": lambda xp, w, X, y: xp.sum(xp.log(xp.exp(-y * (X @ w)) + 1)),
    "softmax": lambda xp, W, X, Y: xp.sum(xp.log(xp.rowsum(xp.exp(X @ W)))) - xp.trace(Y.T @ X @ W),
    "matfac": lambda xp, U, V, T: xp.square(T - U @ V.T),
    "nn2": _nn2,
    "nn10": _nn10,
    "gauss": lambda xp, S, x: xp.logdet(S) + xp.dot(xp.row(x) @ xp.inv(S), x),
    "logdetAXA": lambda xp, X, A: xp.logdet(A @ X @ A.T),
    "tr3": lambda xp, A, B, C, X: xp.trace(A @ X.T @ B @ X @ C),
    "chain": lambda xp, x, A, B, C: xp.dot(xp.row(x) @ A @ B @ C, x),
    "chainend": lambda xp, x, b, A, B, C, E: xp.square(A @ B @ C @ E @ x - b),
    "mahal": lambda xp, x, mu, S: xp.dot(xp.row(x - mu) @ xp.inv(S), x - mu),
    "rbf": _rbf,
    "trprod": lambda xp, A, B: xp.trace(A @ B),
    "traxb": lambda xp, A, X, B: xp.trace(A @ X @ B),
    "trinv": lambda xp, X, A: xp.trace(xp.inv(X) @ A),
    "kron": lambda xp, A, B, x, y: xp.square(xp.kron(A, B) @ x - y),
    "gp": _gp,
}

EXPERT = {
    "quadform": lambda xp, x, A: xp.dot(x, A @ x),
    "wls": _wls_expert,
    "logistic": lambda xp, w, X, y: xp.sum(xp.softplus(-y * (X @ w))),
    "softmax": _softmax_expert,
    "nn2": _nn2_expert,
    "gauss": _gauss_expert,
    "logdetAXA": lambda xp, X, A: _logdet_of_factor(xp, xp.cholesky(A @ X @ A.T)),
    "tr3": lambda xp, A, B, C, X: xp.sum((B @ X @ (C @ A)) * X),
    "chain": lambda xp, x, A, B, C: xp.dot(x, A @ (B @ (C @ x))),
    "chainend": lambda xp, x, b, A, B, C, E: xp.square(A @ (B @ (C @ (E @ x))) - b),
    "mahal": _mahal_expert,
    "rbf": _rbf_expert,
    "trprod": lambda xp, A, B: xp.sum(A * B.T),
    "traxb": lambda xp, A, X, B: xp.sum(X * (B @ A).T),
    "trinv": lambda xp, X, A: xp.trace(xp.solve(X, A)),
    "kron": _kron_expert,
    "gp": _gp_expert,
}


def forms(workload):
    """By the ending of a column: as written, and as an expert writes it where that differs."""
    result = {"": WRITTEN[workload["id"]]}
    if workload["id"] in EXPERT:
        result["_x"] = EXPERT[workload["id"]]
    return result
