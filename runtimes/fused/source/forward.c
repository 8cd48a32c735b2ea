// The forward pass of a Crystalformer or CrystalFramer for a batch of crystals: compiled once for every kind of processor,
// with VARIANT as the ending of its names.

#include "angular.h"
#include "density.h"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define EXPORTED(name) JOIN(name, VARIANT)

// Rows that pass through the hidden layer of a block at a time, and atoms whose angular features are projected at a time:
// what lies between stays in the cache.
#define HIDDEN_ROWS 48
#define FEATURE_ROWS 6

// Where the parts of the working memory begin, in words.
typedef struct {
  uint64_t features, qkv, attended, hidden, centre, gauss, weight, pair_weight, profile, total;
  uint64_t all_image, all_rank, near_image, near_rank, value, power, factors, sums, all_slots, beside_slots, angular, encoded, zeros;
  uint64_t pooled, layer[2], size;
} workspace;

static uint64_t room(uint64_t *next, uint64_t count) {
  const uint64_t at = *next;
  *next += (count + 15) / 16 * 16 + GUARD;
  return at;
}

static workspace workspace_of(const plan *p, const batch *b) {
  workspace w;
  uint64_t next = 0;
  const uint64_t atoms = b->atoms, images = b->most_images, framed = p->frames != NO_FRAMES;
  uint64_t widest = p->row;
  for (uint32_t n = 0; n < p->layers; n++) {
    if (padded(p->sizes[n + 1]) > widest) widest = padded(p->sizes[n + 1]);
  }
  w.features = room(&next, atoms * p->row);
  w.qkv = room(&next, atoms * p->qkv_row);
  w.attended = room(&next, atoms * p->inner_row);
  w.hidden = room(&next, (uint64_t)HIDDEN_ROWS * padded(p->hidden));
  w.centre = room(&next, b->images);
  w.gauss = room(&next, 3 * (uint64_t)b->images);
  w.weight = room(&next, images * p->lanes);
  w.pair_weight = room(&next, (uint64_t)b->most_pairs * p->lanes);
  w.profile = room(&next, profile_size(p));
  w.total = room(&next, p->lanes);
  w.all_image = room(&next, framed * images);
  w.all_rank = room(&next, framed * images * HEADS);
  w.near_image = room(&next, framed * images);
  w.near_rank = room(&next, framed * images * HEADS);
  w.value = room(&next, framed * images * HEADS);
  w.power = room(&next, framed * (images + HEADS) * (p->degree > 0 ? HARMONICS(p->degree) : CUBIC_AND_QUARTIC));
  w.factors = room(&next, p->degree > 0 ? factor_count(p->degree) : 0);
  w.sums = room(&next, p->degree > 0 ? density_sums(p->degree) : 0);
  w.all_slots = room(&next, framed * p->all.slots * HEADS);
  w.beside_slots = room(&next, framed * p->beside.slots * HEADS);
  w.angular = room(&next, (uint64_t)FEATURE_ROWS * p->lanes * p->features);
  w.encoded = room(&next, (uint64_t)FEATURE_ROWS * padded(p->channels));
  w.zeros = room(&next, padded(p->channels));
  w.pooled = room(&next, (uint64_t)b->crystals * p->row);
  w.layer[0] = room(&next, (uint64_t)b->crystals * widest);
  w.layer[1] = room(&next, (uint64_t)b->crystals * widest);
  w.size = next;
  return w;
}

// x_i = Σ occupancy·embedding of the species on site i
static void embed(const plan *p, const float *packed, const batch *b, float *x) {
  for (uint32_t i = 0; i < b->atoms; i++, x += p->row) {
    zero(x, p->row);
    for (uint32_t e = 0; e < b->occupants; e++) {
      const size_t site = (size_t)i * b->occupants + e;
      const float *from = packed + p->embedding + (size_t)b->species[site] * p->row;
      const lanes share = splat(b->occupancy[site]);
      for (size_t k = 0; k < p->row; k += LANES) store(x + k, multiply_add(share, load(from + k), load(x + k)));
    }
  }
}

// Angular features of atom i, [lanes][features], normalised.
static void look(const plan *p, const block_plan *block, const float *packed, const batch *b, uint32_t i, const float *qkv,
                 attention_scratch attention, frame_scratch *scratch, const float *factors, float *sums, float *features) {
  zero(features, (size_t)p->lanes * p->features);
  for (uint32_t lane = 0; lane < p->lanes; lane += HEADS) {
    const heads inverse = 1.0f / load_heads(attention.total + lane);
    list_candidates(p, b, i, attention.weight + lane, inverse, &scratch->from);
    float *own = features + (size_t)lane * p->features;
    if (p->frames == AXIS_DENSITY) {
      density_features(p, factors, b->unit, scratch->from.near, scratch->power, scratch->from.value, sums, own);
      continue;
    }
    const heads a = p->frames == STATIC_FRAMES ? exponents(p, block, packed, qkv + (size_t)i * p->qkv_row, lane) : inverse;
    vector frame[6];
    frames_of(p, packed, b, i, scratch, &a, frame);
    add_features(p, b->unit, scratch->from.near, frame, own);
  }
}

// Attended values += W·features for `count` atoms.
static __attribute__((noinline)) void project(const plan *p, const float *projection, uint32_t count, const float *features, const float *zeros,
                    float *encoded, float *attended) {
  const size_t row = padded(p->channels);
  for (uint32_t h = 0; h < p->head_count; h++) {
    linear(features + (size_t)h * p->features, (size_t)p->lanes * p->features, count, p->features,
           projection + h * row * p->features, zeros, p->channels, encoded, row);
    for (uint32_t n = 0; n < count; n++) {
      for (uint32_t c = 0; c < p->channels; c++) attended[n * p->inner_row + lane_of(p, c, h)] += encoded[n * row + c];
    }
  }
}

static void head_of(const plan *p, const float *packed, const batch *b, const workspace *w, float *work) {
  const float *x = work + w->pooled;
  size_t stride = p->row;
  for (uint32_t n = 0; n < p->layers; n++) {
    float *y = work + w->layer[n % 2];
    const size_t width = padded(p->sizes[n + 1]);
    const float *weight = packed + p->layer_weight[n], *bias = packed + p->layer_bias[n];
    if (n + 1 < p->layers) linear_rectified(x, stride, b->crystals, p->sizes[n], weight, bias, p->sizes[n + 1], y, width);
    else linear(x, stride, b->crystals, p->sizes[n], weight, bias, p->sizes[n + 1], y, width);
    x = y;
    stride = width;
  }
  for (uint32_t c = 0; c < b->crystals; c++) {
    for (uint32_t t = 0; t < p->targets; t++) b->prediction[(size_t)c * p->targets + t] = x[c * stride + t];
  }
}

static void pool(const plan *p, const batch *b, const float *x, float *pooled) {
  for (uint32_t c = 0; c < b->crystals; c++, pooled += p->row) {
    zero(pooled, p->row);
    for (int32_t i = b->crystal_start[c]; i < b->crystal_start[c + 1]; i++) {
      const lanes share = splat(b->share[i]);
      const float *from = x + (size_t)i * p->row;
      for (size_t k = 0; k < p->row; k += LANES) store(pooled + k, multiply_add(share, load(from + k), load(pooled + k)));
    }
    if (!b->embedding) continue;
    for (uint32_t k = 0; k < p->d; k++) b->embedding[(size_t)c * p->d + k] = pooled[k];
  }
}

static void run(const plan *p, const float *packed, const batch *b, const workspace *w, float *work) {
  float *x = work + w->features, *qkv = work + w->qkv, *attended = work + w->attended;
  const radial_images radial = {(int32_t *)(work + w->centre), work + w->gauss};
  const attention_scratch attention = {work + w->weight, work + w->pair_weight, work + w->profile, work + w->total};
  frame_scratch frames = {
      {{0, (int32_t *)(work + w->all_image), work + w->all_rank},
       {0, (int32_t *)(work + w->near_image), work + w->near_rank},
       work + w->value},
      work + w->power, work + w->all_slots, work + w->beside_slots,
  };
  float *features = work + w->angular;
  zero(work + w->zeros, padded(p->channels));
  if (p->degree > 0) harmonic_factors(p->degree, work + w->factors);
  embed(p, packed, b, x);
  float placed = 0;
  for (uint32_t l = 0; l < p->block_count; l++) {
    const block_plan *block = &p->block[l];
    if (p->radial > 0 && block->per_step != placed) place_images(p, block->per_step, b, radial);
    placed = block->per_step;
    linear(x, p->row, b->atoms, p->d, packed + block->qkv, packed + block->qkv_bias, (uint32_t)(3 * p->inner), qkv, p->qkv_row);
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < b->atoms; i++) {
      float *own = attended + (size_t)i * p->inner_row;
      attend(p, block, packed, b, i, qkv, radial, attention, own);
      if (p->frames == NO_FRAMES) continue;
      look(p, block, packed, b, i, qkv, attention, &frames, work + w->factors, work + w->sums,
           features + (size_t)waiting * p->lanes * p->features);
      if (++waiting < FEATURE_ROWS && i + 1 < b->atoms) continue;
      project(p, packed + block->angular, waiting, features, work + w->zeros, work + w->encoded,
              own - (size_t)(waiting - 1) * p->inner_row);
      waiting = 0;
    }
    linear_add(attended, p->inner_row, b->atoms, p->inner, packed + block->out, packed + block->out_bias, p->d, x, p->row);
    for (uint32_t from = 0; from < b->atoms; from += HIDDEN_ROWS) {
      const uint32_t rows = b->atoms - from < HIDDEN_ROWS ? b->atoms - from : HIDDEN_ROWS;
      float *own = x + (size_t)from * p->row;
      linear_rectified(own, p->row, rows, p->d, packed + block->first, packed + block->first_bias, p->hidden,
                       work + w->hidden, padded(p->hidden));
      linear_add(work + w->hidden, padded(p->hidden), rows, p->hidden, packed + block->second, packed + block->second_bias,
                 p->d, own, p->row);
    }
  }
  pool(p, b, x, work + w->pooled);
  head_of(p, packed, b, w, work);
}

// What other languages call. Everything lies in one memory of `size` words, places in it are word numbers. A result below
// zero says why there is none.

// Words that the packed weights of a network take, of which `given` weights are given.
int64_t EXPORTED(packed_size)(float *memory, uint64_t size, uint64_t words, uint64_t count, uint64_t given) {
  plan p;
  const int32_t *described = (const int32_t *)at_word(memory, size, words, count);
  if (!described || !read_plan(described, count, &p) || p.described != count || p.given != given) return WRONG_PLAN;
  return (int64_t)p.packed;
}

int64_t EXPORTED(pack)(float *memory, uint64_t size, uint64_t words, uint64_t count, uint64_t weights, uint64_t given,
                       uint64_t packed, uint64_t packed_size) {
  plan p;
  const int32_t *described = (const int32_t *)at_word(memory, size, words, count);
  const float *from = at_word(memory, size, weights, given);
  float *to = at_word(memory, size, packed, packed_size);
  if (!described || !from || !read_plan(described, count, &p) || p.described != count || p.given != given) return WRONG_PLAN;
  if (!to || p.packed > packed_size) return TOO_LITTLE_MEMORY;
  pack(&p, described, from, to);
  return FINE;
}

// Reads packed weights and a batch of BATCH_WORDS words.
static int64_t read(float *memory, uint64_t size, uint64_t packed, uint64_t packed_size, uint64_t words, plan *p, batch *b) {
  const int32_t *described = (const int32_t *)at_word(memory, size, packed, packed_size);
  const int32_t *asked = (const int32_t *)at_word(memory, size, words, BATCH_WORDS);
  if (!described || !read_plan(described, packed_size, p) || p->packed > packed_size) return WRONG_PLAN;
  return asked && read_batch(p, asked, memory, size, b) ? FINE : WRONG_BATCH;
}

// Words that a run of the batch works in.
int64_t EXPORTED(work_size)(float *memory, uint64_t size, uint64_t packed, uint64_t packed_size, uint64_t words) {
  plan p;
  batch b;
  const int64_t wrong = read(memory, size, packed, packed_size, words, &p, &b);
  return wrong ? wrong : (int64_t)workspace_of(&p, &b).size;
}

int64_t EXPORTED(forward)(float *memory, uint64_t size, uint64_t packed, uint64_t packed_size, uint64_t words,
                          uint64_t work, uint64_t work_size) {
  plan p;
  batch b;
  const int64_t wrong = read(memory, size, packed, packed_size, words, &p, &b);
  if (wrong) return wrong;
  const workspace w = workspace_of(&p, &b);
  float *place = at_word(memory, size, work, work_size);
  if (!place || w.size > work_size) return TOO_LITTLE_MEMORY;
  if (!stands_apart(&p, &b, memory + packed, place, w.size)) return WRONG_BATCH;
  run(&p, memory + packed, &b, &w, place);
  return FINE;
}
