// Densities of axes, which take the place of frames: what an atom sees along the directions of all its images, each by its
// weight.

#ifndef DENSITY_H
#define DENSITY_H

#include "attention.h"
#include "harmonics.h"

// Floats of the sums over images of one vector of heads, and of what is made of them.
INLINE size_t density_sums(uint32_t degree) { return (HARMONICS((size_t)degree) + degree + 1) * 2 * HEADS; }

/*
 * The features of one atom for one vector of heads: Σ_m A_lm·ρ_lm for l = 0 … L of every density A, [lanes][features].
 * @param table [(L + 1)²][images, rounded up], `fourth` [images][HEADS], `sums` as many as density_sums says: to work in
 */
static __attribute__((noinline)) void density_features(const plan *p, const real *factors, const real *unit, candidates near,
                                                       real *table, real *fourth, real *sums, real *out) {
  real *profile = sums + HARMONICS((size_t)p->degree) * 2 * HEADS;
  const uint32_t strong = strong_first(&near);
  harmonics(p->degree, factors, unit, near, table);
  sum_harmonics(p->degree, near, strong, table, fourth, sums);
  profile_of_densities(p->degree, sums, profile);
  for (uint32_t n = 0; n < p->features; n++) {
    const heads feature = load_heads(profile + n * HEADS);
    for (uint32_t h = 0; h < HEADS; h++) out[(size_t)h * p->features + n] = feature[h];
  }
}

#endif
