given
  X: matrix(m,n) = points.csv
minimize
  norm2(X*w - y)^2
  + lam*norm2(w))^2
over
  w
