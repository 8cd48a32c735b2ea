// Linear maps x·Wᵀ + b of many rows at once. Weights lie in panels of as many columns as a tile of registers has, each row
// of a panel after the other, so that they are read from the first to the last.

#ifndef LINEAR_H
#define LINEAR_H

#include "tile.h"

// Rows of every matrix are padded to whole panels.
INLINE uint32_t padded(uint32_t columns) { return (columns + PANEL - 1) / PANEL * PANEL; }

enum { STORE, ADD, RECTIFY };

// W [outputs, inputs] as panels [outputs / PANEL, inputs, PANEL]; columns beyond the outputs are zero.
static void pack_panels(const real *weight, uint32_t outputs, uint32_t inputs, real *panels) {
  for (uint32_t first = 0; first < outputs; first += PANEL) {
    for (uint32_t k = 0; k < inputs; k++) {
      for (uint32_t n = first; n < first + PANEL; n++) {
        *panels++ = n < outputs ? weight[(size_t)n * inputs + k] : 0;
      }
    }
  }
}

// `rows` rows of one panel. Every row is computed alike, whatever rows stand beside it.
INLINE void tile(const int rows, const real *x, size_t x_stride, uint32_t inputs, const real *panel, const real *bias,
                 real *y, size_t y_stride, const int mode) {
  lanes left[TILE_ROWS], right[TILE_ROWS];
  const lanes bias_left = load(bias), bias_right = load(bias + LANES);
  for (int r = 0; r < rows; r++) left[r] = bias_left, right[r] = bias_right;
  add_products(rows, x, x_stride, 1, inputs, panel, PANEL, left, right);
  for (int r = 0; r < rows; r++) {
    real *to = y + r * y_stride;
    lanes a = left[r], b = right[r];
    if (mode == ADD) a += load(to), b += load(to + LANES);
    if (mode == RECTIFY) {
      a = (lanes)((int_lanes)a & (a > 0));
      b = (lanes)((int_lanes)b & (b > 0));
    }
    store(to, a);
    store(to + LANES, b);
  }
}

#define ROWS_CASE(n) \
  case n: \
    if (n <= TILE_ROWS) tile(n <= TILE_ROWS ? n : 1, x, x_stride, inputs, panel, bias, y, y_stride, mode); \
    break;

INLINE void some_rows(const int rows, const real *x, size_t x_stride, uint32_t inputs, const real *panel,
                      const real *bias, real *y, size_t y_stride, const int mode) {
  switch (rows) {
    ROWS_CASE(1) ROWS_CASE(2) ROWS_CASE(3) ROWS_CASE(4) ROWS_CASE(5) ROWS_CASE(6)
    ROWS_CASE(7) ROWS_CASE(8) ROWS_CASE(9) ROWS_CASE(10) ROWS_CASE(11) ROWS_CASE(12)
  }
}

// y = x·Wᵀ + b (STORE), y + x·Wᵀ + b (ADD) or max(x·Wᵀ + b, 0) (RECTIFY) for x [rows, inputs]; the rows of y and the bias
// are padded to whole panels.
#define LINEAR(name, mode) \
  static void name(const real *x, size_t x_stride, uint32_t rows, uint32_t inputs, const real *panels, \
                   const real *bias, uint32_t outputs, real *y, size_t y_stride) { \
    for (uint32_t n = 0; n < outputs; n += PANEL) { \
      const real *panel = panels + (size_t)n * inputs; \
      uint32_t row = 0; \
      for (; row + TILE_ROWS <= rows; row += TILE_ROWS) { \
        tile(TILE_ROWS, x + row * x_stride, x_stride, inputs, panel, bias + n, y + row * y_stride + n, y_stride, mode); \
      } \
      some_rows(rows - row, x + row * x_stride, x_stride, inputs, panel, bias + n, y + row * y_stride + n, y_stride, \
                mode); \
    } \
  }

LINEAR(linear, STORE)
LINEAR(linear_add, ADD)
LINEAR(linear_rectified, RECTIFY)

#endif
