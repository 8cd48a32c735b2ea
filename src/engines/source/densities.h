// Densities of axes in place of frames: what an atom sees along the directions of all its images, each by its weight, and
// the gradient of it, which goes through the axes too. docs/mathematics.md §6.3.

#ifndef DENSITIES_H
#define DENSITIES_H

#include "harmonics.h"
#include "images.h"

typedef struct {
  size_t atoms, heads, features, first, densities;
  uint32_t degree;
  // heads side by side
  int width;
  const float *weight;
  const int32_t *pair_start, *image_start;
  const float *unit;
  // of an atom and a vector of heads: the images that count, how many of them are strong and come first
  candidates near;
  uint32_t strong;
  // [(L + 1)²][images, rounded up], twice [images][HEADS], [2][(L + 1)²][HEADS], [2][L + 1][HEADS]
  float *factors, *table, *fourth, *slope, *sums, *profile;
} densities_of;

/*
 * atoms, heads, most images of an atom, features, first, degree L, densities; weight [F, H]; pair_start, image_start; unit
 * [F, 3], zero for the atom itself. Those of the features of an atom and head that are meant are the densities·(L + 1)
 * from `first` on.
 */
INLINE densities_of read_densities(arguments *n, size_t *images) {
  densities_of p;
  p.atoms = count(n), p.heads = count(n), *images = count(n), p.features = count(n), p.first = count(n);
  p.degree = (uint32_t)count(n), p.densities = count(n), p.width = width_of(p.heads);
  p.weight = floats(n), p.pair_start = ints(n), p.image_start = ints(n), p.unit = floats(n);
  return p;
}

static __attribute__((noinline)) void prepare_densities(densities_of *p, size_t images, float *scratch) {
  const size_t rows = HARMONICS((size_t)p->degree);
  p->near.image = (int32_t *)scratch;
  p->near.rank = scratch + images;
  p->fourth = p->near.rank + images * HEADS;
  p->slope = p->fourth + images * HEADS;
  p->table = p->slope + images * HEADS;
  p->sums = p->table + rows * (images + HEADS);
  p->profile = p->sums + 2 * rows * HEADS;
  p->factors = p->profile + 2 * (p->degree + 1) * HEADS;
  harmonic_factors(p->degree, p->factors);
}

// The images of an atom that count for the heads from h on, and their harmonics.
static __attribute__((noinline)) void list_near(densities_of *p, size_t atom, size_t h) {
  const int32_t end = p->image_start[p->pair_start[atom + 1]];
  p->near.count = 0;
  for (int32_t f = p->image_start[p->pair_start[atom]]; f < end; f++) {
    const float *u = p->unit + 3 * (size_t)f;
    const heads weight = load_some(p->width, p->weight + (size_t)f * p->heads + h);
    p->near.image[p->near.count] = f;
    store_heads(p->near.rank + (size_t)p->near.count * HEADS, weight);
    // No branch: which images count is hard to foresee.
    p->near.count += any_above(weight, NEGLIGIBLE) & ((u[0] != 0) | (u[1] != 0) | (u[2] != 0));
  }
  p->strong = strong_first(&p->near);
  harmonics(p->degree, p->factors, p->unit, p->near, p->table);
}

static void look_along(densities_of *p, float *z, float *kept) {
  const size_t rows = 2 * HARMONICS((size_t)p->degree), own = p->densities * (p->degree + 1);
  for (size_t i = 0; i < p->atoms; i++, kept += rows * p->heads) {
    for (size_t h = 0; h < p->heads; h += p->width) {
      list_near(p, i, h);
      sum_harmonics(p->degree, p->near, p->strong, p->table, p->fourth, p->sums);
      for (size_t n = 0; n < rows; n++) store_some(p->width, kept + n * p->heads + h, load_heads(p->sums + n * HEADS));
      profile_of_densities(p->degree, p->sums, p->profile);
      float *to = z + (h * p->atoms + i) * p->features + p->first;
      for (size_t n = 0; n < own; n++, to++) {
        for (int lane = 0; lane < p->width; lane++) to[lane * p->atoms * p->features] = p->profile[n * HEADS + lane];
      }
    }
  }
}

// As read_densities says → z [H, A, features], of which those that are meant; sums [A, 2, (L + 1)², H].
// 25·images + (L + 1)²·(images + 24) + (L + 1)·(L + 18) floats.
INLINE double densities_forward(arguments *n) {
  size_t images;
  densities_of p = read_densities(n, &images);
  float *z = floats(n), *kept = floats(n);
  prepare_densities(&p, images, floats(n));
  look_along(&p, z, kept);
  return 0;
}

// From the gradient g of the profile [2][L + 1][HEADS] and the sums to the gradient of the sums, in their place.
static __attribute__((noinline)) void sums_back(uint32_t degree, const float *g, float *sums) {
  float *strongest = sums + HARMONICS((size_t)degree) * HEADS;
  const heads least = splat_heads(SMALLEST_DENSITY), none = splat_heads(0);
  const heads of_weights = 1.0f / larger(load_heads(sums), least), of_powers = 1.0f / larger(load_heads(strongest), least);
  // The first of either sum is the total that it was divided by, unless that was too small.
  const int_heads by_weights = load_heads(sums) > least, by_powers = load_heads(strongest) > least;
  heads seen[2] = {none, none};
  harmonic_row at = {degree, 0, 0, 0};
  for (uint32_t row = 0; row < HARMONICS(degree); row++, next_row(&at)) {
    const heads rho = load_heads(sums + row * HEADS), power = load_heads(strongest + row * HEADS);
    const heads along_powers = load_heads(g + at.l * HEADS) * of_powers;
    const heads along_weights = load_heads(g + (degree + 1 + at.l) * HEADS) * of_weights;
    store_heads(sums + row * HEADS, along_powers * power + 2.0f * along_weights * rho);
    store_heads(strongest + row * HEADS, along_powers * rho);
    seen[0] = multiply_add_heads(along_weights * rho, rho, seen[0]);
    seen[1] = multiply_add_heads(along_powers * rho, power, seen[1]);
  }
  store_heads(sums, load_heads(sums) - chosen(by_weights, seen[0] * of_weights, none));
  store_heads(strongest, load_heads(strongest) - chosen(by_powers, seen[1] * of_powers, none));
}

/*
 * From the gradient of the sums to that of the weights of the images, in place of the fourth powers. Those are of shares
 * P/Σ P, but their density is the same whatever Σ P is, which so has no gradient.
 */
static __attribute__((noinline)) void weights_back(const densities_of *p) {
  const size_t stride = (p->near.count + HEADS - 1) / HEADS * HEADS, rows = HARMONICS((size_t)p->degree);
  const heads inverse = inverse_of_total(p->near);
  sums_of_table(p->near.count, rows, p->sums, p->table, 1, stride, p->fourth);
  sums_of_table(p->strong, rows, p->sums + rows * HEADS, p->table, 1, stride, p->slope);
  for (uint32_t n = 0; n < p->strong; n++) {
    float *to = p->fourth + (size_t)n * HEADS;
    const heads share = share_of(p->near, n, inverse), slope = load_heads(p->slope + (size_t)n * HEADS);
    store_heads(to, multiply_add_heads(4.0f * share * share * share * inverse, slope, load_heads(to)));
  }
}

static void look_along_back(densities_of *p, const float *kept, const float *g, float *d_weight) {
  const size_t rows = 2 * HARMONICS((size_t)p->degree), own = p->densities * (p->degree + 1);
  clear(p->profile, 2 * (p->degree + 1) * HEADS);
  for (size_t i = 0; i < p->atoms; i++, kept += rows * p->heads) {
    for (size_t h = 0; h < p->heads; h += p->width) {
      list_near(p, i, h);
      for (size_t n = 0; n < rows; n++) store_heads(p->sums + n * HEADS, load_some(p->width, kept + n * p->heads + h));
      const float *from = g + (h * p->atoms + i) * p->features + p->first;
      for (size_t n = 0; n < own; n++, from++) {
        for (int lane = 0; lane < HEADS; lane++) {
          p->profile[n * HEADS + lane] = from[(lane & (p->width - 1)) * p->atoms * p->features];
        }
      }
      sums_back(p->degree, p->profile, p->sums);
      weights_back(p);
      for (uint32_t n = 0; n < p->near.count; n++) {
        float *to = d_weight + (size_t)p->near.image[n] * p->heads + h;
        store_some(p->width, to, load_some(p->width, to) + load_heads(p->fourth + (size_t)n * HEADS));
      }
    }
  }
}

// As read_densities says; sums of densities_forward; g = ∂L/∂z [H, A, features]; d_weight [F, H], to which is added.
// As many floats as forward.
INLINE double densities_backward(arguments *n) {
  size_t images;
  densities_of p = read_densities(n, &images);
  const float *kept = floats(n), *g = floats(n);
  float *d_weight = floats(n);
  prepare_densities(&p, images, floats(n));
  look_along_back(&p, kept, g, d_weight);
  return 0;
}

#endif
