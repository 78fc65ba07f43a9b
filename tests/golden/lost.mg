X = points.csv
minimise norm2(X*w)^2
over w
subject to
  sum(w)
