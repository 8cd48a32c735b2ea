// Densities of axes, which take the place of frames: an atom looks along the directions of all its images, each by its
// weight. Two sums of spherical harmonics over the images do for all pairs of axis and image; docs/mathematics.md §6.3.

#ifndef DENSITY_H
#define DENSITY_H

#include "attention.h"

// Rows of harmonics that are summed at a time: as many pairs of sums as registers hold.
#define HARMONIC_ROWS 6
// A smaller share of the weight of all others counts as much as this: its fourth power is a normal number.
#define SMALLEST_SHARE 1e-9f
#define SMALLEST_DENSITY 1e-18f

// Two factors for each l and m ≤ l of the recursion in `harmonics`, by ascending m, then l.
INLINE size_t factor_count(uint32_t degree) { return (size_t)(degree + 1) * (degree + 2); }

static void harmonic_factors(uint32_t degree, float *to) {
  for (uint32_t m = 0; m <= degree; m++) {
    // Of l = m from that of m − 1: √((2m − 1)/2m), and √2 more for m = 1, since only m > 0 has a sine beside its cosine.
    *to++ = m < 2 ? 1 : square_root((float)(2 * m - 1) / (float)(2 * m));
    *to++ = 0;
    for (uint32_t l = m + 1; l <= degree; l++) {
      const float norm = 1 / square_root((float)(l * l - m * m));
      *to++ = (float)(2 * l - 1) * norm;
      *to++ = square_root((float)((l - 1) * (l - 1) - m * m)) * norm;
    }
  }
}

/*
 * Real spherical harmonics of the directions of some images, [(L + 1)²][images, rounded up to whole vectors], scaled so that
 * Σ_m Y_lm(a)·Y_lm(b) = P_l(a·b). Rows by ascending m; those of m are l = m … L with cos mφ, then, for m > 0, with sin mφ.
 */
static __attribute__((noinline)) void harmonics(uint32_t degree, const float *factors, const float *unit, candidates near,
                                                float *table) {
  const size_t stride = (near.count + HEADS - 1) / HEADS * HEADS;
  for (uint32_t from = 0; from < near.count; from += HEADS) {
    vector u = {splat_heads(0), splat_heads(0), splat_heads(0)};
    for (uint32_t n = 0; n < HEADS && from + n < near.count; n++) {
      const float *own = unit + 3 * (size_t)near.image[from + n];
      u.x[n] = own[0], u.y[n] = own[1], u.z[n] = own[2];
    }
    const float *factor = factors;
    float *row = table + from;
    heads first = splat_heads(1), cosine = splat_heads(1), sine = splat_heads(0);
    for (uint32_t m = 0; m <= degree; m++) {
      const size_t sines = (size_t)(degree + 1 - m) * stride;
      // Legendre's functions without sinᵐθ, which is in (x + iy)ᵐ.
      heads before = splat_heads(0), value = splat_heads(0);
      for (uint32_t l = m; l <= degree; l++, factor += 2, row += stride) {
        const heads next = l == m ? (first *= factor[0]) : u.z * factor[0] * value - before * factor[1];
        before = value;
        value = next;
        store_heads(row, value * cosine);
        if (m > 0) store_heads(row + sines, value * sine);
      }
      if (m > 0) row += sines;
      const heads turned = u.x * cosine - u.y * sine;
      sine = u.x * sine + u.y * cosine;
      cosine = turned;
    }
  }
}

// ρ = Σ P·Y and Σ (P⁴ but for a factor)·Y of `count` rows over the images.
INLINE void sum_harmonics(const int count, candidates near, const float *fourth, const float *table, size_t stride, heads *rho,
                          heads *strongest) {
  for (int k = 0; k < count; k++) rho[k] = strongest[k] = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) {
    const heads weight = load_heads(near.rank + (size_t)n * HEADS), power = load_heads(fourth + (size_t)n * HEADS);
    for (int k = 0; k < count; k++) {
      const heads value = splat_heads(table[k * stride + n]);
      rho[k] = multiply_add_heads(weight, value, rho[k]);
      strongest[k] = multiply_add_heads(power, value, strongest[k]);
    }
  }
}

// Shares of the weight of all others, to the fourth power.
static void fourth_powers(candidates near, float *fourth) {
  heads total = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) total += load_heads(near.rank + (size_t)n * HEADS);
  const heads inverse = 1.0f / larger(total, splat_heads(SMALLEST_DENSITY));
  for (uint32_t n = 0; n < near.count; n++) {
    const heads share = larger(load_heads(near.rank + (size_t)n * HEADS) * inverse, splat_heads(SMALLEST_SHARE));
    store_heads(fourth + (size_t)n * HEADS, share * share * (share * share));
  }
}

/*
 * The features of one atom for one vector of heads: Σ_m A_lm·ρ_lm for l = 0 … L of every density A, [lanes][features].
 * @param table [(L + 1)²][images, rounded up], `fourth` [images][HEADS]: to work in
 */
static __attribute__((noinline)) void density_features(const plan *p, const float *factors, const float *unit, candidates near,
                                                       float *table, float *fourth, float *out) {
  const size_t stride = (near.count + HEADS - 1) / HEADS * HEADS;
  const uint32_t degree = p->degree, rows = HARMONICS(degree);
  harmonics(degree, factors, unit, near, table);
  fourth_powers(near, fourth);
  heads sum[2][MOST_DEGREE + 1], total[2] = {splat_heads(0), splat_heads(0)};
  for (uint32_t l = 0; l <= degree; l++) sum[0][l] = sum[1][l] = splat_heads(0);
  uint32_t m = 0, l = 0, is_sine = 0;
  for (uint32_t row = 0; row < rows;) {
    heads rho[HARMONIC_ROWS], strongest[HARMONIC_ROWS];
    const uint32_t count = rows - row >= HARMONIC_ROWS ? HARMONIC_ROWS : 1;
    if (count == 1) sum_harmonics(1, near, fourth, table + row * stride, stride, rho, strongest);
    else sum_harmonics(HARMONIC_ROWS, near, fourth, table + row * stride, stride, rho, strongest);
    if (row == 0) total[0] = strongest[0], total[1] = rho[0];
    for (uint32_t k = 0; k < count; k++) {
      sum[0][l] = multiply_add_heads(strongest[k], rho[k], sum[0][l]);
      sum[1][l] = multiply_add_heads(rho[k], rho[k], sum[1][l]);
      if (++l <= degree) continue;
      if (m > 0) is_sine = !is_sine;
      if (!is_sine) m++;
      l = m;
    }
    row += count;
  }
  for (uint32_t density = 0; density < p->frame_count; density++) {
    const heads inverse = 1.0f / larger(total[density], splat_heads(SMALLEST_DENSITY));
    for (l = 0; l <= degree; l++) {
      const heads feature = sum[density][l] * inverse;
      for (uint32_t h = 0; h < HEADS; h++) out[(size_t)h * p->features + density * (degree + 1) + l] = feature[h];
    }
  }
}

#endif
