// A few rows by two vectors of columns of a product of matrices, in registers.

#ifndef TILE_H
#define TILE_H

#include "lanes.h"

// Columns that are computed together.
#define PANEL (2 * LANES)

/*
 * left, right [rows] += x·w for x [rows, inputs], of which rows are `x_row` and columns `x_column` floats apart, and w
 * [inputs, PANEL], of which rows are `w_row` apart.
 */
INLINE void add_products(const int rows, const real *x, size_t x_row, size_t x_column, uint32_t inputs, const real *w,
                         size_t w_row, lanes *left, lanes *right) {
  for (uint32_t k = 0; k < inputs; k++, x += x_column, w += w_row) {
    const lanes w_left = load(w), w_right = load(w + LANES);
    for (int r = 0; r < rows; r++) {
      const lanes value = splat(x[r * x_row]);
      left[r] = multiply_add(value, w_left, left[r]);
      right[r] = multiply_add(value, w_right, right[r]);
    }
  }
}

#endif
