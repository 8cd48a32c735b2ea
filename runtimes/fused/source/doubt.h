// Whether rounding may have decided between two directions: their signatures agree to the digits of float32, and what a
// frame along one of them sees does not. Where a symmetry relates the two, it does, and nothing was decided.

#ifndef DOUBT_H
#define DOUBT_H

#include "directions.h"

#ifdef DOUBLE
// The last word: nobody asks for its doubts.
#define HAS_DOUBTS 0
#else
#define HAS_DOUBTS 1
#endif

// Signatures that are so near each other, in units of the sum of their coefficients, may be equal.
#define SAME_SIGNATURE 1e-5f
// What is seen along two directions differs when it differs by this share.
#define SAME_VIEW 1e-6f
// Beside a direction at so small an angle, rounding turns the second axis of a frame by many times itself.
#define NEARLY_PARALLEL 0.99f
// Of a direction against another: the same image.
#define SAME_DIRECTION 0.9999999f

// A view that a change of the surroundings changes: ⟨f⟩ by the weights, f = 1 / (POLE − q·r̂), whose Legendre series has all
// degrees, each half of the one before.
#define POLE 1.25f
INLINE heads seen_along(const real *unit, candidates near, vector q) {
  heads sum = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) {
    const real *u = unit + 3 * (size_t)near.image[n];
    sum += load_heads(near.rank + (size_t)n * HEADS) / (POLE - (q.x * u[0] + q.y * u[1] + q.z * u[2]));
  }
  return sum;
}

// Along a direction of a frame that has no axis for a neighbour.
ONCE heads seen_by_frame(const real *unit, candidates near, vector e1, vector beside) {
  const vector e2 = across(e1, beside), e3 = cross(e1, e2);
  const vector aslant = plus(plus(scaled(e1, splat_heads(0.42f)), scaled(e2, splat_heads(0.56f))), scaled(e3, splat_heads(0.714f)));
  return seen_along(unit, near, aslant);
}

// A direction across u.
INLINE vector any_across(vector u) {
  const int_heads along = absolute(u.x) > 0.6f;
  const heads none = splat_heads(0), one = splat_heads(1);
  return across(u, (vector){chosen(along, none, one), chosen(along, one, none), none});
}

// Along an axis, with what turns about it: with ζ = (x + iy) across it, the mean of f and those of f·ζ^m against f²·ζ^m,
// which a mirror image has with the other sign.
#define TURNS 5
ONCE heads seen_by_axis(const real *unit, candidates near, vector axis) {
  const vector e1 = any_across(axis), e2 = cross(axis, e1);
  heads sum = splat_heads(0), flat[2 * TURNS], steep[2 * TURNS];
  for (int m = 0; m < 2 * TURNS; m++) flat[m] = steep[m] = splat_heads(0);
  for (uint32_t n = 0; n < near.count; n++) {
    const real *u = unit + 3 * (size_t)near.image[n];
    const heads f = 1.0f / (POLE - (axis.x * u[0] + axis.y * u[1] + axis.z * u[2]));
    const heads weight = load_heads(near.rank + (size_t)n * HEADS) * f;
    sum += weight;
    const heads x = e1.x * u[0] + e1.y * u[1] + e1.z * u[2], y = e2.x * u[0] + e2.y * u[1] + e2.z * u[2];
    heads real_part = x, imaginary = y;
    for (int m = 0; m < TURNS; m++) {
      flat[2 * m] += weight * real_part, flat[2 * m + 1] += weight * imaginary;
      steep[2 * m] += weight * f * real_part, steep[2 * m + 1] += weight * f * imaginary;
      // ζ, ζ², ζ³, ζ⁴ and ζ⁶, of axes of six
      const int again = m == TURNS - 2 ? 2 : 1;
      for (int k = 0; k < again; k++) {
        const heads next = real_part * x - imaginary * y;
        imaginary = real_part * y + imaginary * x;
        real_part = next;
      }
    }
  }
  for (int m = 0; m < TURNS; m++) sum += flat[2 * m] * steep[2 * m + 1] - flat[2 * m + 1] * steep[2 * m];
  return sum;
}

ONCE heads view(int beside, const real *unit, candidates near, vector e1, vector u) {
  return beside ? seen_by_frame(unit, near, e1, u) : seen_by_axis(unit, near, u);
}

ONCE heads sum_of_sizes(int degree, const real *polynomial) {
  heads sum = splat_heads(0);
  for (int k = 0; k < (degree == 4 ? MOMENTS : POWERS); k++) sum += absolute(load_heads(polynomial + k * HEADS));
  return sum;
}

INLINE int any(int_heads mask) { return any_above((heads)(mask & (int_heads)splat_heads(1)), 0.5f); }

/*
 * Doubts of the choice that was made last.
 * @param near images with their attention weights
 */
ONCE void doubt_choice(int beside, int degree, const real *unit, const choice *from, vector e1,
                         const real *polynomial, vector found, int_heads used, rounding *doubts) {
  if (!HAS_DOUBTS) return;
  if (beside) doubts->heads |= used & (absolute(dot(e1, found)) > NEARLY_PARALLEL);
  const heads limit = doubts->mark - sum_of_sizes(degree, polynomial) * SAME_SIGNATURE;
  int seen = 0;
  heads own = splat_heads(0);
  for (uint32_t n = 0; n < doubts->from.count; n++) {
    const int_heads level = (load_heads(from->value + (size_t)n * HEADS) >= limit) & used;
    if (!any(level)) continue;
    const real *at = unit + 3 * (size_t)doubts->from.image[n];
    const vector u = {splat_heads(at[0]), splat_heads(at[1]), splat_heads(at[2])};
    const int_heads rival = level & (dot(u, found) < SAME_DIRECTION);
    if (!any(rival)) continue;
    if (!seen) own = view(beside, unit, from->near, e1, found), seen = 1;
    doubts->heads |= rival & (absolute(view(beside, unit, from->near, e1, u) - own) > own * SAME_VIEW);
  }
}

// Doubts whether an axis or its reverse has the larger mark.
ONCE void doubt_sense(int beside, int degree, const real *unit, const choice *from, vector e1,
                        const real *polynomial, vector axis, heads difference, int_heads used, rounding *doubts) {
  if (!HAS_DOUBTS) return;
  const int_heads level = used & (absolute(difference) <= sum_of_sizes(degree, polynomial) * SAME_SIGNATURE);
  if (!any(level)) return;
  const heads ahead = view(beside, unit, from->near, e1, axis);
  const heads behind = view(beside, unit, from->near, e1, scaled(axis, splat_heads(-1)));
  doubts->heads |= level & (absolute(ahead - behind) > ahead * SAME_VIEW);
}

#endif
