// What an atom sees of its surroundings, head by head: features z = Σ_f P_f·b(f) of its images as the attention weighs
// them, to be projected by a product of matrices. First K radial Gaussians of the distance, one window of them an image
// (basis.h); then, where there are frames, three axes of `cells` times TERMS angular features (cells.h).

#ifndef PROFILE_H
#define PROFILE_H

#include "cells.h"
#include "images.h"

// Radial functions that a window is a multiple of.
#define STEP 8

typedef struct {
  size_t atoms, heads, radial, width, frames, cells;
  float least, per_unit;
  size_t absolute;
  const float *weight;
  const int32_t *pair_start, *image_start, *start;
  const float *basis, *unit, *axes;
  // features of an atom and head, in all and of angles in frames
  size_t features, angular;
} profile_of;

/*
 * atoms, heads, features, radial K, width, frames n, cells, least, per_unit, absolute; weight [F, H]; pair_start,
 * image_start; start [F], basis [F, width]; unit [F, 3], zero for the atom itself; frames [n, A, H, 3, 3], the features of
 * which are summed. `least` is where the first cell begins, `per_unit` 1/width of a cell; `absolute` takes |u|. K = 0,
 * n = 0: no such features.
 */
INLINE profile_of read_profile(arguments *n) {
  profile_of p;
  p.atoms = count(n), p.heads = count(n), p.features = count(n);
  p.radial = count(n), p.width = count(n), p.frames = count(n), p.cells = count(n);
  p.least = number(n), p.per_unit = number(n), p.absolute = count(n);
  p.weight = floats(n), p.pair_start = ints(n), p.image_start = ints(n), p.start = ints(n);
  p.basis = floats(n), p.unit = floats(n), p.axes = floats(n);
  p.angular = p.frames > 0 ? 3 * p.cells * TERMS : 0;
  return p;
}

typedef struct { heads x, y, z; } axis_of_heads;

// The axes of an atom's frames for the heads from h on: [3·n].
INLINE void read_axes(const int width, const profile_of *p, size_t atom, size_t h, axis_of_heads *out) {
  for (size_t m = 0; m < 3 * p->frames; m++) {
    const float *from = p->axes + ((m / 3 * p->atoms + atom) * p->heads + h) * 9 + m % 3 * 3;
    for (int lane = 0; lane < HEADS; lane++) {
      const float *e = from + 9 * (lane % width);
      out[m].x[lane] = e[0], out[m].y[lane] = e[1], out[m].z[lane] = e[2];
    }
  }
}

INLINE int has_direction(const float *u) { return u[0] != 0 || u[1] != 0 || u[2] != 0; }

INLINE int_heads place(const profile_of *p, const axis_of_heads *e, const float *u, heads *t) {
  heads cosine = e->x * u[0] + e->y * u[1] + e->z * u[2];
  if (p->absolute) cosine = absolute(cosine);
  return cell_of(cosine, p->least, p->per_unit, (uint32_t)p->cells, t);
}

// [K][HEADS] as K floats of every head, `row` apart, and back.
INLINE void radial_to_rows(const int width, size_t radial, const float *from, float *to, size_t row) {
  for (size_t k = 0; k < radial; k += HEADS, from += HEADS * HEADS) {
    heads block[HEADS];
    for (int n = 0; n < HEADS; n++) block[n] = load_heads(from + n * HEADS);
    transpose(block);
    for (int h = 0; h < width; h++) store_heads(to + h * row + k, block[h]);
  }
}
INLINE void radial_from_rows(const int width, size_t radial, const float *from, size_t row, float *to) {
  for (size_t k = 0; k < radial; k += HEADS, to += HEADS * HEADS) {
    heads block[HEADS];
    for (int h = 0; h < HEADS; h++) block[h] = load_heads(from + h % width * row + k);
    transpose(block);
    for (int n = 0; n < HEADS; n++) store_heads(to + n * HEADS, block[n]);
  }
}

// Adds one image's angular features to those of `width` heads, `row` floats apart.
INLINE void add_cells(const int width, const profile_of *p, const axis_of_heads *axes, const float *u, heads weight, float *to,
                      size_t row) {
  for (size_t m = 0; m < 3 * p->frames; m++) {
    heads t, term[TERMS];
    const int_heads cell = place(p, axes + m, u, &t);
    weighted_powers(t, weight, term);
    float *axis = to + m % 3 * p->cells * TERMS;
    for (int h = 0; h < width; h++, axis += row) {
      float *at = axis + (size_t)cell[h] * TERMS;
      for (int v = 0; v < TERMS / HEADS; v++) {
        store_heads(at + v * HEADS, load_heads(at + v * HEADS) + term[h * (TERMS / HEADS) + v]);
      }
    }
  }
}

// The polynomials of every head and axis in the cells of one image.
INLINE heads values_of_cells(const int width, const profile_of *p, const axis_of_heads *axes, const float *u, const float *from,
                             size_t row) {
  heads sum = splat_heads(0);
  for (size_t m = 0; m < 3 * p->frames; m++) {
    heads t;
    const int_heads cell = place(p, axes + m, u, &t);
    const float *axis = from + m % 3 * p->cells * TERMS;
    heads value = splat_heads(0);
    for (int v = TERMS / HEADS - 1; v >= 0; v--) {
      heads coefficient[HEADS];
      for (int h = 0; h < HEADS; h++) {
        const int own = h % width;
        coefficient[h] = load_heads(axis + own * row + (size_t)cell[own] * TERMS + v * HEADS);
      }
      transpose(coefficient);
      for (int k = HEADS - 1; k >= 0; k--) value = multiply_add_heads(value, t, coefficient[k]);
    }
    sum += value;
  }
  return sum;
}

INLINE void look(const int width, const profile_of *p, float *z, float *scratch) {
  const size_t H = p->heads;
  float *radial = scratch, *cells = scratch + p->radial * HEADS;
  axis_of_heads *axes = (axis_of_heads *)(cells + p->angular * HEADS);
  for (size_t i = 0; i < p->atoms; i++) {
    const size_t first = p->image_start[p->pair_start[i]], end = p->image_start[p->pair_start[i + 1]];
    for (size_t h = 0; h < H; h += width) {
      clear(scratch, (p->radial + p->angular) * HEADS);
      read_axes(width, p, i, h, axes);
      for (size_t f = first; f < end; f++) {
        const heads weight = load_some(width, p->weight + f * H + h);
        if (!any_above(weight, NEGLIGIBLE)) continue;
        if (p->radial > 0) {
          const float *window = p->basis + f * p->width;
          float *to = radial + (size_t)p->start[f] * HEADS;
          for (size_t w = 0; w < p->width; w += STEP) {
            for (int k = 0; k < STEP; k++, to += HEADS) {
              store_heads(to, multiply_add_heads(weight, splat_heads(window[w + k]), load_heads(to)));
            }
          }
        }
        if (p->frames > 0 && has_direction(p->unit + 3 * f)) {
          add_cells(width, p, axes, p->unit + 3 * f, weight, cells, p->angular);
        }
      }
      float *to = z + (h * p->atoms + i) * p->features;
      const size_t row = p->atoms * p->features;
      radial_to_rows(width, p->radial, radial, to, row);
      for (int lane = 0; lane < width; lane++) {
        for (size_t n = 0; n < p->angular; n++) to[lane * row + p->radial + n] = cells[lane * p->angular + n];
      }
    }
  }
}

// As read_profile says → z [H, A, features], of which the first K + 3·TERMS·cells. 8·(K + 3·TERMS·cells + 9·n) floats.
INLINE double profile_forward(arguments *n) {
  const profile_of p = read_profile(n);
  float *z = floats(n), *scratch = floats(n);
  BY_WIDTH(p.heads, look, &p, z, scratch);
  return 0;
}

INLINE void look_back(const int width, const profile_of *p, const float *g, float *d_weight, float *scratch) {
  const size_t H = p->heads, row = p->atoms * p->features;
  axis_of_heads *axes = (axis_of_heads *)(scratch + p->radial * HEADS);
  for (size_t i = 0; i < p->atoms; i++) {
    const size_t first = p->image_start[p->pair_start[i]], end = p->image_start[p->pair_start[i + 1]];
    for (size_t h = 0; h < H; h += width) {
      const float *own = g + (h * p->atoms + i) * p->features;
      radial_from_rows(width, p->radial, own, row, scratch);
      read_axes(width, p, i, h, axes);
      for (size_t f = first; f < end; f++) {
        if (!any_above(load_some(width, p->weight + f * H + h), NEGLIGIBLE)) continue;
        float *to = d_weight + f * H + h;
        heads sum[2] = {load_some(width, to), splat_heads(0)};
        if (p->radial > 0) {
          const float *window = p->basis + f * p->width, *from = scratch + (size_t)p->start[f] * HEADS;
          for (size_t w = 0; w < p->width; w += STEP) {
            for (int k = 0; k < STEP; k++, from += HEADS) {
              sum[k % 2] = multiply_add_heads(splat_heads(window[w + k]), load_heads(from), sum[k % 2]);
            }
          }
        }
        if (p->frames > 0 && has_direction(p->unit + 3 * f)) {
          sum[0] += values_of_cells(width, p, axes, p->unit + 3 * f, own + p->radial, row);
        }
        store_some(width, to, sum[0] + sum[1]);
      }
    }
  }
}

// As read_profile says; g = ∂L/∂z, d_weight [F, H], to which is added. 8·(K + 9·n) floats.
INLINE double profile_backward(arguments *n) {
  const profile_of p = read_profile(n);
  const float *g = floats(n);
  float *d_weight = floats(n), *scratch = floats(n);
  BY_WIDTH(p.heads, look_back, &p, g, d_weight, scratch);
  return 0;
}

#endif
