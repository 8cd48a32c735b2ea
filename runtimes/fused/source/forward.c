// The forward pass of a Crystalformer or CrystalFramer for a batch of crystals: compiled once for every kind of processor,
// with VARIANT as the ending of its names.

#include "angular.h"
#include "density.h"
#include "threads.h"

#define JOIN2(a, b) a##_##b
#define JOIN(a, b) JOIN2(a, b)
#define EXPORTED(name) JOIN(name, VARIANT)

// Rows that pass through the hidden layer of a block at a time, and atoms whose angular features are projected at a time:
// what lies between stays in the cache.
#define HIDDEN_ROWS 48
#define FEATURE_ROWS 6

// Where the working memory begins, in words: what all threads see, and what each has of its own, from the first word of its
// own part on.
typedef struct {
  uint64_t features, qkv[2], attended, centre, gauss, doubt, factors, zeros, pooled, layer[2], own, size;
  uint64_t hidden, weight, pair_weight, profile, total;
  uint64_t all_image, all_rank, near_image, near_rank, value, power, sums, all_slots, beside_slots, angular, encoded, own_size;
} workspace;

static uint64_t room(uint64_t *next, uint64_t count) {
  const uint64_t at = *next;
  *next += (count + 15) / 16 * 16 + GUARD;
  return at;
}

ONCE workspace workspace_of(const plan *p, const batch *b, uint32_t threads) {
  workspace w;
  uint64_t next = 0;
  const uint64_t atoms = b->atoms, images = b->most_images, framed = p->frames != NO_FRAMES;
  uint64_t widest = p->row;
  for (uint32_t n = 0; n < p->layers; n++) {
    if (padded(p->sizes[n + 1]) > widest) widest = padded(p->sizes[n + 1]);
  }
  w.hidden = room(&next, (uint64_t)HIDDEN_ROWS * padded(p->hidden));
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
  w.sums = room(&next, p->degree > 0 ? density_sums(p->degree) : 0);
  w.all_slots = room(&next, framed * p->all.slots * HEADS);
  w.beside_slots = room(&next, framed * p->beside.slots * HEADS);
  w.angular = room(&next, (uint64_t)FEATURE_ROWS * p->lanes * p->features);
  w.encoded = room(&next, (uint64_t)FEATURE_ROWS * padded(p->channels));
  w.own_size = next;
  next = 0;
  w.features = room(&next, atoms * p->row);
  w.qkv[0] = room(&next, atoms * p->qkv_row);
  // One thread has read all that it overwrites.
  w.qkv[1] = threads > 1 ? room(&next, atoms * p->qkv_row) : w.qkv[0];
  w.attended = room(&next, atoms * p->inner_row);
  w.centre = room(&next, b->images);
  w.gauss = room(&next, 3 * (uint64_t)b->images);
  w.doubt = room(&next, atoms);
  w.factors = room(&next, p->degree > 0 ? factor_count(p->degree) : 0);
  w.zeros = room(&next, padded(p->channels));
  w.pooled = room(&next, (uint64_t)b->crystals * p->row);
  w.layer[0] = room(&next, (uint64_t)b->crystals * widest);
  w.layer[1] = room(&next, (uint64_t)b->crystals * widest);
  w.own = next;
  w.size = next + threads * w.own_size;
  return w;
}

// x_i = Σ occupancy·embedding of the species on site i
static void embed(const plan *p, const real *packed, const batch *b, uint32_t first, uint32_t end, real *x) {
  x += (size_t)first * p->row;
  for (uint32_t i = first; i < end; i++, x += p->row) {
    zero(x, p->row);
    for (uint32_t e = 0; e < b->occupants; e++) {
      const size_t site = (size_t)i * b->occupants + e;
      const real *from = packed + p->embedding + (size_t)b->species[site] * p->row;
      const lanes share = splat(b->occupancy[site]);
      for (size_t k = 0; k < p->row; k += LANES) store(x + k, multiply_add(share, load(from + k), load(x + k)));
    }
  }
}

// Angular features of atom i, [lanes][features], normalised. Returns whether rounding may have decided them.
static int look(const plan *p, const block_plan *block, const real *packed, const batch *b, uint32_t i, const real *qkv,
                 attention_scratch attention, frame_scratch *scratch, const real *factors, real *sums, real *features) {
  int doubtful = 0;
  zero(features, (size_t)p->lanes * p->features);
  for (uint32_t lane = 0; lane < p->lanes; lane += HEADS) {
    const heads inverse = 1.0f / load_heads(attention.total + lane);
    list_candidates(p, b, i, attention.weight + lane, inverse, &scratch->from);
    real *own = features + (size_t)lane * p->features;
    if (p->frames == AXIS_DENSITY) {
      density_features(p, factors, b->unit, scratch->from.near, scratch->power, scratch->from.value, sums, own);
      continue;
    }
    const heads a = p->frames == STATIC_FRAMES ? exponents(p, block, packed, qkv + (size_t)i * p->qkv_row, lane) : inverse;
    vector frame[6];
    scratch->doubts.heads = (int_heads){0};
    frames_of(p, packed, b, i, scratch, &a, frame);
    for (uint32_t h = 0; h < HEADS && lane + h < p->head_count; h++) doubtful |= scratch->doubts.heads[h] != 0;
    add_features(p, b->unit, scratch->from.near, frame, own);
  }
  return doubtful;
}

// Attended values += W·features for `count` atoms.
static __attribute__((noinline)) void project(const plan *p, const real *projection, uint32_t count, const real *features, const real *zeros,
                    real *encoded, real *attended) {
  const size_t row = padded(p->channels);
  for (uint32_t h = 0; h < p->head_count; h++) {
    linear(features + (size_t)h * p->features, (size_t)p->lanes * p->features, count, p->features,
           projection + h * row * p->features, zeros, p->channels, encoded, row);
    for (uint32_t n = 0; n < count; n++) {
      for (uint32_t c = 0; c < p->channels; c++) attended[n * p->inner_row + lane_of(p, c, h)] += encoded[n * row + c];
    }
  }
}

static void head_of(const plan *p, const real *packed, const batch *b, const workspace *w, real *work) {
  const real *x = work + w->pooled;
  size_t stride = p->row;
  for (uint32_t n = 0; n < p->layers; n++) {
    real *y = work + w->layer[n % 2];
    const size_t width = padded(p->sizes[n + 1]);
    const real *weight = packed + p->layer_weight[n], *bias = packed + p->layer_bias[n];
    if (n + 1 < p->layers) linear_rectified(x, stride, b->crystals, p->sizes[n], weight, bias, p->sizes[n + 1], y, width);
    else linear(x, stride, b->crystals, p->sizes[n], weight, bias, p->sizes[n + 1], y, width);
    x = y;
    stride = width;
  }
  for (uint32_t c = 0; c < b->crystals; c++) {
    for (uint32_t t = 0; t < p->targets; t++) b->prediction[(size_t)c * p->targets + t] = x[c * stride + t];
  }
}

static void pool(const plan *p, const batch *b, const real *x, const word *doubt, real *pooled) {
  for (uint32_t c = 0; c < b->crystals; c++, pooled += p->row) {
    zero(pooled, p->row);
    if (b->doubt) b->doubt[c] = 0;
    for (int32_t i = b->crystal_start[c]; b->doubt && i < b->crystal_start[c + 1]; i++) b->doubt[c] |= doubt[i];
    for (int32_t i = b->crystal_start[c]; i < b->crystal_start[c + 1]; i++) {
      const lanes share = splat(b->share[i]);
      const real *from = x + (size_t)i * p->row;
      for (size_t k = 0; k < p->row; k += LANES) store(pooled + k, multiply_add(share, load(from + k), load(pooled + k)));
    }
    if (!b->embedding) continue;
    for (uint32_t k = 0; k < p->d; k++) b->embedding[(size_t)c * p->d + k] = pooled[k];
  }
}

// A run, and which of its steps is next. Atoms are divided among threads, which wait for each other once a block, since
// keys and values are read of all atoms: step n is what block n − 1 makes of them, and the queries, keys and values of block n.
typedef struct {
  const plan *p;
  const real *packed;
  const batch *b;
  const workspace *w;
  real *work;
  uint32_t step;
} progress;

// The first image of atom i.
INLINE uint32_t image_of(const batch *b, uint32_t i) { return (uint32_t)b->image_start[b->pair_start[i]]; }

static void block_of(const progress *r, const block_plan *block, real *own, uint32_t first, uint32_t end) {
  const plan *p = r->p;
  const batch *b = r->b;
  const workspace *w = r->w;
  const real *packed = r->packed, *qkv = r->work + w->qkv[(r->step - 1) % 2];
  real *x = r->work + w->features, *attended = r->work + w->attended, *features = own + w->angular;
  const radial_images radial = {(int32_t *)(r->work + w->centre), r->work + w->gauss};
  const attention_scratch attention = {own + w->weight, own + w->pair_weight, own + w->profile, own + w->total};
  frame_scratch frames = {
      {{0, (int32_t *)(own + w->all_image), own + w->all_rank},
       {0, (int32_t *)(own + w->near_image), own + w->near_rank},
       own + w->value},
      own + w->power, own + w->all_slots, own + w->beside_slots, {0},
  };
  word *doubt = (word *)(r->work + w->doubt);
  if (p->radial > 0 && (block == p->block || block->per_step != block[-1].per_step)) {
    place_images(p, block->per_step, b, image_of(b, first), image_of(b, end), radial);
  }
  uint32_t waiting = 0;
  for (uint32_t i = first; i < end; i++) {
    real *values = attended + (size_t)i * p->inner_row;
    attend(p, block, packed, b, i, qkv, radial, attention, values);
    if (p->frames == NO_FRAMES) continue;
    doubt[i] |= look(p, block, packed, b, i, qkv, attention, &frames, r->work + w->factors, own + w->sums,
                     features + (size_t)waiting * p->lanes * p->features);
    if (++waiting < FEATURE_ROWS && i + 1 < end) continue;
    project(p, packed + block->angular, waiting, features, r->work + w->zeros, own + w->encoded,
            values - (size_t)(waiting - 1) * p->inner_row);
    waiting = 0;
  }
  linear_add(attended + (size_t)first * p->inner_row, p->inner_row, end - first, p->inner, packed + block->out,
             packed + block->out_bias, p->d, x + (size_t)first * p->row, p->row);
  for (uint32_t from = first; from < end; from += HIDDEN_ROWS) {
    const uint32_t rows = end - from < HIDDEN_ROWS ? end - from : HIDDEN_ROWS;
    real *row = x + (size_t)from * p->row;
    linear_rectified(row, p->row, rows, p->d, packed + block->first, packed + block->first_bias, p->hidden, own + w->hidden,
                     padded(p->hidden));
    linear_add(own + w->hidden, padded(p->hidden), rows, p->hidden, packed + block->second, packed + block->second_bias, p->d,
               row, p->row);
  }
}

static void step_of(const void *run, uint32_t thread, uint32_t threads) {
  const progress *r = run;
  const plan *p = r->p;
  const uint32_t first = (uint32_t)((uint64_t)r->b->atoms * thread / threads);
  const uint32_t end = (uint32_t)((uint64_t)r->b->atoms * (thread + 1) / threads);
  real *x = r->work + r->w->features, *qkv = r->work + r->w->qkv[r->step % 2];
  if (r->step == 0) {
    embed(p, r->packed, r->b, first, end, x);
    zero(r->work + r->w->doubt + first, end - first);
  } else {
    block_of(r, p->block + r->step - 1, r->work + r->w->own + thread * r->w->own_size, first, end);
  }
  if (r->step == p->block_count) return;
  const block_plan *next = p->block + r->step;
  linear(x + (size_t)first * p->row, p->row, end - first, p->d, r->packed + next->qkv, r->packed + next->qkv_bias,
         (uint32_t)(3 * p->inner), qkv + (size_t)first * p->qkv_row, p->qkv_row);
}

static void run(progress *r, uint32_t threads, side_by_side together) {
  const plan *p = r->p;
  const workspace *w = r->w;
  zero(r->work + w->zeros, padded(p->channels));
  if (p->degree > 0) harmonic_factors(p->degree, r->work + w->factors);
  for (r->step = 0; r->step <= p->block_count; r->step++) {
    if (threads > 1) together(step_of, r, threads);
    else step_of(r, 0, 1);
  }
  pool(p, r->b, r->work + w->features, (const word *)(r->work + w->doubt), r->work + w->pooled);
  head_of(p, r->packed, r->b, w, r->work);
}

// What other languages call. Everything lies in one memory of `size` words, places in it are word numbers. A result below
// zero says why there is none.

// Words that the packed weights of a network take, of which `given` weights are given.
int64_t EXPORTED(packed_size)(real *memory, uint64_t size, uint64_t words, uint64_t count, uint64_t given) {
  plan p;
  const word *described = (const word *)at_word(memory, size, words, count);
  if (!described || !read_plan(described, count, &p) || p.described != count || p.given != given) return WRONG_PLAN;
  return (int64_t)p.packed;
}

int64_t EXPORTED(pack)(real *memory, uint64_t size, uint64_t words, uint64_t count, uint64_t weights, uint64_t given,
                       uint64_t packed, uint64_t packed_size) {
  plan p;
  const word *described = (const word *)at_word(memory, size, words, count);
  const real *from = at_word(memory, size, weights, given);
  real *to = at_word(memory, size, packed, packed_size);
  if (!described || !from || !read_plan(described, count, &p) || p.described != count || p.given != given) return WRONG_PLAN;
  if (!to || p.packed > packed_size) return TOO_LITTLE_MEMORY;
  pack(&p, described, from, to);
  return FINE;
}

// Threads that so many atoms are worth, of those that may be used.
static uint32_t threads_for(const batch *b, uint64_t threads) {
  const uint64_t worth = b->atoms / ATOMS_OF_A_THREAD;
  const uint64_t most = threads < MOST_THREADS ? threads : MOST_THREADS;
  const uint64_t used = most < worth ? most : worth;
  return used > 1 ? (uint32_t)used : 1;
}

// Reads packed weights and a batch of BATCH_WORDS words.
static int64_t read(real *memory, uint64_t size, uint64_t packed, uint64_t packed_size, uint64_t words, plan *p, batch *b) {
  const word *described = (const word *)at_word(memory, size, packed, packed_size);
  const word *asked = (const word *)at_word(memory, size, words, BATCH_WORDS);
  if (!described || !read_plan(described, packed_size, p) || p->packed > packed_size) return WRONG_PLAN;
  return asked && read_batch(p, asked, memory, size, b) ? FINE : WRONG_BATCH;
}

// Words that a run of the batch works in on so many threads.
int64_t EXPORTED(work_size)(real *memory, uint64_t size, uint64_t packed, uint64_t packed_size, uint64_t words,
                            uint64_t threads) {
  plan p;
  batch b;
  const int64_t wrong = read(memory, size, packed, packed_size, words, &p, &b);
  if (wrong) return wrong;
  return (int64_t)workspace_of(&p, &b, threads_for(&b, threads)).size;
}

int64_t EXPORTED(forward)(real *memory, uint64_t size, uint64_t packed, uint64_t packed_size, uint64_t words,
                          uint64_t work, uint64_t work_size, uint64_t threads, side_by_side together) {
  plan p;
  batch b;
  const int64_t wrong = read(memory, size, packed, packed_size, words, &p, &b);
  if (wrong) return wrong;
  const uint32_t used = threads_for(&b, threads);
  const workspace w = workspace_of(&p, &b, used);
  real *place = at_word(memory, size, work, work_size);
  if (!place || w.size > work_size) return TOO_LITTLE_MEMORY;
  if (!stands_apart(&p, &b, memory + packed, place, w.size)) return WRONG_BATCH;
  progress r = {&p, memory + packed, &b, &w, place, 0};
  run(&r, used, together);
  return FINE;
}
