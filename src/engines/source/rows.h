// Rows picked from a table by index, their gradient, and the sum of all. Indices were checked by the caller, segments are here.

#ifndef ROWS_H
#define ROWS_H

#include "arguments.h"
#include "lanes.h"

// rows, columns; table, index [rows] → out[r, :] = table[index[r], :], of 4 byte values.
INLINE double gather_rows(arguments *n) {
  const size_t rows = count(n), columns = count(n);
  const int32_t *table = ints(n), *index = ints(n);
  int32_t *out = ints(n);
  for (size_t r = 0; r < rows; r++, out += columns) {
    const int32_t *from = table + (size_t)index[r] * columns;
    for (size_t c = 0; c < columns; c++) out[c] = from[c];
  }
  return 0;
}

// rows, columns, segments; source [rows, columns], segment [rows] → out[segment[r], :] += source[r, :], from 0. Rows whose
// segment is negative, or none, are left out.
INLINE double scatter_add_rows(arguments *n) {
  const size_t rows = count(n), columns = count(n), segments = count(n);
  const float *source = floats(n);
  const int32_t *segment = ints(n);
  float *out = floats(n);
  for (size_t at = 0; at < segments * columns; at++) out[at] = 0;
  for (size_t r = 0; r < rows; r++, source += columns) {
    if (segment[r] < 0 || (size_t)segment[r] >= segments) continue;
    float *to = out + (size_t)segment[r] * columns;
    for (size_t c = 0; c < columns; c++) to[c] += source[c];
  }
  return 0;
}

// rows, columns; x → out [columns] = Σ_r x[r, :].
INLINE double sum_rows(arguments *n) {
  const size_t rows = count(n), columns = count(n);
  const float *x = floats(n);
  float *restrict out = floats(n);
  for (size_t c = 0; c < columns; c++) out[c] = 0;
  for (size_t r = 0; r < rows; r++, x += columns) {
    for (size_t c = 0; c < columns; c++) out[c] += x[c];
  }
  return 0;
}

#endif
