// The radial Gaussians of the value position encoding, only where they are not negligible: for each image a window of
// `width` consecutive ones, which holds every Gaussian whose centre is within 7 of its widths.

#ifndef BASIS_H
#define BASIS_H

#include "images.h"

/*
 * images, count, width, delta, scale; distance2 [F] Å² → start [F] int32, basis [F, width].
 * b_k(r) = exp(−(r − μ_k)² / 2(sδ)²), μ_k = (k + 1)·δ, for k from start[f] to start[f] + width − 1. `width` is a multiple
 * of 8 and at most `count`. Taniai et al. 2024, section 3.3.
 */
INLINE double radial_basis(arguments *n) {
  const size_t images = count(n);
  const int32_t centres = (int32_t)count(n), width = (int32_t)count(n);
  const float delta = number(n), scale = number(n), *distance2 = floats(n);
  int32_t *start = ints(n);
  float *basis = floats(n);
  const float factor = -0.5f / (scale * scale);
  for (size_t f = 0; f < images; f++) {
    const float u = square_root(distance2[f]) / delta;
    const int32_t middle = (int32_t)(u - 0.5f) - width / 2 + 1, last = centres - width;
    const int32_t first = middle < 0 ? 0 : middle > last ? last : middle;
    start[f] = first;
    heads offset;
    for (int w = 0; w < HEADS; w++) offset[w] = u - (float)(first + 1 + w);
    for (int32_t w = 0; w < width; w += HEADS, offset -= (float)HEADS) {
      store_heads(basis + f * width + w, exponential(offset * offset * factor));
    }
  }
  return 0;
}

#endif
