// Directions of the images of an atom for one vector of heads: their moments, as the attention weighs them, and the choice
// of one, for frames. Ito et al. 2025; which of several tied directions is taken: docs/decisions/010-ties.md.

#ifndef DIRECTIONS_H
#define DIRECTIONS_H

#include "lanes.h"

// Monomials x^a·y^b·z^c of degree 1 to 4, and of 1 to 5.
#define MOMENTS 34
#define POWERS 55
// Monomials of degree 1 and 2, and of 3 and 4.
#define LINEAR_AND_SQUARE 9
#define CUBIC_AND_QUARTIC (MOMENTS - LINEAR_AND_SQUARE)
// Means of the monomials by the weights of the images, and by the squares of the weights.
#define MEANS (2 * MOMENTS)
// Weights before they are squared: a normal number.
#define SMALLEST_WEIGHT 1e-15f
// Log weights within 1e-3 of the best are tied; here a factor of the weights.
#define TIED 0.99900049983f
// Rounding may have changed what is compared with the edge of a tie by so much of it.
#define ROUNDED 1e-5f
// An image at less than about a degree from e1 cannot define e2, and 1 − |cos| is at least so much.
#define PARALLEL 0.9999f
#define SMALLEST_SINE 1e-5f
// Of images that are parallel to e1: after all others. Weights are at most 1.
#define LAST 2.0f
#define SHORTEST 1e-12f
#define SMALLEST_TOTAL 1e-30f
// Images of less weight in every head are left out of what is summed over directions.
#define FAINT 1e-8f

typedef struct { heads x, y, z; } vector;

INLINE heads dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
INLINE vector scaled(vector a, heads s) { return (vector){a.x * s, a.y * s, a.z * s}; }
INLINE vector plus(vector a, vector b) { return (vector){a.x + b.x, a.y + b.y, a.z + b.z}; }
INLINE vector cross(vector a, vector b) {
  return (vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
INLINE heads squared(heads weight) {
  const heads normal = larger(weight, splat_heads(SMALLEST_WEIGHT));
  return normal * normal;
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

// What of a direction is across e1.
INLINE vector across(vector e1, vector beside) { return normalised(plus(beside, scaled(e1, -dot(e1, beside)))); }

// Images to choose from: their places in the batch, and a rank for every head, at most 1.
typedef struct {
  uint32_t count;
  int32_t *image;
  // [count][HEADS]
  real *rank;
} candidates;

// What an atom chooses from: all its images with a direction, and those of them that are not faint.
typedef struct {
  candidates all, near;
  // [count][HEADS]
  real *value;
} choice;

// Where rounding may have decided: heads, and what was chosen from last, with the value of what was taken.
typedef struct {
  int_heads heads;
  candidates from;
  heads mark;
} rounding;

INLINE void add_candidate(choice *to, int32_t image, heads rank) {
  to->all.image[to->all.count] = image;
  store_heads(to->all.rank + (size_t)to->all.count++ * HEADS, rank);
  if (!any_above(rank, FAINT)) return;
  to->near.image[to->near.count] = image;
  store_heads(to->near.rank + (size_t)to->near.count++ * HEADS, rank);
}

// All monomials of degree 1 to `degree` of a vector: x times all of the degree before, y times those without x, and z
// times its last.
INLINE void monomials(const int degree, real x, real y, real z, real *to) {
  to[0] = x, to[1] = y, to[2] = z;
  const real *before = to;
  to += 3;
  int size = 3;
  for (int d = 2; d <= degree; d++) {
    const real *made = to;
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

// Sums of `count` monomials over the images: of rows of `stride` images each. By the weights, and by their squares, which
// come MOMENTS later.
INLINE void sum_monomials(const int count, candidates near, const real *power, size_t stride, real *sums) {
  heads sum[count], sharp[count];
  for (int k = 0; k < count; k++) sum[k] = sharp[k] = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) {
    const heads weight = load_heads(near.rank + (size_t)n * HEADS);
    const heads square = squared(weight);
    for (int k = 0; k < count; k++) {
      const heads value = splat_heads(power[k * stride + n]);
      sum[k] = multiply_add_heads(weight, value, sum[k]);
      sharp[k] = multiply_add_heads(square, value, sharp[k]);
    }
  }
  for (int k = 0; k < count; k++) {
    store_heads(sums + k * HEADS, sum[k]);
    store_heads(sums + (MOMENTS + k) * HEADS, sharp[k]);
  }
}

// From sums of cubic and quartic monomials to means of all.
INLINE void complete_means(heads total, real *means) {
  // Where x·x², x·y² and x·z² stand among the cubic ones, and so on; then the quartic ones of xx, xy, xz, yy, yz, zz.
  static const uint8_t PARTS[LINEAR_AND_SQUARE][3] = {{0, 3, 5},    {1, 6, 8},    {2, 7, 9},    {10, 13, 15}, {11, 16, 18},
                                                      {12, 17, 19}, {13, 20, 22}, {14, 21, 23}, {15, 22, 24}};
  const heads inverse = 1.0f / larger(total, splat_heads(SMALLEST_TOTAL));
  real *cubic = means + LINEAR_AND_SQUARE * HEADS;
  for (int k = 0; k < CUBIC_AND_QUARTIC; k++) store_heads(cubic + k * HEADS, load_heads(cubic + k * HEADS) * inverse);
  for (int k = 0; k < LINEAR_AND_SQUARE; k++) {
    const heads sum = load_heads(cubic + PARTS[k][0] * HEADS) + load_heads(cubic + PARTS[k][1] * HEADS);
    store_heads(means + k * HEADS, sum + load_heads(cubic + PARTS[k][2] * HEADS));
  }
}

/*
 * Means of the monomials of degree 1 to 4 over the images by their weights and by the squares of these, [MEANS][HEADS].
 * Directions have length 1: those of degree 1 and 2 are sums of those of degree 3 and 4.
 * @param power [CUBIC_AND_QUARTIC][images, rounded up to whole vectors] floats to work in
 */
static __attribute__((noinline)) void direction_means(const real *unit, candidates near, real *power, real *means) {
  const size_t stride = (near.count + HEADS - 1) / HEADS * HEADS;
  heads total = splat_heads(0), sharp = splat_heads(0);
  for (uint32_t from = 0; from < near.count; from += HEADS) {
    vector u = {splat_heads(0), splat_heads(0), splat_heads(0)};
    for (uint32_t n = 0; n < HEADS && from + n < near.count; n++) {
      const real *own = unit + 3 * (size_t)near.image[from + n];
      u.x[n] = own[0], u.y[n] = own[1], u.z[n] = own[2];
      const heads weight = load_heads(near.rank + (size_t)(from + n) * HEADS);
      total += weight;
      sharp += squared(weight);
    }
    heads all[MOMENTS];
    monomials_of_heads(4, u, all);
    for (int k = 0; k < CUBIC_AND_QUARTIC; k++) store_heads(power + k * stride + from, all[LINEAR_AND_SQUARE + k]);
  }
  real *cubic = means + LINEAR_AND_SQUARE * HEADS;
  for (int k = 0; k < CUBIC_AND_QUARTIC; k += 5) sum_monomials(5, near, power + k * stride, stride, cubic + k * HEADS);
  complete_means(total, means);
  complete_means(sharp, means + MOMENTS * HEADS);
}

/*
 * The direction of the image of largest rank; beside e1, rank·(1 − |cos|), and images parallel to e1 come last. Of images
 * that are tied the one of largest sign·polynomial, or the first of the best where the degree is 0. `best` is the largest
 * value of every head. Where `doubts` are asked for, heads come to them for which another image would be taken if one were
 * tied that is not, or the other way round, and `value` becomes sign·polynomial.
 */
INLINE vector choose(const int beside, const int degree, const real *unit, candidates from, vector e1, const real *polynomial,
                     real sign, real *value, heads *best, rounding *doubts) {
  heads top = splat_heads(-1e30f);
  for (uint32_t n = 0; n < from.count; n++) {
    heads x = load_heads(from.rank + (size_t)n * HEADS);
    if (beside) {
      const real *u = unit + 3 * (size_t)from.image[n];
      const heads size = absolute(e1.x * u[0] + e1.y * u[1] + e1.z * u[2]);
      x *= larger(1.0f - size, splat_heads(SMALLEST_SINE));
      x -= (heads)((size > splat_heads(PARALLEL)) & (int_heads)splat_heads(LAST));
    }
    store_heads(value + (size_t)n * HEADS, x);
    top = larger(x, top);
  }
  *best = top;
  const heads threshold = degree > 0 ? smaller(top, top * TIED) : top;
  const heads edge = doubts ? absolute(threshold) * ROUNDED : splat_heads(0);
  const heads surely = threshold + edge, possibly = threshold - edge;
  heads mark = splat_heads(-1e30f), sure = mark, possible = mark;
  vector found = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const int count = degree == 0 ? 0 : degree == 4 ? MOMENTS : POWERS;
  for (uint32_t n = 0; n < from.count; n++) {
    const heads own = load_heads(value + (size_t)n * HEADS);
    if (doubts) store_heads(value + (size_t)n * HEADS, splat_heads(-1e30f));
    if (!any_above((heads)((own >= possibly) & (int_heads)splat_heads(1)), 0.5f)) continue;
    const int_heads tied = own >= threshold;
    const real *u = unit + 3 * (size_t)from.image[n];
    real power[POWERS];
    if (degree > 0) monomials(degree, u[0], u[1], u[2], power);
    heads signature = splat_heads(0);
    for (int k = 0; k < count; k++) {
      signature = multiply_add_heads(load_heads(polynomial + k * HEADS), splat_heads(power[k]), signature);
    }
    signature *= sign;
    const int_heads better = tied & (signature > mark);
    mark = chosen(better, signature, mark);
    found = chosen_vector(better, (vector){splat_heads(u[0]), splat_heads(u[1]), splat_heads(u[2])}, found);
    if (!doubts) continue;
    store_heads(value + (size_t)n * HEADS, chosen(own >= possibly, signature, splat_heads(-1e30f)));
    sure = chosen((own >= surely) & (signature > sure), signature, sure);
    possible = chosen((own >= possibly) & (signature > possible), signature, possible);
  }
  if (doubts) {
    doubts->heads |= possible > sure;
    doubts->from = from;
    doubts->mark = mark;
  }
  return found;
}

// Of the near images, unless a faint one might be as good.
INLINE vector choose_any(const int beside, const int degree, const real *unit, const choice *from, vector e1,
                         const real *polynomial, real sign, rounding *doubts) {
  heads best;
  const vector near = choose(beside, degree, unit, from->near, e1, polynomial, sign, from->value, &best, doubts);
  if (!any_above(splat_heads(1.01f * FAINT) - best, 0) || from->near.count == from->all.count) return near;
  return choose(beside, degree, unit, from->all, e1, polynomial, sign, from->value, &best, doubts);
}

#endif
