/* SPDX-License-Identifier: MIT */
/* matgrad for other languages: JSON in, JSON out. No exception crosses this border. */
#ifndef MATGRAD_C_API_H
#define MATGRAD_C_API_H

#ifdef __cplusplus
extern "C" {
#endif

/* Derives. `request` is a JSON object in UTF-8:
     {"expr": "norm2(X*w - y)^2", "wrt": "w", "vars": ["X: matrix(m,n)"], "layout": "denominator" | "numerator",
      "form": "matrix" | "differential" | "vec" | "vech" | "block", "order": 1 | 2,
      "symmetric": "projected" | "free-entries", "manifold": false, "verify": true, "steps": false, "lang": "en" | "zh"}
   where all but expr and wrt may be left out; anything else is an error. Returns the answer (docs/json.md), or
   {"error": {"code", "message"}}. The caller frees the result with matgrad_free. Null only when memory is exhausted. */
char* matgrad_diff_json(const char* request);

void matgrad_free(char* text);

#ifdef __cplusplus
}
#endif

#endif
