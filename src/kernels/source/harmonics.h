// Real spherical harmonics of the directions of an atom's images, and their sums by the weights of the images and by the
// fourth powers of these, for one vector of heads: two densities of axes, and what is seen along them. No frame is chosen.
// docs/mathematics.md §6.3.

#ifndef HARMONICS_H
#define HARMONICS_H

#include "directions.h"

#define MOST_DEGREE 16
#define HARMONICS(degree) (((degree) + 1) * ((degree) + 1))
// Sums at a time, which stay in registers: 81 harmonics of degree 8 are nine times as many.
#define HARMONIC_TILE 9
// Fourth powers of weights below this part of the largest are 1e-10 of its.
#define STRONG 3e-3f
// A smaller share of the weight of all others counts as much as this: its fourth power is a normal number.
#define SMALLEST_SHARE 1e-9f
#define SMALLEST_DENSITY 1e-18f

// Two factors for each l and m ≤ l of the recursion in `harmonics`, by ascending m, then l.
INLINE size_t factor_count(uint32_t degree) { return (size_t)(degree + 1) * (degree + 2); }

static void harmonic_factors(uint32_t degree, real *to) {
  for (uint32_t m = 0; m <= degree; m++) {
    // Of l = m from that of m − 1: √((2m − 1)/2m), and √2 more for m = 1, since only m > 0 has a sine beside its cosine.
    *to++ = m < 2 ? 1 : square_root((real)(2 * m - 1) / (real)(2 * m));
    *to++ = 0;
    for (uint32_t l = m + 1; l <= degree; l++) {
      const real norm = 1 / square_root((real)(l * l - m * m));
      *to++ = (real)(2 * l - 1) * norm;
      *to++ = square_root((real)((l - 1) * (l - 1) - m * m)) * norm;
    }
  }
}

/*
 * Real spherical harmonics of the directions of some images, [(L + 1)²][images, rounded up to whole vectors], scaled so that
 * Σ_m Y_lm(a)·Y_lm(b) = P_l(a·b). Rows by ascending m; those of m are l = m … L with cos mφ, then, for m > 0, with sin mφ.
 */
static __attribute__((noinline)) void harmonics(uint32_t degree, const real *factors, const real *unit, candidates near,
                                                real *table) {
  const size_t stride = (near.count + HEADS - 1) / HEADS * HEADS;
  for (uint32_t from = 0; from < near.count; from += HEADS) {
    vector u = {splat_heads(0), splat_heads(0), splat_heads(0)};
    for (uint32_t n = 0; n < HEADS && from + n < near.count; n++) {
      const real *own = unit + 3 * (size_t)near.image[from + n];
      u.x[n] = own[0], u.y[n] = own[1], u.z[n] = own[2];
    }
    const real *factor = factors;
    real *row = table + from;
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

// Which l each row of harmonics has, one after the other, beginning with {L, 0, 0, 0}.
typedef struct { uint32_t most, l, m, is_sine; } harmonic_row;
INLINE void next_row(harmonic_row *at) {
  if (++at->l <= at->most) return;
  if (at->m > 0) at->is_sine = !at->is_sine;
  if (!at->is_sine) at->m++;
  at->l = at->m;
}

// Brings the images to the front that are strong in any head, and returns how many they are.
static __attribute__((noinline)) uint32_t strong_first(candidates *near) {
  heads least = splat_heads(0);
  for (uint32_t n = 0; n < near->count; n++) least = larger(load_heads(near->rank + (size_t)n * HEADS), least);
  least *= STRONG;
  uint32_t strong = 0;
  for (uint32_t n = 0; n < near->count; n++) {
    real *own = near->rank + (size_t)n * HEADS, *front = near->rank + (size_t)strong * HEADS;
    const heads rank = load_heads(own);
    const int32_t image = near->image[n];
    // No branch: which are strong is hard to foresee. One that is not changes places with another such.
    store_heads(own, load_heads(front));
    store_heads(front, rank);
    near->image[n] = near->image[strong];
    near->image[strong] = image;
    strong += any_above(rank - least, 0);
  }
  return strong;
}

// 1 over the weight of all images with a direction.
INLINE heads inverse_of_total(candidates near) {
  heads total = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) total += load_heads(near.rank + (size_t)n * HEADS);
  return 1.0f / larger(total, splat_heads(SMALLEST_DENSITY));
}
INLINE heads share_of(candidates near, uint32_t n, heads inverse) {
  return larger(load_heads(near.rank + (size_t)n * HEADS) * inverse, splat_heads(SMALLEST_SHARE));
}

INLINE void tile_of_sums(const int count, size_t terms, const real *factor, const real *table, size_t across, size_t along,
                         real *out) {
  heads sum[HARMONIC_TILE];
  for (int k = 0; k < count; k++) sum[k] = splat_heads(0);
  for (size_t n = 0; n < terms; n++, factor += HEADS, table += along) {
    const heads own = load_heads(factor);
    for (int k = 0; k < count; k++) sum[k] = multiply_add_heads(own, splat_heads(table[k * across]), sum[k]);
  }
  for (int k = 0; k < count; k++) store_heads(out + k * HEADS, sum[k]);
}

// `count` sums of so many terms factor·table, [count][HEADS], for factors [terms][HEADS]; the numbers of the table of two
// sums are `across` apart, those of two terms `along`.
static __attribute__((noinline)) void sums_of_table(size_t count, size_t terms, const real *factor, const real *table,
                                                    size_t across, size_t along, real *out) {
  size_t k = 0;
#define TILES(size) \
  for (; k + (size) <= count; k += (size)) tile_of_sums(size, terms, factor, table + k * across, across, along, out + k * HEADS);
  TILES(HARMONIC_TILE) TILES(3) TILES(1)
#undef TILES
}

/*
 * ρ = Σ P·Y over the images and Σ s⁴·Y over the first `strong` of them, where s is the share of an image in the weight of
 * all: [2][(L + 1)²][HEADS].
 * @param table harmonics, `fourth` [strong][HEADS] to work in
 */
INLINE void sum_harmonics(uint32_t degree, candidates near, uint32_t strong, const real *table, real *fourth, real *sums) {
  const size_t stride = (near.count + HEADS - 1) / HEADS * HEADS, rows = HARMONICS((size_t)degree);
  const heads inverse = inverse_of_total(near);
  for (uint32_t n = 0; n < strong; n++) {
    const heads share = share_of(near, n, inverse);
    store_heads(fourth + (size_t)n * HEADS, share * share * (share * share));
  }
  sums_of_table(rows, near.count, near.rank, table, stride, 1, sums);
  sums_of_table(rows, strong, fourth, table, stride, 1, sums + rows * HEADS);
}

// Σ_m A_lm·ρ_lm for l = 0 … L of the density of the fourth powers, then of that of the weights: [2][L + 1][HEADS].
static __attribute__((noinline)) void profile_of_densities(uint32_t degree, const real *sums, real *profile) {
  const real *strongest = sums + HARMONICS((size_t)degree) * HEADS;
  for (uint32_t n = 0; n < 2 * (degree + 1); n++) store_heads(profile + n * HEADS, splat_heads(0));
  const heads of_weights = 1.0f / larger(load_heads(sums), splat_heads(SMALLEST_DENSITY));
  const heads of_powers = 1.0f / larger(load_heads(strongest), splat_heads(SMALLEST_DENSITY));
  harmonic_row at = {degree, 0, 0, 0};
  for (uint32_t row = 0; row < HARMONICS(degree); row++, next_row(&at)) {
    const heads rho = load_heads(sums + row * HEADS), power = load_heads(strongest + row * HEADS);
    real *first = profile + at.l * HEADS, *second = first + (degree + 1) * HEADS;
    store_heads(first, multiply_add_heads(power * of_powers, rho, load_heads(first)));
    store_heads(second, multiply_add_heads(rho * of_weights, rho, load_heads(second)));
  }
}

#endif
