// The periodic images of a batch, and how heads are read side by side.

#ifndef IMAGES_H
#define IMAGES_H

#include "arguments.h"
#include "lanes.h"

// Images of less weight than this in every head change no float32 sum.
#define NEGLIGIBLE 1e-8f

// Pairs pair_start[i] … pair_start[i + 1] − 1 belong to atom i; images image_start[p] … image_start[p + 1] − 1 to pair p,
// which is one of atom i with pair_atom[p].
typedef struct {
  const int32_t *pair_start, *pair_atom, *image_start;
} image_list;

INLINE image_list read_list(arguments *n) {
  image_list list;
  list.pair_start = ints(n), list.pair_atom = ints(n), list.image_start = ints(n);
  return list;
}

// `width` heads: as many as a vector has, or four of them, which then stand in a wider vector twice.
INLINE heads load_some(const int width, const float *from) {
#if HEADS == 8
  if (width == 4) return (heads){from[0], from[1], from[2], from[3], from[0], from[1], from[2], from[3]};
#endif
  (void)width;
  return load_heads(from);
}
INLINE void store_some(const int width, float *to, heads x) {
#if HEADS == 8
  if (width == 4) {
    for (int h = 0; h < 4; h++) to[h] = x[h];
    return;
  }
#endif
  (void)width;
  store_heads(to, x);
}

// Of vectors that divide the heads.
INLINE int width_of(size_t heads) { return HEADS == 8 && heads % 8 == 0 ? 8 : 4; }

// Calls a kernel for vectors that divide the heads, a multiple of four.
#if HEADS == 8
#define BY_WIDTH(heads, kernel, ...) ((heads) % 8 == 0 ? kernel(8, __VA_ARGS__) : kernel(4, __VA_ARGS__))
#else
#define BY_WIDTH(heads, kernel, ...) kernel(4, __VA_ARGS__)
#endif

// A row of numbers by head and channel as one by channel and head, and back.
INLINE void heads_last(const float *row, size_t head_count, size_t channels, float *to) {
  for (size_t h = 0; h < head_count; h++) {
    for (size_t c = 0; c < channels; c++) to[c * head_count + h] = row[h * channels + c];
  }
}
INLINE void heads_first(const float *row, size_t head_count, size_t channels, float *to) {
  for (size_t h = 0; h < head_count; h++) {
    for (size_t c = 0; c < channels; c++) to[h * channels + c] = row[c * head_count + h];
  }
}
// The same of many rows.
INLINE void all_heads_last(const float *rows, size_t count, size_t head_count, size_t channels, float *to) {
  const size_t size = head_count * channels;
  for (size_t n = 0; n < count; n++) heads_last(rows + n * size, head_count, channels, to + n * size);
}
INLINE void all_heads_first(const float *rows, size_t count, size_t head_count, size_t channels, float *to) {
  const size_t size = head_count * channels;
  for (size_t n = 0; n < count; n++) heads_first(rows + n * size, head_count, channels, to + n * size);
}

INLINE void clear(float *to, size_t count) {
  for (size_t n = 0; n < count; n++) to[n] = 0;
}

#endif
