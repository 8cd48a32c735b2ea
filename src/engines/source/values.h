// Values of the neighbours as the attention weighs them, Σ_f P_f v_j for every head.

#ifndef VALUES_H
#define VALUES_H

#include "images.h"

typedef struct {
  size_t atoms, heads, channels;
  // [F, H]
  const float *weight;
  image_list list;
} values_of;

// Σ of the weights of the images of a pair.
INLINE heads pair_weight(const int width, const values_of *v, size_t pair, size_t h) {
  heads sum = splat_heads(0);
  for (int32_t f = v->list.image_start[pair]; f < v->list.image_start[pair + 1]; f++) {
    sum += load_some(width, v->weight + (size_t)f * v->heads + h);
  }
  return sum;
}

// value, out [A, dk·H], channels first
INLINE void attend(const int width, const values_of *v, const float *value, float *out) {
  const size_t H = v->heads, row = H * v->channels;
  for (size_t i = 0; i < v->atoms; i++) {
    for (int32_t p = v->list.pair_start[i]; p < v->list.pair_start[i + 1]; p++) {
      const float *from = value + (size_t)v->list.pair_atom[p] * row;
      for (size_t h = 0; h < H; h += width) {
        const heads weight = pair_weight(width, v, p, h);
        for (size_t c = h; c < row; c += H) {
          float *to = out + i * row + c;
          store_some(width, to, multiply_add_heads(weight, load_some(width, from + c), load_some(width, to)));
        }
      }
    }
  }
}

// atoms, heads, channels; weight [F, H]; v [A, H·dk]; pair_start, pair_atom, image_start → out [A, H·dk]. 2·A·H·dk floats.
INLINE double values_forward(arguments *n) {
  values_of v;
  v.atoms = count(n), v.heads = count(n), v.channels = count(n), v.weight = floats(n);
  const float *value = floats(n);
  v.list = read_list(n);
  float *out = floats(n), *scratch = floats(n);
  const size_t size = v.atoms * v.heads * v.channels;
  all_heads_last(value, v.atoms, v.heads, v.channels, scratch);
  clear(scratch + size, size);
  BY_WIDTH(v.heads, attend, &v, scratch, scratch + size);
  all_heads_first(scratch + size, v.atoms, v.heads, v.channels, out);
  return 0;
}

// The weights of all images of a pair have the same gradient.
INLINE void attend_back(const int width, const values_of *v, const float *value, const float *g, float *d_weight, float *d_value) {
  const size_t H = v->heads, row = H * v->channels;
  for (size_t i = 0; i < v->atoms; i++) {
    const float *upstream = g + i * row;
    for (int32_t p = v->list.pair_start[i]; p < v->list.pair_start[i + 1]; p++) {
      const size_t other = (size_t)v->list.pair_atom[p] * row;
      for (size_t h = 0; h < H; h += width) {
        const heads weight = pair_weight(width, v, p, h);
        heads product = splat_heads(0);
        for (size_t c = h; c < row; c += H) {
          const heads up = load_some(width, upstream + c);
          float *to = d_value + other + c;
          store_some(width, to, multiply_add_heads(weight, up, load_some(width, to)));
          product = multiply_add_heads(up, load_some(width, value + other + c), product);
        }
        for (int32_t f = v->list.image_start[p]; f < v->list.image_start[p + 1]; f++) {
          store_some(width, d_weight + (size_t)f * H + h, product);
        }
      }
    }
  }
}

// atoms, heads, channels; weight [F, H]; v [A, H·dk]; pair_start, pair_atom, image_start; g = ∂L/∂out [A, H·dk]
// → d_weight [F, H], dv [A, H·dk]. 3·A·H·dk floats.
INLINE double values_backward(arguments *n) {
  values_of v;
  v.atoms = count(n), v.heads = count(n), v.channels = count(n), v.weight = floats(n);
  const float *value = floats(n);
  v.list = read_list(n);
  const float *g = floats(n);
  float *d_weight = floats(n), *dv = floats(n), *scratch = floats(n);
  const size_t size = v.atoms * v.heads * v.channels;
  all_heads_last(value, v.atoms, v.heads, v.channels, scratch);
  all_heads_last(g, v.atoms, v.heads, v.channels, scratch + size);
  clear(scratch + 2 * size, size);
  BY_WIDTH(v.heads, attend_back, &v, scratch, scratch + size, d_weight, scratch + 2 * size);
  all_heads_first(scratch + 2 * size, v.atoms, v.heads, v.channels, dv);
  return 0;
}

#endif
