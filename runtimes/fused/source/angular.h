// The angular encoding of an atom: what its frames see of the directions of its images, head by head. The cosine u = e·r̂
// falls into one of a few cells, and its features there are 1, t, … t⁷, t from −½ to ½ across the cell: a Gaussian of u
// that is at least as wide as a cell is a polynomial of degree 7 in it to 1e-7. Ito et al. 2025.

#ifndef ANGULAR_H
#define ANGULAR_H

#include "frames.h"

// features of one cell += weight·tⁿ
INLINE void add_powers(float *cell, float t, float weight) {
  const heads low = powers(t) * weight;
  store_heads(cell, load_heads(cell) + low);
#if HEADS == 4
  const float t2 = t * t;
  store_heads(cell + 4, load_heads(cell + 4) + low * (t2 * t2));
#endif
}

// Adds the features of one atom for one vector of heads from `lane` on: [heads][3·cells·TERMS].
static void add_features(const plan *p, const float *unit, candidates near, const vector *frame, uint32_t lane, float *out) {
  const uint32_t count = p->head_count - lane < HEADS ? p->head_count - lane : HEADS;
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
      const heads t = s - __builtin_convertvector(cell, heads) - 0.5f;
      float *to = out + (size_t)(m % 3) * p->cells * TERMS;
      for (uint32_t h = 0; h < count; h++) {
        if (weight[h] > FAINT) add_powers(to + (size_t)h * p->features + (size_t)cell[h] * TERMS, t[h], weight[h]);
      }
    }
  }
}

// The images of atom i that have a direction, with their normalised weights for one vector of heads.
static void list_candidates(const plan *p, const batch *b, uint32_t i, const float *weight, heads inverse, frame_scratch *s) {
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
