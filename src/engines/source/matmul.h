// Products of matrices, one or many, any of them stored transposed. What a tile of the result needs is laid out side by side
// first: columns of b, for its rows lie whole pages apart and evict each other from the cache, unless they are read for a
// few rows only; rows of a where it is stored transposed.

#ifndef MATMUL_H
#define MATMUL_H

#include "arguments.h"
#include "tile.h"

// With fewer tiles of rows than this, columns are read where they are.
#define FEW_TILES 3

// Rows i … i + rows − 1, columns c … of a product: a, and columns of b `b_row` apart.
INLINE void store_tile(const int rows, const float *a, size_t a_row, size_t a_column, uint32_t inner, const float *b, size_t b_row,
                       float *out, size_t out_row) {
  lanes left[TILE_ROWS], right[TILE_ROWS];
  for (int r = 0; r < rows; r++) left[r] = right[r] = splat(0);
  add_products(rows, a, a_row, a_column, inner, b, b_row, left, right);
  for (int r = 0; r < rows; r++) {
    store(out + r * out_row, left[r]);
    store(out + r * out_row + LANES, right[r]);
  }
}

#define ROWS_CASE(n) \
  case n: \
    if (n <= TILE_ROWS) store_tile(n <= TILE_ROWS ? n : 1, a, a_row, a_column, inner, b, b_row, out, out_row); \
    break;

static void some_rows(size_t rows, const float *a, size_t a_row, size_t a_column, uint32_t inner, const float *b, size_t b_row,
                      float *out, size_t out_row) {
  switch (rows) {
    ROWS_CASE(1) ROWS_CASE(2) ROWS_CASE(3) ROWS_CASE(4) ROWS_CASE(5) ROWS_CASE(6)
    ROWS_CASE(7) ROWS_CASE(8) ROWS_CASE(9) ROWS_CASE(10) ROWS_CASE(11) ROWS_CASE(12)
  }
}

// Columns of a [inner, rows], TILE_ROWS of them side by side: [rows / TILE_ROWS, inner, TILE_ROWS].
static void pack_rows(const float *a, size_t rows, size_t inner, float *to) {
  for (size_t i = 0; i < rows; i += TILE_ROWS) {
    const size_t width = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
    const float *from = a + i;
    for (size_t k = 0; k < inner; k++, from += rows, to += TILE_ROWS) {
      for (size_t r = 0; r < width; r++) to[r] = from[r];
    }
  }
}

// Columns c … c + width − 1 of op(b) as [inner, PANEL], the rest of the panel 0.
static void pack_columns(const float *b, size_t c, size_t width, size_t columns, size_t inner, int transposed, float *panel) {
  const size_t along = transposed ? 1 : columns, across = transposed ? inner : 1;
  b += c * across;
  if (!transposed && width == PANEL) {
    for (size_t k = 0; k < inner; k++, b += columns, panel += PANEL) {
      store(panel, load(b));
      store(panel + LANES, load(b + LANES));
    }
    return;
  }
  for (size_t w = 0; w < PANEL; w++) {
    const float *from = b + w * across;
    float *to = panel + w;
    for (size_t k = 0; k < inner; k++, to += PANEL) *to = w < width ? from[k * along] : 0;
  }
}

/*
 * batch, rows, columns, inner, transpose_a, transpose_b, a_step, b_step; a, b → out [batch, rows, columns] = op(a)·op(b);
 * op(a) is [rows, inner], op(b) is [inner, columns], each stored the other way round when its flag is set. Steps are floats
 * between matrices, 0 to use one for all. 32·(inner + 12) floats, and (rows + 11)·inner more when a is transposed.
 */
INLINE double matmul(arguments *n) {
  const size_t batch = count(n), rows = count(n), columns = count(n), inner = count(n);
  const int transpose_a = (int)count(n), transpose_b = (int)count(n);
  const size_t a_step = count(n), b_step = count(n);
  const float *all_a = floats(n), *all_b = floats(n);
  float *all_out = floats(n), *panel = floats(n);
  float *edge = panel + PANEL * inner, *packed = edge + TILE_ROWS * PANEL;
  const size_t a_row = transpose_a ? 1 : inner, a_column = transpose_a ? TILE_ROWS : 1;
  const int few = !transpose_b && rows <= FEW_TILES * TILE_ROWS;
  for (size_t m = 0; m < batch; m++) {
    const float *a = all_a + m * a_step, *b = all_b + m * b_step;
    float *out = all_out + m * rows * columns;
    if (transpose_a) {
      if (m == 0 || a_step > 0) pack_rows(a, rows, inner, packed);
      a = packed;
    }
    for (size_t c = 0; c < columns; c += PANEL) {
      const size_t width = columns - c < PANEL ? columns - c : PANEL;
      const int in_place = few && width == PANEL;
      if (!in_place) pack_columns(b, c, width, columns, inner, transpose_b, panel);
      const float *from = in_place ? b + c : panel;
      const size_t b_row = in_place ? columns : PANEL;
      for (size_t i = 0; i < rows; i += TILE_ROWS) {
        const size_t height = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
        const float *ai = a + i * inner;
        float *to = width == PANEL ? out + i * columns + c : edge;
        const size_t to_row = width == PANEL ? columns : PANEL;
        if (height == TILE_ROWS) store_tile(TILE_ROWS, ai, a_row, a_column, (uint32_t)inner, from, b_row, to, to_row);
        else some_rows(height, ai, a_row, a_column, (uint32_t)inner, from, b_row, to, to_row);
        if (width == PANEL) continue;
        for (size_t r = 0; r < height; r++) {
          for (size_t w = 0; w < width; w++) out[(i + r) * columns + c + w] = edge[r * PANEL + w];
        }
      }
    }
  }
  return 0;
}

#endif
