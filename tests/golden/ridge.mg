given
  X: matrix(m,n) = points.csv
  y: vector(m) = labels.csv
  lam = 0.5
minimize
  norm2(X*w - y)^2      # as many lines as it takes
    + lam*norm2(w)^2
over
  w: vector(n) = 0
subject to
  sum(w) = 0.25
