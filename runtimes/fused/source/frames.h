// Frames of an atom for one vector of heads: three axes that its surroundings single out, as the attention weighs them.
// Ito et al. 2025.

#ifndef FRAMES_H
#define FRAMES_H

#include "attention.h"
#include "doubt.h"
#include "products.h"

// Moments whose difference is below this share of the largest are equal, and axes between them arbitrary.
#define EQUAL 1e-2f
#define ILL_CONDITIONED 3e-2f

typedef struct {
  choice from;
  // [CUBIC_AND_QUARTIC][count, rounded up to whole vectors]
  real *power;
  // slots of the lists of products, [slots][HEADS]
  real *all_slots, *beside_slots;
  rounding doubts;
} frame_scratch;

// A polynomial, [coefficients][HEADS], at a direction of every head.
INLINE heads at_direction(const int degree, const real *polynomial, vector u) {
  heads power[POWERS], sum = splat_heads(0);
  monomials_of_heads(degree, u, power);
  const int count = degree == 5 ? POWERS : MOMENTS;
  for (int n = 0; n < count; n++) sum = multiply_add_heads(load_heads(polynomial + n * HEADS), power[n], sum);
  return sum;
}

INLINE product_list products_of(const list_plan *list, const real *packed) {
  return (product_list){list->slots, list->entries, (const word *)packed + list->places, packed + list->factors};
}

static const real *coefficients_beside(const plan *p, const real *packed, const real *means, vector e1, real *slots) {
  for (int n = 0; n < MOMENTS * HEADS; n++) slots[HEADS + n] = means[n];
  real *axis = slots + (1 + MOMENTS) * HEADS;
  store_heads(axis, e1.x);
  store_heads(axis + HEADS, e1.y);
  store_heads(axis + 2 * HEADS, e1.z);
  const product_list list = products_of(&p->beside, packed);
  evaluate(&list, MOMENTS + 3, slots);
  return results(&list, slots, MOMENTS);
}

// Ranks that decrease with the distance alone: e^(a·(r² − least r²)).
static void rank_by_distance(const batch *b, candidates all, const heads *a) {
  real least = 1e30f;
  for (uint32_t n = 0; n < all.count; n++) {
    const real d2 = b->distance2[all.image[n]];
    if (d2 < least) least = d2;
  }
  for (uint32_t n = 0; n < all.count; n++) {
    store_heads(all.rank + (size_t)n * HEADS, exponential(*a * (b->distance2[all.image[n]] - least)));
  }
}

// Two of three axes of equal moments turn into each other: the rotation that makes `joint` zero between two diagonals.
INLINE void rotate(heads *first, heads *second, heads *joint, heads *beside_first, heads *beside_second, vector *u, vector *v) {
  const heads half = (*second - *first) * 0.5f;
  const heads length = absolute(half) + roots(half * half + *joint * *joint);
  const heads size = *joint / larger(length, splat_heads(1e-30f));
  const heads tangent = chosen(half < 0, -size, size);
  const heads cosine = 1.0f / roots(tangent * tangent + 1.0f), sine = tangent * cosine;
  const heads moved = tangent * *joint;
  *first -= moved;
  *second += moved;
  *joint = splat_heads(0);
  const heads one = *beside_first, other = *beside_second;
  *beside_first = cosine * one - sine * other;
  *beside_second = sine * one + cosine * other;
  const vector a = *u, c = *v;
  *u = plus(scaled(a, cosine), scaled(c, -sine));
  *v = plus(scaled(a, sine), scaled(c, cosine));
}

INLINE void order(heads *first, heads *second, vector *u, vector *v) {
  const int_heads swap = *first > *second;
  const heads value = *first;
  const vector axis = *u;
  *first = chosen(swap, *second, value);
  *second = chosen(swap, value, *second);
  *u = chosen_vector(swap, *v, axis);
  *v = chosen_vector(swap, axis, *v);
}

// Unit eigenvectors by ascending eigenvalue of the moments xx, yy, zz, xy, xz, yz; four sweeps of Jacobi rotations give
// the digits of float32 for any matrix.
static void principal_axes(heads *moment, vector *axis, heads *value) {
  heads largest = splat_heads(1e-30f);
  for (int n = 0; n < 6; n++) largest = larger(absolute(moment[n]), largest);
  for (int n = 0; n < 6; n++) moment[n] /= largest;
  const heads none = splat_heads(0), one = splat_heads(1);
  axis[0] = (vector){one, none, none};
  axis[1] = (vector){none, one, none};
  axis[2] = (vector){none, none, one};
  for (int n = 0; n < 3; n++) value[n] = moment[n];
  heads xy = moment[3], xz = moment[4], yz = moment[5];
  for (int sweep = 0; sweep < 4; sweep++) {
    rotate(&value[0], &value[1], &xy, &xz, &yz, &axis[0], &axis[1]);
    rotate(&value[0], &value[2], &xz, &xy, &yz, &axis[0], &axis[2]);
    rotate(&value[1], &value[2], &yz, &xy, &xz, &axis[1], &axis[2]);
  }
  order(&value[0], &value[1], &axis[0], &axis[1]);
  order(&value[1], &value[2], &axis[1], &axis[2]);
  order(&value[0], &value[1], &axis[0], &axis[1]);
}

// As choose_any, with the doubts of the heads for which it is used.
INLINE vector choose_direction(const int beside, const int degree, const real *unit, const choice *from, vector e1,
                               const real *polynomial, real sign, int_heads used, rounding *doubts) {
  if (!HAS_DOUBTS) return choose_any(beside, degree, unit, from, e1, polynomial, sign, NULL);
  const int_heads before = doubts->heads;
  const vector found = choose_any(beside, degree, unit, from, e1, polynomial, sign, doubts);
  doubts->heads = before | (doubts->heads & used);
  doubt_choice(beside, degree, unit, from, e1, polynomial, found, used, doubts);
  return found;
}

// An axis or its reverse, whichever has the larger mark.
INLINE vector pointed(const int beside, const int degree, const real *unit, const choice *from, vector e1,
                      const real *polynomial, vector axis, int_heads used, rounding *doubts) {
  const vector back = scaled(axis, splat_heads(-1));
  const heads gain = at_direction(degree, polynomial, axis) - at_direction(degree, polynomial, back);
  doubt_sense(beside, degree, unit, from, e1, polynomial, axis, gain, used, doubts);
  return chosen_vector(gain >= 0, axis, back);
}

static void principal_frame(const plan *p, const real *packed, const batch *b, frame_scratch *scratch,
                            const real *means, const real *marks, vector *frame) {
  heads moment[6];
  for (int n = 0; n < 6; n++) moment[n] = splat_heads(0);
  for (uint32_t n = 0; n < scratch->from.all.count; n++) {
    const int32_t f = scratch->from.all.image[n];
    const real *u = b->unit + 3 * (size_t)f;
    const heads weight = load_heads(scratch->from.all.rank + (size_t)n * HEADS) * (p->unit_vectors ? 1 : b->distance2[f]);
    moment[0] += weight * (u[0] * u[0]);
    moment[1] += weight * (u[1] * u[1]);
    moment[2] += weight * (u[2] * u[2]);
    moment[3] += weight * (u[0] * u[1]);
    moment[4] += weight * (u[0] * u[2]);
    moment[5] += weight * (u[1] * u[2]);
  }
  vector axis[3];
  heads value[3];
  principal_axes(moment, axis, value);
  // Between equal moments the images decide: of three, all axes; of two, the axis across the third.
  const heads gap = value[2] * EQUAL;
  const int_heads lower = value[1] - value[0] <= gap, upper = value[2] - value[1] <= gap;
  const int_heads only_lower = lower & ~upper;
  const heads edge = value[2] * ROUNDED;
  const heads ill = value[2] * ILL_CONDITIONED;
  scratch->doubts.heads |= (absolute(value[1] - value[0] - gap) < edge) | (~lower & (value[1] - value[0] < ill));
  scratch->doubts.heads |= (absolute(value[2] - value[1] - gap) < edge) | (~upper & (value[2] - value[1] < ill));
  const vector none = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const choice *from = &scratch->from;
  rounding *doubts = &scratch->doubts;
  const int_heads all = lower & upper, some = lower | upper;
  const vector single = chosen_vector(only_lower, axis[2], axis[0]);
  const vector certain = pointed(0, 5, b->unit, from, none, marks, single, ~all, doubts);
  const vector first = choose_direction(0, 5, b->unit, from, none, marks, 1, all, doubts);
  const vector pole = chosen_vector(all, first, certain);
  const real *side = coefficients_beside(p, packed, means, pole, scratch->beside_slots);
  const vector middle = pointed(1, 4, b->unit, from, pole, side, axis[1], ~some, doubts);
  const vector image = choose_direction(1, 4, b->unit, from, pole, side, 1, some, doubts);
  const vector second = chosen_vector(some, across(pole, image), middle);
  const vector third = cross(pole, second);
  frame[0] = chosen_vector(only_lower, second, pole);
  frame[1] = chosen_vector(only_lower, third, second);
  frame[2] = chosen_vector(only_lower, pole, third);
}

/*
 * Frames of atom i, [frame_count] of three axes. The candidates have the attention weights as ranks.
 * @param a −ρ/2r0² of every head
 */
static __attribute__((noinline)) void frames_of(const plan *p, const real *packed, const batch *b, uint32_t i, frame_scratch *scratch, const heads *a,
                      vector *frame) {
  if (p->frames == CELL_FRAMES) {
    const real *axes = b->frame + 9 * (size_t)i;
    for (int m = 0; m < 3; m++) {
      frame[m] = (vector){splat_heads(axes[3 * m]), splat_heads(axes[3 * m + 1]), splat_heads(axes[3 * m + 2])};
    }
    return;
  }
  real *means = scratch->all_slots + HEADS;
  direction_means(b->unit, scratch->from.near, scratch->power, means);
  const product_list list = products_of(&p->all, packed);
  evaluate(&list, MEANS, scratch->all_slots);
  const real *marks = results(&list, scratch->all_slots, POWERS);
  if (p->frames == PRINCIPAL_FRAMES) {
    principal_frame(p, packed, b, scratch, means, marks, frame);
    return;
  }
  const vector none = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const int is_static = p->frames == STATIC_FRAMES;
  vector first[2];
  const heads one = splat_heads(-1);
  const int_heads every = one < 0;
  choice by_distance = scratch->from;
  if (is_static) by_distance.near = by_distance.all, rank_by_distance(b, by_distance.all, a);
  for (uint32_t n = 0; n < p->frame_count; n++) {
    first[n] = choose_direction(0, 5, b->unit, &by_distance, none, marks, n == 0 ? 1 : -1, every, &scratch->doubts);
  }
  if (is_static) rank_by_distance(b, by_distance.all, &one);
  for (uint32_t n = 0; n < p->frame_count; n++) {
    const real *side = coefficients_beside(p, packed, means, first[n], scratch->beside_slots);
    const vector image =
        choose_direction(1, 4, b->unit, &by_distance, first[n], side, n == 0 ? 1 : -1, every, &scratch->doubts);
    const vector second = across(first[n], image);
    frame[3 * n] = first[n];
    frame[3 * n + 1] = second;
    frame[3 * n + 2] = cross(first[n], second);
  }
}

#endif
