// What is computed: the sizes of a network as they stand in its description, and where its packed weights lie. A
// description comes from a file that nobody vouches for: no number in it is used before it was checked.

#ifndef PLAN_H
#define PLAN_H

#include "linear.h"
#include "cells.h"
#include "harmonics.h"

#define MOST_BLOCKS 64
#define MOST_LAYERS 9
// Of a list of products, which is evaluated for every atom: four times what those of today have and more.
#define MOST_SLOTS 512
#define MOST_ENTRIES 4096
// Words between two parts of a memory, for a test that looks whether any part is left.
#ifndef GUARD
#define GUARD 0
#endif

// A density of axes is no frame: it has harmonics of the degree that stands in the description instead of cells, and one
// or two densities instead of frames.
enum frames { NO_FRAMES, MAX_FRAMES, STATIC_FRAMES, CELL_FRAMES, PRINCIPAL_FRAMES, AXIS_DENSITY };

// Words of a description, each an int32 or the bits of a float32. After it come three words for every block, and then the lists of
// products for frames that are chosen by images: entries of to, a, b, and the factors.
enum description {
  ELEMENTS, MODEL_DIM, HEAD_NUM, FF_DIM, BLOCKS, TARGETS, HEAD_LAYERS, HEAD_SIZES,
  RADIAL = HEAD_SIZES + MOST_LAYERS - 1, RADIAL_SCALE, BETA, LOWER_BOUND,
  FRAMES, FRAME_COUNT, UNIT_VECTORS, CELLS, LEAST, PER_UNIT, ABSOLUTE, DEGREE,
  FIRST_SLOTS, FIRST_ENTRIES, SECOND_SLOTS, SECOND_ENTRIES,
  DESCRIBED
};
enum block_words { EXPONENT, PER_STEP, BLOCK_WORDS };

// A list of products: its places and factors are offsets into the packed weights.
typedef struct {
  uint32_t slots, entries;
  size_t places, factors;
} list_plan;

typedef struct {
  // −1 / 2r0², Å⁻²
  real exponent;
  // K / r_max, Å⁻¹
  real per_step;
  // offsets into the packed weights
  size_t qkv, qkv_bias, width, radial, angular, out, out_bias, first, first_bias, second, second_bias;
} block_plan;

typedef struct {
  uint32_t elements, d, head_count, channels, hidden, block_count, targets, layers;
  uint32_t sizes[MOST_LAYERS + 1];
  // heads rounded up to whole vectors, and d = channels · heads of them
  uint32_t lanes, inner;
  // floats of a row of features, of queries, keys and values, and of attended values
  size_t row, qkv_row, inner_row;
  uint32_t radial;
  real radial_scale, beta, lower_bound;
  uint32_t frames, frame_count, unit_vectors, cells, absolute, degree, features;
  real least, per_unit;
  list_plan all, beside;
  size_t embedding;
  size_t layer_weight[MOST_LAYERS], layer_bias[MOST_LAYERS];
  block_plan block[MOST_BLOCKS];
  // words of the description, of the weights that are given, and of the packed weights with the description before them
  size_t described, given, packed;
} plan;

// A float32 whose bits stand in a word.
INLINE real as_float(word given) {
  union { int32_t i; float f; } bits = {(int32_t)given};
  return bits.f;
}

INLINE int is_positive(real x) { return x > 0 && x < 1e30f; }

// Counted in 64 bits, of which no description can fill half: an offset that does not fit is refused at the end.
static size_t take(uint64_t *next, uint64_t count) {
  const size_t at = (size_t)*next;
  *next += count + GUARD;
  return at;
}

ONCE int read_list(const word *words, size_t count, size_t *at, word slots, word entries, int32_t results,
                     list_plan *list) {
  if (!within(slots, results + 1, MOST_SLOTS) || !within(entries, 0, MOST_ENTRIES)) return 0;
  if (*at + 4 * (size_t)entries > count) return 0;
  *list = (list_plan){(uint32_t)slots, (uint32_t)entries, *at, *at + 3 * (size_t)entries};
  for (size_t n = 0; n < 3 * (size_t)entries; n++) {
    if (!within(words[*at + n], 0, (int32_t)slots - 1)) return 0;
  }
  *at += 4 * (size_t)entries;
  return 1;
}

// Sizes and offsets; 0 when the description is not one of a network that can be computed here.
ONCE int read_plan(const word *words, size_t count, plan *p) {
  if (count < DESCRIBED) return 0;
  if (!within(words[ELEMENTS], 1, 4096) || !within(words[MODEL_DIM], 1, 4096)) return 0;
  if (!within(words[HEAD_NUM], 1, (int32_t)words[MODEL_DIM]) || words[MODEL_DIM] % words[HEAD_NUM] != 0) return 0;
  if (!within(words[FF_DIM], 1, 65536) || !within(words[BLOCKS], 1, MOST_BLOCKS)) return 0;
  if (!within(words[TARGETS], 1, 1024) || !within(words[HEAD_LAYERS], 1, MOST_LAYERS)) return 0;
  if (!within(words[RADIAL], 0, 1024) || !within(words[FRAMES], NO_FRAMES, AXIS_DENSITY)) return 0;
  if (!within(words[FRAME_COUNT], 0, 2) || !within(words[CELLS], 0, 4096)) return 0;
  if (!within(words[DEGREE], 0, MOST_DEGREE)) return 0;
  p->elements = (uint32_t)words[ELEMENTS];
  p->d = (uint32_t)words[MODEL_DIM];
  p->head_count = (uint32_t)words[HEAD_NUM];
  p->channels = p->d / p->head_count;
  p->hidden = (uint32_t)words[FF_DIM];
  p->block_count = (uint32_t)words[BLOCKS];
  p->targets = (uint32_t)words[TARGETS];
  p->layers = (uint32_t)words[HEAD_LAYERS];
  p->radial = (uint32_t)words[RADIAL];
  p->radial_scale = as_float(words[RADIAL_SCALE]);
  p->beta = as_float(words[BETA]);
  p->lower_bound = as_float(words[LOWER_BOUND]);
  p->frames = (uint32_t)words[FRAMES];
  p->frame_count = (uint32_t)words[FRAME_COUNT];
  p->unit_vectors = words[UNIT_VECTORS] != 0;
  p->cells = (uint32_t)words[CELLS];
  p->least = as_float(words[LEAST]);
  p->per_unit = as_float(words[PER_UNIT]);
  p->absolute = words[ABSOLUTE] != 0;
  p->degree = (uint32_t)words[DEGREE];
  const int is_density = p->frames == AXIS_DENSITY, in_cells = p->frames != NO_FRAMES && !is_density;
  p->features = is_density ? p->frame_count * (p->degree + 1) : 3 * TERMS * p->cells;
  if (!is_positive(p->beta) || !(p->lower_bound > 0 && p->lower_bound < 1)) return 0;
  if (p->radial > 0 && !(p->radial_scale >= 0.01f && p->radial_scale <= 1000)) return 0;
  if ((p->frames != NO_FRAMES) != (p->frame_count > 0) || in_cells != (p->cells > 0) || is_density != (p->degree > 0)) return 0;
  if (in_cells && !(p->least >= -1 && p->least <= 0 && is_positive(p->per_unit))) return 0;
  if (p->frames == CELL_FRAMES && p->frame_count != 1) return 0;

  p->lanes = (p->head_count + HEADS - 1) / HEADS * HEADS;
  p->inner = p->channels * p->lanes;
  p->row = padded(p->d);
  p->qkv_row = padded(3 * p->inner);
  p->inner_row = padded(p->inner);
  p->all = p->beside = (list_plan){0, 0, 0, 0};
  size_t at = DESCRIBED + BLOCK_WORDS * (size_t)p->block_count;
  if (count < at) return 0;
  if (p->frames == MAX_FRAMES || p->frames == STATIC_FRAMES || p->frames == PRINCIPAL_FRAMES) {
    if (!read_list(words, count, &at, words[FIRST_SLOTS], words[FIRST_ENTRIES], MEANS + POWERS, &p->all)) return 0;
    if (!read_list(words, count, &at, words[SECOND_SLOTS], words[SECOND_ENTRIES], 2 * MOMENTS + 3, &p->beside)) return 0;
  }
  p->described = at;

  uint64_t given = (uint64_t)p->d * p->elements;
  uint64_t next = (at + 15) / 16 * 16;
  p->embedding = take(&next, p->row * p->elements);
  for (uint32_t l = 0; l < p->block_count; l++) {
    block_plan *b = &p->block[l];
    const word *own = words + DESCRIBED + BLOCK_WORDS * l;
    b->exponent = as_float(own[EXPONENT]);
    b->per_step = as_float(own[PER_STEP]);
    if (!is_positive(-b->exponent) || (p->radial > 0 && !is_positive(b->per_step))) return 0;
    given += 4 * (size_t)p->d * p->d + 3 * p->d + p->d + 2 + p->d;
    given += (size_t)p->radial * p->d + (size_t)p->features * p->d;
    given += 2 * (size_t)p->hidden * p->d + p->hidden + p->d;
    b->qkv = take(&next, p->qkv_row * p->d);
    b->qkv_bias = take(&next, p->qkv_row);
    b->width = take(&next, p->inner + 2 + 14);
    b->radial = take(&next, (size_t)p->radial * p->inner);
    b->angular = take(&next, (uint64_t)p->features * padded(p->channels) * p->head_count);
    b->out = take(&next, p->row * p->inner);
    b->out_bias = take(&next, p->row);
    b->first = take(&next, (size_t)padded(p->hidden) * p->d);
    b->first_bias = take(&next, padded(p->hidden));
    b->second = take(&next, p->row * p->hidden);
    b->second_bias = take(&next, p->row);
  }
  p->sizes[0] = p->d;
  for (uint32_t n = 0; n < p->layers; n++) {
    const word size = n + 1 < p->layers ? words[HEAD_SIZES + n] : words[TARGETS];
    if (!within(size, 1, 4096)) return 0;
    p->sizes[n + 1] = (uint32_t)size;
    given += ((size_t)p->sizes[n] + 1) * p->sizes[n + 1];
    p->layer_weight[n] = take(&next, (size_t)padded(p->sizes[n + 1]) * p->sizes[n]);
    p->layer_bias[n] = take(&next, padded(p->sizes[n + 1]));
  }
  // Offsets of a 32 bit machine count bytes.
  if (next >= 1 << 29 || given >= 1 << 29) return 0;
  p->given = (size_t)given;
  p->packed = (size_t)next;
  return 1;
}

// Feature c of head h among the vectors of heads.
INLINE size_t lane_of(const plan *p, uint32_t c, uint32_t h) { return (size_t)c * p->lanes + h; }

static void zero(real *to, size_t count) {
  for (size_t n = 0; n < count; n++) to[n] = 0;
}

ONCE const real *pack_bias(const real *from, uint32_t count, real *to) {
  zero(to, padded(count));
  for (uint32_t n = 0; n < count; n++) to[n] = from[n];
  return from + count;
}

// [outputs, inputs] rows of x in panels, with the feature of every head in its lane: as outputs from `first` on.
static void pack_lanes(const plan *p, const real *weight, real factor, size_t first, real *panels) {
  for (uint32_t h = 0; h < p->head_count; h++) {
    for (uint32_t c = 0; c < p->channels; c++) {
      const real *row = weight + (size_t)(h * p->channels + c) * p->d;
      const size_t n = first + lane_of(p, c, h);
      real *column = panels + n / PANEL * PANEL * p->d + n % PANEL;
      for (uint32_t k = 0; k < p->d; k++) column[(size_t)k * PANEL] = factor * row[k];
    }
  }
}

// The factors of a list, where they were bits.
ONCE void pack_factors(const list_plan *list, const word *words, real *packed) {
  for (size_t n = list->factors; n < list->factors + list->entries; n++) packed[n] = as_float(words[n]);
}

/*
 * The weights as they are read fastest, with the description before them. Given, one after the other: embedding [d,
 * elements]; of every block query, key, value [d, d], their biases [3 d], width [d], scale and shift, radial projection
 * [H, dk, K], angular projection [H, dk, features], output [d, d] and bias, two layers with their biases; of the head
 * weight and bias of every layer.
 */
ONCE void pack(const plan *p, const word *words, const real *given, real *packed) {
  const uint32_t d = p->d, channels = p->channels;
  const real scale = 1 / square_root((real)channels);
  zero(packed, p->packed);
  for (size_t n = 0; n < p->described; n++) ((word *)packed)[n] = words[n];
  pack_factors(&p->all, words, packed);
  pack_factors(&p->beside, words, packed);
  for (uint32_t k = 0; k < d; k++) {
    for (uint32_t e = 0; e < p->elements; e++) packed[p->embedding + e * p->row + k] = *given++;
  }
  for (uint32_t l = 0; l < p->block_count; l++) {
    const block_plan *b = &p->block[l];
    for (uint32_t part = 0; part < 3; part++, given += (size_t)d * d) {
      pack_lanes(p, given, part == 0 ? scale : 1, (size_t)part * p->inner, packed + b->qkv);
    }
    for (uint32_t part = 0; part < 3; part++) {
      for (uint32_t h = 0; h < p->head_count; h++) {
        for (uint32_t c = 0; c < channels; c++) {
          packed[b->qkv_bias + part * p->inner + lane_of(p, c, h)] = (part == 0 ? scale : 1) * *given++;
        }
      }
    }
    for (uint32_t h = 0; h < p->head_count; h++) {
      for (uint32_t c = 0; c < channels; c++) packed[b->width + lane_of(p, c, h)] = *given++ / scale;
    }
    packed[b->width + p->inner] = *given++;
    packed[b->width + p->inner + 1] = *given++;
    for (uint32_t h = 0; h < p->head_count; h++) {
      for (uint32_t c = 0; c < channels; c++) {
        for (uint32_t k = 0; k < p->radial; k++) packed[b->radial + ((size_t)c * p->radial + k) * p->lanes + h] = *given++;
      }
    }
    for (uint32_t h = 0; p->features > 0 && h < p->head_count; h++, given += (size_t)channels * p->features) {
      pack_panels(given, channels, p->features, packed + b->angular + (size_t)h * padded(channels) * p->features);
    }
    // Its inputs, not its outputs, are in lanes.
    for (uint32_t n = 0; n < d; n++) {
      real *column = packed + b->out + (size_t)(n / PANEL) * PANEL * p->inner + n % PANEL;
      for (uint32_t h = 0; h < p->head_count; h++) {
        for (uint32_t c = 0; c < channels; c++) column[lane_of(p, c, h) * PANEL] = *given++;
      }
    }
    given = pack_bias(given, d, packed + b->out_bias);
    pack_panels(given, p->hidden, d, packed + b->first);
    given = pack_bias(given + (size_t)p->hidden * d, p->hidden, packed + b->first_bias);
    pack_panels(given, d, p->hidden, packed + b->second);
    given = pack_bias(given + (size_t)p->hidden * d, d, packed + b->second_bias);
  }
  for (uint32_t n = 0; n < p->layers; n++) {
    const uint32_t inputs = p->sizes[n], outputs = p->sizes[n + 1];
    pack_panels(given, outputs, inputs, packed + p->layer_weight[n]);
    given = pack_bias(given + (size_t)inputs * outputs, outputs, packed + p->layer_bias[n]);
  }
}

#endif
