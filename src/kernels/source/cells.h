// Angular features: the cosine u = e·r̂ of a direction falls into one of a few cells, and its features there are 1, t, … t⁷,
// t from −½ to ½ across the cell: a Gaussian of u that is at least as wide as a cell is a polynomial of degree 7 in it to 1e-7.

#ifndef CELLS_H
#define CELLS_H

#include "lanes.h"

// Floats of one cell.
#define TERMS 8

// Rows of vectors as columns.
INLINE void transpose(heads *row) {
#if HEADS == 8
  heads a[8], b[8];
  for (int n = 0; n < 8; n += 2) {
    a[n] = __builtin_shufflevector(row[n], row[n + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    a[n + 1] = __builtin_shufflevector(row[n], row[n + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int n = 0; n < 8; n += 4) {
    b[n] = __builtin_shufflevector(a[n], a[n + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    b[n + 1] = __builtin_shufflevector(a[n], a[n + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    b[n + 2] = __builtin_shufflevector(a[n + 1], a[n + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    b[n + 3] = __builtin_shufflevector(a[n + 1], a[n + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  for (int n = 0; n < 4; n++) {
    row[n] = __builtin_shufflevector(b[n], b[n + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    row[n + 4] = __builtin_shufflevector(b[n], b[n + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
#else
  const heads a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  const heads b = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  const heads c = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  const heads d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  row[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
  row[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
  row[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
  row[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
#endif
}

// weight·tⁿ, n = 0 … 7, of every head: [heads][TERMS] in as many vectors.
INLINE void weighted_powers(heads t, heads weight, heads *out) {
  const heads t2 = t * t, odd = weight * t, t4 = t2 * t2;
  const heads power[TERMS] = {weight,      odd,       weight * t2,        odd * t2,
                              weight * t4, odd * t4, weight * t2 * t4, odd * t2 * t4};
#if HEADS == 8
  for (int n = 0; n < TERMS; n++) out[n] = power[n];
  transpose(out);
#else
  heads low[4], high[4];
  for (int n = 0; n < 4; n++) low[n] = power[n], high[n] = power[n + 4];
  transpose(low);
  transpose(high);
  for (int n = 0; n < 4; n++) out[2 * n] = low[n], out[2 * n + 1] = high[n];
#endif
}

// u in cells from the first, for cells of 1/`per_unit` from `least` on: which of `count` each head is in, and t there. By
// rounding, u may be beyond an end.
INLINE int_heads cell_of(heads u, real least, real per_unit, uint32_t count, heads *t) {
  const heads s = (u - least) * per_unit;
  const heads last = splat_heads((real)(count - 1));
  const int_heads cell = __builtin_convertvector(smaller(larger(s, splat_heads(0)), last), int_heads);
  *t = s - __builtin_convertvector(cell, heads) - 0.5f;
  return cell;
}

#endif
