// Frames of every atom and head: the image that the attention weighs most is the first axis, the one that is best beside it
// leads to the second. Ito et al. 2025.

#ifndef IMAGE_FRAMES_H
#define IMAGE_FRAMES_H

#include "directions.h"
#include "images.h"
#include "products.h"

typedef struct {
  size_t atoms, heads, most_images, frames;
  // of tied directions the one of largest signature, or the first
  size_t by_signature;
  // what directions are weighed by for the signature, and ranked by for the two axes [F, H]
  const float *weight, *first, *second;
  const int32_t *pair_start, *image_start;
  const float *unit;
  product_list all, beside;
} frames_of;

typedef struct {
  choice from;
  float *power, *all_slots, *beside_slots;
} frame_scratch;

static void list_images(const int width, const frames_of *p, size_t atom, const float *rank, choice *to) {
  const int32_t first = p->image_start[p->pair_start[atom]], end = p->image_start[p->pair_start[atom + 1]];
  to->all.count = to->near.count = 0;
  for (int32_t f = first; f < end; f++) {
    const float *u = p->unit + 3 * (size_t)f;
    if (u[0] == 0 && u[1] == 0 && u[2] == 0) continue;
    add_candidate(to, f, load_some(width, rank + (size_t)f * p->heads));
  }
}

INLINE void store_axis(const int width, vector axis, float *to) {
  for (int h = 0; h < width; h++, to += 9) to[0] = axis.x[h], to[1] = axis.y[h], to[2] = axis.z[h];
}

// The coefficients of the signature beside e1. Slots: 1, moments, e1.
static const float *signature_beside(const frames_of *p, vector e1, float *slots) {
  float *axis = slots + (1 + MOMENTS) * HEADS;
  store_heads(axis, e1.x);
  store_heads(axis + HEADS, e1.y);
  store_heads(axis + 2 * HEADS, e1.z);
  evaluate(&p->beside, MOMENTS + 3, slots);
  return results(&p->beside, slots, MOMENTS);
}

INLINE void choose_frames(const int width, const int by_signature, const frames_of *p, frame_scratch *s, float *out) {
  const vector none = {splat_heads(0), splat_heads(0), splat_heads(0)};
  const int all = by_signature ? 5 : 0, beside = by_signature ? 4 : 0;
  for (size_t i = 0; i < p->atoms; i++) {
    for (size_t h = 0; h < p->heads; h += width) {
      const float *signature = NULL;
      list_images(width, p, i, (by_signature ? p->weight : p->first) + h, &s->from);
      if (by_signature) {
        float *moments = s->all_slots + HEADS;
        direction_means(p->unit, s->from.near, s->power, moments);
        evaluate(&p->all, MEANS, s->all_slots);
        signature = results(&p->all, s->all_slots, POWERS);
        for (size_t n = 0; n < MOMENTS * HEADS; n++) s->beside_slots[HEADS + n] = moments[n];
        if (p->first != p->weight) list_images(width, p, i, p->first + h, &s->from);
      }
      for (size_t n = 0; n < p->frames; n++) {
        const float sign = n == 0 ? 1 : -1;
        const vector e1 = choose_any(0, all, p->unit, &s->from, none, signature, sign, NULL);
        if (p->second != p->first) list_images(width, p, i, p->second + h, &s->from);
        const float *side = by_signature ? signature_beside(p, e1, s->beside_slots) : NULL;
        const vector e2 = across(e1, choose_any(1, beside, p->unit, &s->from, e1, side, sign, NULL));
        float *to = out + ((n * p->atoms + i) * p->heads + h) * 9;
        store_axis(width, e1, to);
        store_axis(width, e2, to + 3);
        store_axis(width, cross(e1, e2), to + 6);
        if (p->second != p->first && n + 1 < p->frames) list_images(width, p, i, p->first + h, &s->from);
      }
    }
  }
}

static void choose_any_frames(const int width, const frames_of *p, frame_scratch *s, float *out) {
  if (p->by_signature) choose_frames(width, 1, p, s, out);
  else choose_frames(width, 0, p, s, out);
}

// atoms, heads, most images of an atom, frames n (1, or 2 for the two extremes of tied directions), by_signature, slots and
// entries of two lists; weight, first, second [F, H]; pair_start, image_start; unit [F, 3], zero for the atom itself; places
// [entries, 3] and factors [entries] of the two lists → frames [n, A, H, 3, 3] with axes as rows. 51·(images + 8) + 8·slots of both floats.
INLINE double image_frames(arguments *n) {
  frames_of p;
  p.atoms = count(n), p.heads = count(n), p.most_images = count(n), p.frames = count(n), p.by_signature = count(n);
  p.all.slots = (uint32_t)count(n), p.all.entries = (uint32_t)count(n);
  p.beside.slots = (uint32_t)count(n), p.beside.entries = (uint32_t)count(n);
  p.weight = floats(n), p.first = floats(n), p.second = floats(n);
  p.pair_start = ints(n), p.image_start = ints(n), p.unit = floats(n);
  p.all.places = ints(n), p.all.factors = floats(n), p.beside.places = ints(n), p.beside.factors = floats(n);
  float *out = floats(n), *scratch = floats(n);
  const size_t images = p.most_images;
  frame_scratch s;
  s.from.all.image = (int32_t *)scratch, s.from.near.image = (int32_t *)scratch + images;
  s.from.all.rank = scratch + 2 * images, s.from.near.rank = s.from.all.rank + images * HEADS;
  s.from.value = s.from.near.rank + images * HEADS;
  s.power = s.from.value + images * HEADS;
  s.all_slots = s.power + CUBIC_AND_QUARTIC * (images + HEADS);
  s.beside_slots = s.all_slots + (size_t)p.all.slots * HEADS;
  BY_WIDTH(p.heads, choose_any_frames, &p, &s, out);
  return 0;
}

#endif
