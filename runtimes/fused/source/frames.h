// Frames of an atom for one vector of heads: three axes that its surroundings single out, as the attention weighs them.
// Ito et al. 2025; which of several tied directions is taken: docs/decisions/010-ties.md.

#ifndef FRAMES_H
#define FRAMES_H

#include "attention.h"

// Log weights within 1e-3 of the best are tied; here a factor of the weights.
#define TIED 0.99900049983f
// An image at less than about a degree from e1 cannot define e2, and 1 − |cos| is at least so much.
#define PARALLEL 0.9999f
#define SMALLEST_SINE 1e-5f
// Of images that are parallel to e1: after all others. Weights are at most 1.
#define LAST 2.0f
#define SHORTEST 1e-12f
#define SMALLEST_TOTAL 1e-30f
// Images of less weight in every head are left out of what is summed over directions.
#define FAINT 1e-8f
// Moments whose difference is below this share of the largest are equal, and axes between them arbitrary.
#define EQUAL 1e-2f

// Monomials of degree 1 and 2, and of 3 and 4.
#define LINEAR_AND_SQUARE 9
#define CUBIC_AND_QUARTIC (MOMENTS - LINEAR_AND_SQUARE)

typedef struct { heads x, y, z; } vector;

INLINE heads dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
INLINE vector scaled(vector a, heads s) { return (vector){a.x * s, a.y * s, a.z * s}; }
INLINE vector plus(vector a, vector b) { return (vector){a.x + b.x, a.y + b.y, a.z + b.z}; }
INLINE vector cross(vector a, vector b) {
  return (vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
INLINE heads chosen(int_heads mask, heads a, heads b) { return (heads)((mask & (int_heads)a) | (~mask & (int_heads)b)); }
INLINE vector chosen_vector(int_heads mask, vector a, vector b) {
  return (vector){chosen(mask, a.x, b.x), chosen(mask, a.y, b.y), chosen(mask, a.z, b.z)};
}
INLINE heads roots(heads x) {
  heads out;
  for (int h = 0; h < HEADS; h++) out[h] = square_root(x[h]);
  return out;
}
INLINE vector normalised(vector a) { return scaled(a, 1.0f / larger(roots(dot(a, a)), splat_heads(SHORTEST))); }

// Images to choose from: their places in the batch, and a rank for every head, at most 1.
typedef struct {
  uint32_t count;
  int32_t *image;
  // [count][HEADS]
  float *rank;
} candidates;

typedef struct {
  // all images with a direction, and those of them that are not faint
  candidates all, near;
  // [count][HEADS]
  float *value;
  // [CUBIC_AND_QUARTIC][count, rounded up to whole vectors]
  float *power;
  // slots of the lists of products, [slots][HEADS]
  float *all_slots, *beside_slots;
} frame_scratch;

// All monomials of degree 1 to `degree` of a vector: x times all of the degree before, y times those without x, and z
// times its last.
INLINE void monomials(const int degree, float x, float y, float z, float *to) {
  to[0] = x, to[1] = y, to[2] = z;
  const float *before = to;
  to += 3;
  int size = 3;
  for (int d = 2; d <= degree; d++) {
    const float *made = to;
    for (int n = 0; n < size; n++) *to++ = x * before[n];
    for (int n = size - d; n < size; n++) *to++ = y * before[n];
    *to++ = z * before[size - 1];
    before = made;
    size += d + 1;
  }
}
INLINE void monomials_of_heads(const int degree, vector u, heads *to) {
  to[0] = u.x, to[1] = u.y, to[2] = u.z;
  const heads *before = to;
  to += 3;
  int size = 3;
  for (int d = 2; d <= degree; d++) {
    const heads *made = to;
    for (int n = 0; n < size; n++) *to++ = u.x * before[n];
    for (int n = size - d; n < size; n++) *to++ = u.y * before[n];
    *to++ = u.z * before[size - 1];
    before = made;
    size += d + 1;
  }
}

// Sums of `count` monomials over the images: of rows of `stride` images each.
INLINE void sum_monomials(const int count, candidates near, const float *power, size_t stride, float *sums) {
  heads sum[count];
  for (int k = 0; k < count; k++) sum[k] = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) {
    const heads weight = load_heads(near.rank + (size_t)n * HEADS);
    for (int k = 0; k < count; k++) sum[k] = multiply_add_heads(weight, splat_heads(power[k * stride + n]), sum[k]);
  }
  for (int k = 0; k < count; k++) store_heads(sums + k * HEADS, sum[k]);
}

/*
 * Means of the monomials of degree 1 to 4 over the images by their weights, [MOMENTS][HEADS]. Directions have length 1:
 * those of degree 1 and 2 are sums of those of degree 3 and 4.
 * @param power [CUBIC_AND_QUARTIC][images, rounded up to whole vectors] floats to work in
 */
static __attribute__((noinline)) void direction_means(const float *unit, candidates near, float *power, float *means) {
  const size_t stride = (near.count + HEADS - 1) / HEADS * HEADS;
  heads total = splat_heads(0);
  for (uint32_t from = 0; from < near.count; from += HEADS) {
    vector u = {splat_heads(0), splat_heads(0), splat_heads(0)};
    for (uint32_t n = 0; n < HEADS && from + n < near.count; n++) {
      const float *own = unit + 3 * (size_t)near.image[from + n];
      u.x[n] = own[0], u.y[n] = own[1], u.z[n] = own[2];
      total += load_heads(near.rank + (size_t)(from + n) * HEADS);
    }
    heads all[MOMENTS];
    monomials_of_heads(4, u, all);
    for (int k = 0; k < CUBIC_AND_QUARTIC; k++) store_heads(power + k * stride + from, all[LINEAR_AND_SQUARE + k]);
  }
  const heads inverse = 1.0f / larger(total, splat_heads(SMALLEST_TOTAL));
  float *cubic = means + LINEAR_AND_SQUARE * HEADS;
  sum_monomials(9, near, power, stride, cubic);
  sum_monomials(8, near, power + 9 * stride, stride, cubic + 9 * HEADS);
  sum_monomials(8, near, power + 17 * stride, stride, cubic + 17 * HEADS);
  // Where x·x², x·y² and x·z² stand among the cubic ones, and so on; then the quartic ones of xx, xy, xz, yy, yz, zz.
  static const uint8_t PARTS[LINEAR_AND_SQUARE][3] = {{0, 3, 5},    {1, 6, 8},    {2, 7, 9},    {10, 13, 15}, {11, 16, 18},
                                                      {12, 17, 19}, {13, 20, 22}, {14, 21, 23}, {15, 22, 24}};
  for (int k = 0; k < CUBIC_AND_QUARTIC; k++) store_heads(cubic + k * HEADS, load_heads(cubic + k * HEADS) * inverse);
  for (int k = 0; k < LINEAR_AND_SQUARE; k++) {
    const heads sum = load_heads(cubic + PARTS[k][0] * HEADS) + load_heads(cubic + PARTS[k][1] * HEADS);
    store_heads(means + k * HEADS, sum + load_heads(cubic + PARTS[k][2] * HEADS));
  }
}

// The slots of a list, of which the inputs are set.
static __attribute__((noinline)) void evaluate(const product_list *list, const float *packed, uint32_t inputs, float *slots) {
  const int32_t *place = (const int32_t *)packed + list->places;
  const float *factor = packed + list->factors;
  store_heads(slots, splat_heads(1));
  zero(slots + (size_t)(1 + inputs) * HEADS, (size_t)(list->slots - 1 - inputs) * HEADS);
  for (uint32_t n = 0; n < list->entries; n++, place += 3) {
    float *to = slots + (size_t)place[0] * HEADS;
    const heads term = load_heads(slots + (size_t)place[1] * HEADS) * load_heads(slots + (size_t)place[2] * HEADS);
    store_heads(to, multiply_add_heads(term, splat_heads(factor[n]), load_heads(to)));
  }
}

INLINE const float *results(const product_list *list, const float *slots, uint32_t count) {
  return slots + (size_t)(list->slots - count) * HEADS;
}

// A polynomial, [coefficients][HEADS], at a direction of every head.
INLINE heads at_direction(const int degree, const float *polynomial, vector u) {
  heads power[POWERS], sum = splat_heads(0);
  monomials_of_heads(degree, u, power);
  const int count = degree == 5 ? POWERS : MOMENTS;
  for (int n = 0; n < count; n++) sum = multiply_add_heads(load_heads(polynomial + n * HEADS), power[n], sum);
  return sum;
}

/*
 * The direction of the image of largest rank; beside e1, rank·(1 − |cos|), and images parallel to e1 come last. Of images
 * that are tied the one of largest sign·polynomial. `best` is the largest value of every head.
 */
INLINE vector choose(const int beside, const float *unit, candidates from, vector e1, const float *polynomial, float sign,
                     float *value, heads *best) {
  heads top = splat_heads(-1e30f);
  for (uint32_t n = 0; n < from.count; n++) {
    heads x = load_heads(from.rank + (size_t)n * HEADS);
    if (beside) {
      const float *u = unit + 3 * (size_t)from.image[n];
      const heads size = absolute(e1.x * u[0] + e1.y * u[1] + e1.z * u[2]);
      x *= larger(1.0f - size, splat_heads(SMALLEST_SINE));
      x -= (heads)((size > splat_heads(PARALLEL)) & (int_heads)splat_heads(LAST));
    }
    store_heads(value + (size_t)n * HEADS, x);
    top = larger(x, top);
  }
  *best = top;
  const heads threshold = smaller(top, top * TIED);
  heads mark = splat_heads(-1e30f);
  vector found = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const int count = beside ? MOMENTS : POWERS;
  for (uint32_t n = 0; n < from.count; n++) {
    const int_heads tied = load_heads(value + (size_t)n * HEADS) >= threshold;
    if (!any_above((heads)(tied & (int_heads)splat_heads(1)), 0.5f)) continue;
    const float *u = unit + 3 * (size_t)from.image[n];
    float power[POWERS];
    if (beside) monomials(4, u[0], u[1], u[2], power);
    else monomials(5, u[0], u[1], u[2], power);
    heads signature = splat_heads(0);
    for (int k = 0; k < count; k++) {
      signature = multiply_add_heads(load_heads(polynomial + k * HEADS), splat_heads(power[k]), signature);
    }
    signature *= sign;
    const int_heads better = tied & (signature > mark);
    mark = chosen(better, signature, mark);
    found = chosen_vector(better, (vector){splat_heads(u[0]), splat_heads(u[1]), splat_heads(u[2])}, found);
  }
  return found;
}

// Of the near images, unless a faint one might be as good.
INLINE vector choose_any(const int beside, const float *unit, const frame_scratch *scratch, vector e1,
                         const float *polynomial, float sign) {
  heads best;
  const vector near = choose(beside, unit, scratch->near, e1, polynomial, sign, scratch->value, &best);
  if (!any_above(splat_heads(1.01f * FAINT) - best, 0) || scratch->near.count == scratch->all.count) return near;
  return choose(beside, unit, scratch->all, e1, polynomial, sign, scratch->value, &best);
}

// What of a direction is across e1.
INLINE vector across(vector e1, vector beside) { return normalised(plus(beside, scaled(e1, -dot(e1, beside)))); }

static const float *coefficients_beside(const plan *p, const float *packed, const float *means, vector e1, float *slots) {
  for (int n = 0; n < MOMENTS * HEADS; n++) slots[HEADS + n] = means[n];
  float *axis = slots + (1 + MOMENTS) * HEADS;
  store_heads(axis, e1.x);
  store_heads(axis + HEADS, e1.y);
  store_heads(axis + 2 * HEADS, e1.z);
  evaluate(&p->beside, packed, MOMENTS + 3, slots);
  return results(&p->beside, slots, MOMENTS);
}

// Ranks that decrease with the distance alone: e^(a·(r² − least r²)).
static void rank_by_distance(const batch *b, candidates all, const heads *a) {
  float least = 1e30f;
  for (uint32_t n = 0; n < all.count; n++) {
    const float d2 = b->distance2[all.image[n]];
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

// An axis or its reverse, whichever has the larger mark.
INLINE vector pointed(const int degree, const float *polynomial, vector axis) {
  const vector back = scaled(axis, splat_heads(-1));
  return chosen_vector(at_direction(degree, polynomial, axis) >= at_direction(degree, polynomial, back), axis, back);
}

static void principal_frame(const plan *p, const float *packed, const batch *b, const frame_scratch *scratch,
                            const float *means, const float *marks, vector *frame) {
  heads moment[6];
  for (int n = 0; n < 6; n++) moment[n] = splat_heads(0);
  for (uint32_t n = 0; n < scratch->all.count; n++) {
    const int32_t f = scratch->all.image[n];
    const float *u = b->unit + 3 * (size_t)f;
    const heads weight = load_heads(scratch->all.rank + (size_t)n * HEADS) * (p->unit_vectors ? 1 : b->distance2[f]);
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
  const vector none = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const vector certain = pointed(5, marks, chosen_vector(only_lower, axis[2], axis[0]));
  const vector first = choose_any(0, b->unit, scratch, none, marks, 1);
  const vector pole = chosen_vector(lower & upper, first, certain);
  const float *side = coefficients_beside(p, packed, means, pole, scratch->beside_slots);
  const vector middle = pointed(4, side, axis[1]);
  const vector second = chosen_vector(lower | upper, across(pole, choose_any(1, b->unit, scratch, pole, side, 1)), middle);
  const vector third = cross(pole, second);
  frame[0] = chosen_vector(only_lower, second, pole);
  frame[1] = chosen_vector(only_lower, third, second);
  frame[2] = chosen_vector(only_lower, pole, third);
}

/*
 * Frames of atom i, [frame_count] of three axes. The candidates have the attention weights as ranks.
 * @param a −ρ/2r0² of every head
 */
static __attribute__((noinline)) void frames_of(const plan *p, const float *packed, const batch *b, uint32_t i, frame_scratch *scratch, const heads *a,
                      vector *frame) {
  if (p->frames == CELL_FRAMES) {
    const float *axes = b->frame + 9 * (size_t)i;
    for (int m = 0; m < 3; m++) {
      frame[m] = (vector){splat_heads(axes[3 * m]), splat_heads(axes[3 * m + 1]), splat_heads(axes[3 * m + 2])};
    }
    return;
  }
  float *means = scratch->all_slots + HEADS;
  direction_means(b->unit, scratch->near, scratch->power, means);
  evaluate(&p->all, packed, MOMENTS, scratch->all_slots);
  const float *marks = results(&p->all, scratch->all_slots, POWERS);
  if (p->frames == PRINCIPAL_FRAMES) {
    principal_frame(p, packed, b, scratch, means, marks, frame);
    return;
  }
  const vector none = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const int is_static = p->frames == STATIC_FRAMES;
  vector first[2];
  const heads one = splat_heads(-1);
  frame_scratch by_distance = *scratch;
  if (is_static) by_distance.near = by_distance.all, rank_by_distance(b, by_distance.all, a);
  for (uint32_t n = 0; n < p->frame_count; n++) {
    first[n] = choose_any(0, b->unit, &by_distance, none, marks, n == 0 ? 1 : -1);
  }
  if (is_static) rank_by_distance(b, by_distance.all, &one);
  for (uint32_t n = 0; n < p->frame_count; n++) {
    const float *side = coefficients_beside(p, packed, means, first[n], scratch->beside_slots);
    const vector second = across(first[n], choose_any(1, b->unit, &by_distance, first[n], side, n == 0 ? 1 : -1));
    frame[3 * n] = first[n];
    frame[3 * n + 1] = second;
    frame[3 * n + 2] = cross(first[n], second);
  }
}

#endif
