// One optimiser step on one tensor, in one pass instead of twelve. The formula and its order are those of
// src/training/adamw.ts.

#ifndef OPTIMISER_H
#define OPTIMISER_H

#include "arguments.h"
#include "lanes.h"

// count, scale, beta1, rest1, beta2, rest2, decay, step_size, root_correction, epsilon; w, g, m, v → w, m, v of `count`
// floats; `rest1` and `rest2` are 1 − β1 and 1 − β2, `decay` is 1 − lr·λ.
INLINE double adam_w(arguments *n) {
  const size_t size = count(n);
  const float scale = number(n), beta1 = number(n), rest1 = number(n), beta2 = number(n), rest2 = number(n);
  const float decay = number(n), step_size = number(n), root_correction = number(n), epsilon = number(n);
  const float *w = floats(n), *g = floats(n), *m = floats(n), *v = floats(n);
  float *restrict w_out = floats(n), *restrict m_out = floats(n), *restrict v_out = floats(n);
  for (size_t at = 0; at < size; at++) {
    const float gradient = g[at] * scale;
    const float first = m[at] * beta1 + gradient * rest1;
    const float second = v[at] * beta2 + gradient * gradient * rest2;
    const float root = square_root(second) / root_correction;
    m_out[at] = first;
    v_out[at] = second;
    w_out[at] = w[at] * decay - first / (root + epsilon) * step_size;
  }
  return 0;
}

// count; x → Σ x², in double precision, so that the order hardly matters.
INLINE double sum_of_squares(arguments *n) {
  const size_t size = count(n);
  const float *x = floats(n);
  double sum[8] = {0};
  size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    for (int k = 0; k < 8; k++) sum[k] += (double)x[at + k] * x[at + k];
  }
  for (; at < size; at++) sum[0] += (double)x[at] * x[at];
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

#endif
