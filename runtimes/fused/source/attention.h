// Attention of an atom over its periodic images, for one or two vectors of heads: a softmax of q_i·k_j + a_i r² over all
// images, the sum of the neighbours' values by its weights, and of the radial Gaussians. Taniai et al. 2024, eqs. 5 to 11.
// Weights are those before the softmax is normalised, e^(logit − largest): divided by their sum is what is made of them.

#ifndef ATTENTION_H
#define ATTENTION_H

#include "batch.h"

// Images of less weight change no float32 sum: all of them together are below its rounding.
#define NEGLIGIBLE 1e-9f
// A radial Gaussian counts within so many grid steps: e^(−8²/2) = 1e-14.
#define REACH 8

// Where the sum over images begins and what is known of each once a batch: the grid point next to it, and with
// f = r/δ − that point, e^(−f²/2s²), e^(f/s²), e^(−f/s²).
typedef struct {
  int32_t *centre;
  real *gauss;
} radial_images;

typedef struct {
  // [images][lanes]
  real *weight;
  // [pairs][lanes]
  real *pair_weight;
  // [K + 3·REACH][lanes], grid points from −REACH
  real *profile;
  // [lanes]
  real *total;
} attention_scratch;

// Floats of a profile.
INLINE size_t profile_size(const plan *p) { return (size_t)(p->radial + 3 * REACH) * p->lanes; }

// Every Gaussian of one image by e^f only where a grid step is a width.
INLINE int has_unit_width(const plan *p) { return p->radial_scale == 1; }

// Of the images from `first` to `end`.
static void place_images(const plan *p, real per_step, const batch *b, uint32_t first, uint32_t end, radial_images out) {
  const real most = (real)(p->radial + REACH - 1), s = p->radial_scale;
  for (uint32_t from = first; from < end; from += HEADS) {
    heads r = {0};
    const uint32_t count = end - from < HEADS ? end - from : HEADS;
    for (uint32_t n = 0; n < count; n++) r[n] = square_root(b->distance2[from + n]);
    const heads u = smaller(larger(r * per_step, splat_heads(0)), splat_heads(most));
    const heads whole = (u + ROUNDING) - ROUNDING;
    const heads f = u - whole;
    const heads slope = f * (1 / (s * s));
    const heads gauss = exponential(f * slope * -0.5f), up = exponential(slope), down = exponential(-slope);
    for (uint32_t n = 0; n < count; n++) {
      out.centre[from + n] = (int32_t)whole[n];
      real *to = out.gauss + 3 * (size_t)(from + n);
      to[0] = gauss[n], to[1] = up[n], to[2] = down[n];
    }
  }
}

// 1, x, x², … from lane 0 on.
INLINE heads powers(real x) {
#if HEADS == 8
  const real x2 = x * x, x4 = x2 * x2;
  const heads one = splat_heads(1);
  const heads odd = __builtin_shufflevector(one, splat_heads(x), 0, 8, 2, 10, 4, 12, 6, 14);
  const heads second = __builtin_shufflevector(one, splat_heads(x2), 0, 1, 10, 11, 4, 5, 14, 15);
  const heads fourth = __builtin_shufflevector(one, splat_heads(x4), 0, 1, 2, 3, 12, 13, 14, 15);
  return odd * second * fourth;
#else
  const heads one = splat_heads(1);
  const heads odd = __builtin_shufflevector(one, splat_heads(x), 0, 4, 2, 6);
  const heads second = __builtin_shufflevector(one, splat_heads(x * x), 0, 1, 6, 7);
  return odd * second;
#endif
}

// e^(−m²/2) for m = 1 … 8 and m = 0 … 7: a Gaussian on its grid.
static const real UPPER[REACH] = {
    0.60653065971263342, 0.13533528323661269, 0.011108996538242306, 3.3546262790251185e-4,
    3.7266531720786709e-6, 1.5229979744712628e-8, 2.2897348456191135e-11, 1.2664165549094176e-14};
static const real LOWER[REACH] = {
    1, 0.60653065971263342, 0.13533528323661269, 0.011108996538242306,
    3.3546262790251185e-4, 3.7266531720786709e-6, 1.5229979744712628e-8, 2.2897348456191135e-11};

// The 2·REACH Gaussians about the grid point of an image: of points −7 … 0 in reverse order, then 1 … 8.
INLINE void window(const real *gauss, real *lower, real *upper) {
  const heads up = powers(gauss[1]), down = powers(gauss[2]);
  const heads lowest = down * gauss[0], first = up * (gauss[0] * gauss[1]);
  store_heads(lower, lowest * load_heads(LOWER));
  store_heads(upper, first * load_heads(UPPER));
#if HEADS == 4
  const real up2 = gauss[1] * gauss[1], down2 = gauss[2] * gauss[2];
  store_heads(lower + 4, lowest * (down2 * down2) * load_heads(LOWER + 4));
  store_heads(upper + 4, first * (up2 * up2) * load_heads(UPPER + 4));
#endif
}

// profile[k] += weight·b_k for the vectors of one image.
INLINE void spread(const int V, const plan *p, const real *gauss, int32_t centre, const heads *weight, real *profile) {
  const size_t lanes = p->lanes;
  real lower[REACH], upper[REACH];
  window(gauss, lower, upper);
  real *at = profile + (size_t)(centre + REACH) * lanes;
  for (int m = 0; m < REACH; m++) {
    real *to = at - m * lanes;
    for (int v = 0; v < V; v++) {
      store_heads(to + v * HEADS, multiply_add_heads(weight[v], splat_heads(lower[m]), load_heads(to + v * HEADS)));
    }
  }
  for (int m = 0; m < REACH; m++) {
    real *to = at + (m + 1) * lanes;
    for (int v = 0; v < V; v++) {
      store_heads(to + v * HEADS, multiply_add_heads(weight[v], splat_heads(upper[m]), load_heads(to + v * HEADS)));
    }
  }
}

// The same of Gaussians that are wider or narrower than a step: every one by its formula.
static void spread_any(const int V, const plan *p, real u, const heads *weight, real *profile) {
  const real factor = -0.5f / (p->radial_scale * p->radial_scale), reach = 7.5f * p->radial_scale;
  const real from = u - reach, end = u + reach;
  // Far beyond the grid, or not a number.
  if (!(from <= (real)p->radial)) return;
  const uint32_t first = from > 1 ? (uint32_t)from : 1;
  const uint32_t last = end < (real)p->radial ? (uint32_t)end : p->radial;
  for (uint32_t k = first; k <= last; k++) {
    const real t = u - (real)k;
    const heads basis = exponential(splat_heads(t * t * factor));
    real *to = profile + (size_t)(k + REACH) * p->lanes;
    for (int v = 0; v < V; v++) store_heads(to + v * HEADS, load_heads(to + v * HEADS) + weight[v] * basis);
  }
}

// q_i·k_j of `count` pairs, for V vectors.
INLINE void scores(const int count, const int V, const plan *p, const real *query, const real *const *key, heads *out) {
  heads sum[count * V];
  for (int n = 0; n < count * V; n++) sum[n] = splat_heads(0);
  for (uint32_t c = 0; c < p->channels; c++) {
    for (int v = 0; v < V; v++) {
      const size_t at = (size_t)c * p->lanes + v * HEADS;
      const heads q = load_heads(query + at);
      for (int n = 0; n < count; n++) sum[n * V + v] = multiply_add_heads(q, load_heads(key[n] + at), sum[n * V + v]);
    }
  }
  for (int n = 0; n < count * V; n++) out[n] = sum[n];
}

// out[c] = Σ_pairs weight·v_j[c] / total, for `count` channels from c on.
INLINE void values(const int count, const int V, const plan *p, const batch *b, uint32_t i, const real *qkv,
                   const real *pair_weight, const heads *inverse, uint32_t c, real *out) {
  const int32_t first = b->pair_start[i], end = b->pair_start[i + 1];
  heads sum[count * V];
  for (int n = 0; n < count * V; n++) sum[n] = splat_heads(0);
  for (int32_t pair = first; pair < end; pair++) {
    const real *value = qkv + (size_t)b->pair_atom[pair] * p->qkv_row + 2 * p->inner + (size_t)c * p->lanes;
    const real *weight = pair_weight + (size_t)(pair - first) * p->lanes;
    for (int v = 0; v < V; v++) {
      const heads w = load_heads(weight + v * HEADS);
      for (int n = 0; n < count; n++) {
        sum[n * V + v] = multiply_add_heads(w, load_heads(value + n * p->lanes + v * HEADS), sum[n * V + v]);
      }
    }
  }
  for (int n = 0; n < count; n++) {
    for (int v = 0; v < V; v++) store_heads(out + (c + n) * p->lanes + v * HEADS, sum[n * V + v] * inverse[v]);
  }
}

// out[c] += Σ_k W[c, k]·profile[k] / total, for `count` channels from c on.
INLINE void radial_values(const int count, const int V, const plan *p, const real *projection, const real *profile,
                          uint32_t last, const heads *inverse, uint32_t c, real *out) {
  heads sum[count * V];
  for (int n = 0; n < count * V; n++) sum[n] = splat_heads(0);
  const real *from = projection + (size_t)c * p->radial * p->lanes;
  const size_t channel = (size_t)p->radial * p->lanes;
  for (uint32_t k = 0; k < last; k++) {
    for (int v = 0; v < V; v++) {
      const size_t at = (size_t)k * p->lanes + v * HEADS;
      const heads z = load_heads(profile + (REACH + 1) * p->lanes + at);
      for (int n = 0; n < count; n++) {
        sum[n * V + v] = multiply_add_heads(load_heads(from + n * channel + at), z, sum[n * V + v]);
      }
    }
  }
  for (int n = 0; n < count; n++) {
    for (int v = 0; v < V; v++) {
      real *to = out + (c + n) * p->lanes + v * HEADS;
      store_heads(to, multiply_add_heads(sum[n * V + v], inverse[v], load_heads(to)));
    }
  }
}

// a = −ρ/2r0² of one vector of heads, with ρ = (1 − b)·ELU(t·β/(1 − b)) + 1, t = (g + shift)·scale, g = q·w.
INLINE heads exponents(const plan *p, const block_plan *block, const real *packed, const real *query, uint32_t lane) {
  const real *width = packed + block->width;
  const real scale = width[p->inner], shift = width[p->inner + 1];
  heads g = splat_heads(0);
  for (uint32_t c = 0; c < p->channels; c++) {
    const size_t at = (size_t)c * p->lanes + lane;
    g = multiply_add_heads(load_heads(query + at), load_heads(width + at), g);
  }
  const heads t = (g + shift) * (scale * p->beta / (1 - p->lower_bound));
  const heads below = smaller(exponential(smaller(t, splat_heads(0))) - 1.0f, splat_heads(0));
  return ((larger(t, splat_heads(0)) + below) * (1 - p->lower_bound) + 1.0f) * block->exponent;
}

// Attended values [channels][lanes] of atom i for V vectors of heads. Arrays begin at the first of these vectors.
INLINE void attend_vectors(const int V, const plan *p, const block_plan *block, const real *weights, const batch *b,
                           uint32_t i, const real *qkv, uint32_t lane, radial_images radial, attention_scratch scratch,
                           real *out) {
  const size_t lanes = p->lanes;
  const int32_t first_pair = b->pair_start[i], end_pair = b->pair_start[i + 1];
  const int32_t first = b->image_start[first_pair];
  const real *query = qkv + lane + (size_t)i * p->qkv_row, *keys = qkv + lane + p->inner;
  const real *projection = weights + block->radial + lane;

  heads a[2];
  for (int v = 0; v < V; v++) a[v] = exponents(p, block, weights, query - lane, lane + v * HEADS);

  heads top[2] = {splat_heads(-1e30f), splat_heads(-1e30f)};
  for (int32_t pair = first_pair; pair < end_pair;) {
    heads score[8];
    const real *key[4];
    const int count = end_pair - pair >= 4 ? 4 : 1;
    for (int n = 0; n < count; n++) key[n] = keys + (size_t)b->pair_atom[pair + n] * p->qkv_row;
    if (count == 4) scores(4, V, p, query, key, score);
    else scores(1, V, p, query, key, score);
    for (int n = 0; n < count; n++, pair++) {
      for (int32_t f = b->image_start[pair]; f < b->image_start[pair + 1]; f++) {
        const heads d2 = splat_heads(b->distance2[f]);
        real *to = scratch.weight + (size_t)(f - first) * lanes;
        for (int v = 0; v < V; v++) {
          const heads logit = multiply_add_heads(a[v], d2, score[n * V + v]);
          store_heads(to + v * HEADS, logit);
          top[v] = larger(logit, top[v]);
        }
      }
    }
  }

  heads total[2] = {splat_heads(0), splat_heads(0)};
  int32_t farthest = 0;
  if (p->radial > 0) {
    real *to = scratch.profile;
    for (uint32_t k = 0; k < p->radial + 3 * REACH; k++, to += lanes) {
      for (int v = 0; v < V; v++) store_heads(to + v * HEADS, splat_heads(0));
    }
  }
  for (int32_t pair = first_pair; pair < end_pair; pair++) {
    heads sum[2] = {splat_heads(0), splat_heads(0)};
    for (int32_t f = b->image_start[pair]; f < b->image_start[pair + 1]; f++) {
      real *at = scratch.weight + (size_t)(f - first) * lanes;
      heads weight[2];
      for (int v = 0; v < V; v++) {
        weight[v] = exponential(load_heads(at + v * HEADS) - top[v]);
        store_heads(at + v * HEADS, weight[v]);
        sum[v] += weight[v];
      }
      if (p->radial == 0) continue;
      if (!any_above(V == 1 ? weight[0] : larger(weight[0], weight[V - 1]), NEGLIGIBLE)) continue;
      const int32_t centre = radial.centre[f];
      if (centre > farthest) farthest = centre;
      if (has_unit_width(p)) spread(V, p, radial.gauss + 3 * (size_t)f, centre, weight, scratch.profile);
      else spread_any(V, p, square_root(b->distance2[f]) * block->per_step, weight, scratch.profile);
    }
    for (int v = 0; v < V; v++) {
      store_heads(scratch.pair_weight + (size_t)(pair - first_pair) * lanes + v * HEADS, sum[v]);
      total[v] += sum[v];
    }
  }

  heads inverse[2];
  for (int v = 0; v < V; v++) {
    inverse[v] = 1.0f / total[v];
    store_heads(scratch.total + v * HEADS, total[v]);
  }
  uint32_t c = 0;
  for (; c + 8 / V <= p->channels; c += 8 / V) values(8 / V, V, p, b, i, qkv + lane, scratch.pair_weight, inverse, c, out);
  for (; c < p->channels; c++) values(1, V, p, b, i, qkv + lane, scratch.pair_weight, inverse, c, out);
  if (p->radial == 0) return;
  uint32_t last = has_unit_width(p) ? (uint32_t)farthest + REACH : p->radial;
  if (last > p->radial) last = p->radial;
  for (c = 0; c + 8 / V <= p->channels; c += 8 / V) radial_values(8 / V, V, p, projection, scratch.profile, last, inverse, c, out);
  for (; c < p->channels; c++) radial_values(1, V, p, projection, scratch.profile, last, inverse, c, out);
}

// Attended values of atom i, [channels][lanes], and the weight of its images [images][lanes] with their sum [lanes].
static __attribute__((noinline)) void attend(const plan *p, const block_plan *block, const real *weights, const batch *b, uint32_t i,
                   const real *qkv, radial_images radial, attention_scratch scratch, real *out) {
  uint32_t lane = 0;
  for (; lane + 2 * HEADS <= p->lanes; lane += 2 * HEADS) {
    const attention_scratch own = {scratch.weight + lane, scratch.pair_weight + lane, scratch.profile + lane, scratch.total + lane};
    attend_vectors(2, p, block, weights, b, i, qkv, lane, radial, own, out + lane);
  }
  if (lane < p->lanes) {
    const attention_scratch own = {scratch.weight + lane, scratch.pair_weight + lane, scratch.profile + lane, scratch.total + lane};
    attend_vectors(1, p, block, weights, b, i, qkv, lane, radial, own, out + lane);
  }
}

#endif
