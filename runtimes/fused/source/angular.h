// The angular encoding of an atom: what its frames see of the directions of its images, head by head, as features of cells
// of the cosine. Ito et al. 2025.

#ifndef ANGULAR_H
#define ANGULAR_H

#include "frames.h"

// Adds the features of one atom for one vector of heads from `lane` on: [lanes][3·cells·TERMS].
static __attribute__((noinline)) void add_features(const plan *p, const real *unit, candidates near, const vector *frame,
                                                   real *out) {
  const int axes = 3 * (int)p->frame_count;
  for (uint32_t n = 0; n < near.count; n++) {
    const real *u = unit + 3 * (size_t)near.image[n];
    const heads weight = load_heads(near.rank + (size_t)n * HEADS);
    for (int m = 0; m < axes; m++) {
      heads cosine = frame[m].x * u[0] + frame[m].y * u[1] + frame[m].z * u[2];
      if (p->absolute) cosine = absolute(cosine);
      heads t, term[TERMS];
      const int_heads cell = cell_of(cosine, p->least, p->per_unit, p->cells, &t);
      weighted_powers(t, weight, term);
      real *to = out + (size_t)(m % 3) * p->cells * TERMS;
      for (uint32_t h = 0; h < HEADS; h++, to += p->features) {
        real *at = to + (size_t)cell[h] * TERMS;
        for (int v = 0; v < TERMS / HEADS; v++) {
          store_heads(at + v * HEADS, load_heads(at + v * HEADS) + term[h * (TERMS / HEADS) + v]);
        }
      }
    }
  }
}

// The images of atom i that have a direction, with their normalised weights for one vector of heads.
static __attribute__((noinline)) void list_candidates(const plan *p, const batch *b, uint32_t i, const real *weight, heads inverse, choice *s) {
  const int32_t first = b->image_start[b->pair_start[i]], end = b->image_start[b->pair_start[i + 1]];
  s->all.count = s->near.count = 0;
  for (int32_t f = first; f < end; f++) {
    const real *u = b->unit + 3 * (size_t)f;
    if (u[0] == 0 && u[1] == 0 && u[2] == 0) continue;
    const heads rank = load_heads(weight + (size_t)(f - first) * p->lanes) * inverse;
    add_candidate(s, f, rank);
  }
}

#endif
