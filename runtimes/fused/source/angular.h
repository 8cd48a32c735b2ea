// The angular encoding of an atom: what its frames see of the directions of its images, head by head. The cosine u = e·r̂
// falls into one of a few cells, and its features there are 1, t, … t⁷, t from −½ to ½ across the cell: a Gaussian of u
// that is at least as wide as a cell is a polynomial of degree 7 in it to 1e-7. Ito et al. 2025.

#ifndef ANGULAR_H
#define ANGULAR_H

#include "frames.h"

// Rows of vectors as columns.
INLINE void transpose(heads *row) {
#if HEADS == 8
  heads a[8], b[8];
  for (int n = 0; n < 8; n += 2) {
    a[n] = __builtin_shufflevector(row[n], row[n + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    a[n + 1] = __builtin_shufflevector(row[n], row[n + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int n = 0; n < 8; n += 4) {
    b[n] = __builtin_shufflevector(a[n], a[n + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    b[n + 1] = __builtin_shufflevector(a[n], a[n + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    b[n + 2] = __builtin_shufflevector(a[n + 1], a[n + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    b[n + 3] = __builtin_shufflevector(a[n + 1], a[n + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int n = 0; n < 4; n++) {
    row[n] = __builtin_shufflevector(b[n], b[n + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    row[n + 4] = __builtin_shufflevector(b[n], b[n + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
#else
  const heads a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const heads b = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const heads c = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const heads d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  row[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  row[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  row[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  row[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#endif
}

// weight·tⁿ, n = 0 … 7, of every head: [heads][TERMS] in as many vectors.
INLINE void weighted_powers(heads t, heads weight, heads *out) {
  const heads t2 = t * t, odd = weight * t, t4 = t2 * t2;
  const heads power[TERMS] = {weight,      odd,       weight * t2,        odd * t2,
                              weight * t4, odd * t4, weight * t2 * t4, odd * t2 * t4};
#if HEADS == 8
  for (int n = 0; n < TERMS; n++) out[n] = power[n];
  transpose(out);
#else
  heads low[4], high[4];
  for (int n = 0; n < 4; n++) low[n] = power[n], high[n] = power[n + 4];
  transpose(low);
  transpose(high);
  for (int n = 0; n < 4; n++) out[2 * n] = low[n], out[2 * n + 1] = high[n];
#endif
}

// Adds the features of one atom for one vector of heads from `lane` on: [lanes][3·cells·TERMS].
static __attribute__((noinline)) void add_features(const plan *p, const float *unit, candidates near, const vector *frame,
                                                   float *out) {
  const heads last = splat_heads((float)(p->cells - 1));
  const int axes = 3 * (int)p->frame_count;
  for (uint32_t n = 0; n < near.count; n++) {
    const float *u = unit + 3 * (size_t)near.image[n];
    const heads weight = load_heads(near.rank + (size_t)n * HEADS);
    for (int m = 0; m < axes; m++) {
      heads cosine = frame[m].x * u[0] + frame[m].y * u[1] + frame[m].z * u[2];
      if (p->absolute) cosine = absolute(cosine);
      const heads s = (cosine - p->least) * p->per_unit;
      const int_heads cell = __builtin_convertvector(smaller(larger(s, splat_heads(0)), last), int_heads);
      heads term[TERMS];
      weighted_powers(s - __builtin_convertvector(cell, heads) - 0.5f, weight, term);
      float *to = out + (size_t)(m % 3) * p->cells * TERMS;
      for (uint32_t h = 0; h < HEADS; h++, to += p->features) {
        float *at = to + (size_t)cell[h] * TERMS;
        for (int v = 0; v < TERMS / HEADS; v++) {
          store_heads(at + v * HEADS, load_heads(at + v * HEADS) + term[h * (TERMS / HEADS) + v]);
        }
      }
    }
  }
}

// The images of atom i that have a direction, with their normalised weights for one vector of heads.
static __attribute__((noinline)) void list_candidates(const plan *p, const batch *b, uint32_t i, const float *weight, heads inverse, frame_scratch *s) {
  const int32_t first = b->image_start[b->pair_start[i]], end = b->image_start[b->pair_start[i + 1]];
  s->all.count = s->near.count = 0;
  for (int32_t f = first; f < end; f++) {
    const float *u = b->unit + 3 * (size_t)f;
    if (u[0] == 0 && u[1] == 0 && u[2] == 0) continue;
    const heads rank = load_heads(weight + (size_t)(f - first) * p->lanes) * inverse;
    s->all.image[s->all.count] = f;
    store_heads(s->all.rank + (size_t)s->all.count++ * HEADS, rank);
    if (!any_above(rank, FAINT)) continue;
    s->near.image[s->near.count] = f;
    store_heads(s->near.rank + (size_t)s->near.count++ * HEADS, rank);
  }
}

#endif
