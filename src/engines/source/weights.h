// Attention weights of every atom over its periodic images: for each head a softmax of q_i·k_j + a_i·d_f² over all images
// f of atom i, image f belonging to atom j. Taniai et al. 2024, eqs. 5 to 9, as one softmax.

#ifndef WEIGHTS_H
#define WEIGHTS_H

#include "images.h"

typedef struct {
  size_t atoms, heads, channels;
  // [A, dk·H], channels first
  const float *query, *key;
  const float *a;
  image_list list;
  const float *distance2;
} weights_of;

INLINE void weigh(const int width, const weights_of *w, float *weight) {
  const size_t H = w->heads, row = H * w->channels;
  for (size_t i = 0; i < w->atoms; i++) {
    const size_t first_pair = w->list.pair_start[i], end_pair = w->list.pair_start[i + 1];
    const size_t first = w->list.image_start[first_pair], end = w->list.image_start[end_pair];
    for (size_t h = 0; h < H; h += width) {
      const heads a = load_some(width, w->a + i * H + h);
      heads top = splat_heads(-1e30f), sum = splat_heads(0);
      for (size_t p = first_pair; p < end_pair; p++) {
        const float *q = w->query + i * row + h, *k = w->key + (size_t)w->list.pair_atom[p] * row + h;
        heads score = splat_heads(0);
        for (size_t c = 0; c < row; c += H) {
          score = multiply_add_heads(load_some(width, q + c), load_some(width, k + c), score);
        }
        for (int32_t f = w->list.image_start[p]; f < w->list.image_start[p + 1]; f++) {
          const heads logit = multiply_add_heads(a, splat_heads(w->distance2[f]), score);
          store_some(width, weight + (size_t)f * H + h, logit);
          top = larger(logit, top);
        }
      }
      for (size_t f = first; f < end; f++) {
        const heads e = exponential(load_some(width, weight + f * H + h) - top);
        store_some(width, weight + f * H + h, e);
        sum += e;
      }
      const heads inverse = 1.0f / sum;
      for (size_t f = first; f < end; f++) {
        store_some(width, weight + f * H + h, load_some(width, weight + f * H + h) * inverse);
      }
    }
  }
}

// atoms, heads, channels; q (scaled by dk^-½), k [A, H·dk]; a [A, H]; pair_start, pair_atom, image_start; distance2 [F]
// → weight [F, H]. 2·A·H·dk floats.
INLINE double weights_forward(arguments *n) {
  weights_of w;
  w.atoms = count(n), w.heads = count(n), w.channels = count(n);
  const float *q = floats(n), *k = floats(n);
  w.a = floats(n);
  w.list = read_list(n);
  w.distance2 = floats(n);
  float *weight = floats(n), *scratch = floats(n);
  const size_t size = w.atoms * w.heads * w.channels;
  w.query = scratch;
  w.key = scratch + size;
  all_heads_last(q, w.atoms, w.heads, w.channels, scratch);
  all_heads_last(k, w.atoms, w.heads, w.channels, scratch + size);
  BY_WIDTH(w.heads, weigh, &w, weight);
  return 0;
}

typedef struct {
  // [F, H]
  const float *weight, *upstream;
  // [A, dk·H], [A, H]
  float *query, *key, *a;
} weights_gradient;

// The logit of image f gets P_f·(g_f − Σ P·g).
INLINE void weigh_back(const int width, const weights_of *w, const weights_gradient *g) {
  const size_t H = w->heads, row = H * w->channels;
  for (size_t i = 0; i < w->atoms; i++) {
    const size_t first_pair = w->list.pair_start[i], end_pair = w->list.pair_start[i + 1];
    const size_t first = w->list.image_start[first_pair], end = w->list.image_start[end_pair];
    for (size_t h = 0; h < H; h += width) {
      heads mean = splat_heads(0), da = splat_heads(0);
      for (size_t f = first; f < end; f++) {
        mean = multiply_add_heads(load_some(width, g->weight + f * H + h), load_some(width, g->upstream + f * H + h), mean);
      }
      for (size_t p = first_pair; p < end_pair; p++) {
        heads d_score = splat_heads(0);
        for (int32_t f = w->list.image_start[p]; f < w->list.image_start[p + 1]; f++) {
          const size_t at = (size_t)f * H + h;
          const heads d_logit = load_some(width, g->weight + at) * (load_some(width, g->upstream + at) - mean);
          d_score += d_logit;
          da = multiply_add_heads(d_logit, splat_heads(w->distance2[f]), da);
        }
        const size_t own = i * row + h, other = (size_t)w->list.pair_atom[p] * row + h;
        for (size_t c = 0; c < row; c += H) {
          float *dq = g->query + own + c, *dk = g->key + other + c;
          store_some(width, dq, multiply_add_heads(d_score, load_some(width, w->key + other + c), load_some(width, dq)));
          store_some(width, dk, multiply_add_heads(d_score, load_some(width, w->query + own + c), load_some(width, dk)));
        }
      }
      store_some(width, g->a + i * H + h, da);
    }
  }
}

// atoms, heads, channels; q, k [A, H·dk]; pair_start, pair_atom, image_start; distance2 [F]; weight, g = ∂L/∂P [F, H]
// → dq, dk [A, H·dk], da [A, H]. 4·A·H·dk floats.
INLINE double weights_backward(arguments *n) {
  weights_of w;
  w.atoms = count(n), w.heads = count(n), w.channels = count(n);
  const float *q = floats(n), *k = floats(n);
  w.list = read_list(n);
  w.distance2 = floats(n);
  weights_gradient g;
  g.weight = floats(n), g.upstream = floats(n);
  float *dq = floats(n), *dk = floats(n);
  g.a = floats(n);
  float *scratch = floats(n);
  const size_t size = w.atoms * w.heads * w.channels;
  w.query = scratch;
  w.key = scratch + size;
  g.query = scratch + 2 * size;
  g.key = scratch + 3 * size;
  all_heads_last(q, w.atoms, w.heads, w.channels, scratch);
  all_heads_last(k, w.atoms, w.heads, w.channels, scratch + size);
  clear(scratch + 2 * size, 2 * size);
  BY_WIDTH(w.heads, weigh_back, &w, &g);
  all_heads_first(g.query, w.atoms, w.heads, w.channels, dq);
  all_heads_first(g.key, w.atoms, w.heads, w.channels, dk);
  return 0;
}

#endif
