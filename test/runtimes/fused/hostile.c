// Descriptions, weights and batches that nobody made in good faith, given to the fused engine. Built with sanitizers, which
// watch the words between all parts of its memory; without them, what it must not do is crash.
//
//   hostile DUMP CASES
//
// Reads the networks that dump.ts writes, checks the value of each once, and then computes CASES changed ones. Prints the
// worst error and what became of the cases; the exit code is 1 for a wrong value.

#define GUARD 16
#define VARIANT tried
// So that the small networks here go through several threads, too.
#define ATOMS_OF_A_THREAD 1
#include "forward.c"
#include "mutations.h"
#include "side-by-side.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define MOST_NETWORKS 32
// Words of a case at most: what asks for more is refused, and need not be computed to see that.
#define MOST_WORDS (1 << 20)
// A case that takes longer hangs. The longest take a tenth of a second.
#define SECONDS 20
// Of every network once, and of one case in four: starting threads takes longer than most cases.
static uint64_t threads = 3;
#define F32 1e-5

// Of unistd.h, which has a `read` of its own.
unsigned alarm(unsigned seconds);

typedef struct {
  int32_t count, given, size, batch, values;
  const int32_t *words, *weights, *memory;
  const float *expected;
} network;

// What is asked of the engine: a memory, and the arguments.
typedef struct {
  float *memory;
  uint64_t size, words, count, weights, given, packed, packed_size, batch, work, work_size, threads;
} request;

static uint64_t forward_words(uint64_t from) { return (from + GUARD + 15) / 16 * 16; }

// A memory of exactly the size that is needed, with the batch first and the working words last.
static request lay_out(const network *n, const int32_t *words, uint64_t count, uint64_t given, uint64_t packed_size,
                       uint64_t work_size) {
  request r = {.count = count, .given = given, .packed_size = packed_size, .work_size = work_size, .batch = (uint64_t)n->batch,
               .threads = threads};
  r.words = forward_words((uint64_t)n->size);
  r.weights = forward_words(r.words + count);
  r.packed = forward_words(r.weights + given);
  r.work = forward_words(r.packed + packed_size);
  r.size = r.work + work_size;
  r.memory = malloc(4 * r.size);
  if (!r.memory) abort();
  memset(r.memory, 0xff, 4 * r.size);
  memcpy(r.memory, n->memory, 4 * (size_t)n->size);
  memcpy(r.memory + r.words, words, 4 * count);
  for (uint64_t k = 0; k < given; k++) ((int32_t *)r.memory)[r.weights + k] = n->weights[k % (uint64_t)n->given];
  return r;
}

static void watch(const request *r, uint64_t from, uint64_t end) {
  if (end > from) ASAN_POISON_MEMORY_REGION(r->memory + from, 4 * (end - from));
}

// No word may be touched that is between two parts, of the memory or of the packed and working words in it.
static void watch_gaps(const network *n, const request *r) {
  watch(r, r->words + r->count, r->weights);
  watch(r, r->weights + r->given, r->packed);
  watch(r, r->packed + r->packed_size, r->work);
  plan p;
  batch b;
  if (read(r->memory, r->size, r->packed, r->packed_size, r->batch, &p, &b)) return;
  const uint32_t used = threads_for(&b, r->threads);
  const workspace w = workspace_of(&p, &b, used);
  if (w.size > r->work_size) return;
  // With one thread, two places are the same, and the second of them is not the end of a part.
  for (const uint64_t *at = &w.features + 1; at <= &w.own; at++) watch(r, r->work + *at - GUARD, r->work + *at);
  for (uint32_t t = 0; t < used; t++) {
    const uint64_t own = r->work + w.own + t * w.own_size;
    for (const uint64_t *at = &w.hidden + 1; at <= &w.own_size; at++) watch(r, own + *at - GUARD, own + *at);
  }
  for (uint32_t l = 0; l < p.block_count; l++) {
    const size_t *part = &p.block[l].qkv;
    for (size_t k = 0; k < (sizeof(block_plan) - offsetof(block_plan, qkv)) / sizeof *part; k++) {
      watch(r, r->packed + part[k] - GUARD, r->packed + part[k]);
    }
  }
  for (uint32_t l = 0; l < p.layers; l++) {
    watch(r, r->packed + p.layer_weight[l] - GUARD, r->packed + p.layer_weight[l]);
    watch(r, r->packed + p.layer_bias[l] - GUARD, r->packed + p.layer_bias[l]);
  }
  const struct { const void *at; uint64_t count; } arrays[] = {
      {b.species, (uint64_t)b.atoms * b.occupants}, {b.occupancy, (uint64_t)b.atoms * b.occupants},
      {b.pair_start, b.atoms + 1}, {b.pair_atom, b.pairs}, {b.image_start, b.pairs + 1}, {b.distance2, b.images},
      {p.frames == NO_FRAMES ? NULL : b.unit, 3 * (uint64_t)b.images},
      {p.frames == CELL_FRAMES ? b.frame : NULL, 9 * (uint64_t)b.atoms},
      {b.crystal_start, b.crystals + 1}, {b.share, b.atoms},
      {b.prediction, (uint64_t)b.crystals * p.targets}, {b.embedding, (uint64_t)b.crystals * p.d}, {b.doubt, b.crystals},
      {r->memory + r->batch, BATCH_WORDS},
  };
  watch(r, 0, (uint64_t)n->size);
  for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++) {
    if (arrays[k].at) ASAN_UNPOISON_MEMORY_REGION(arrays[k].at, 4 * arrays[k].count);
  }
}

static int64_t pack_request(const request *r) {
  const int64_t size = packed_size_tried(r->memory, r->size, r->words, r->count, r->given);
  if (size < 0) return size;
  return pack_tried(r->memory, r->size, r->words, r->count, r->weights, r->given, r->packed, r->packed_size);
}

static int64_t run_request(const request *r) {
  const int64_t size = work_size_tried(r->memory, r->size, r->packed, r->packed_size, r->batch, r->threads);
  if (size < 0) return size;
  return forward_tried(r->memory, r->size, r->packed, r->packed_size, r->batch, r->work, r->work_size, r->threads,
                       side_by_side_on_threads);
}

static void finish(request *r) {
  ASAN_UNPOISON_MEMORY_REGION(r->memory, 4 * r->size);
  free(r->memory);
}

static uint64_t work_of(const network *n, const int32_t *words, uint64_t count, uint64_t given, uint64_t packed_size) {
  request r = lay_out(n, words, count, given, packed_size, 0);
  int64_t size = pack_request(&r);
  if (size == FINE) size = work_size_tried(r.memory, r.size, r.packed, r.packed_size, r.batch, r.threads);
  finish(&r);
  return size > 0 && size < MOST_WORDS ? (uint64_t)size : 64;
}

// Largest error of a network as it was written.
static double error_of(const network *n) {
  request r = lay_out(n, n->words, (uint64_t)n->count, (uint64_t)n->given, 0, 0);
  const int64_t packed = packed_size_tried(r.memory, r.size, r.words, r.count, r.given);
  finish(&r);
  if (packed < 0) return INFINITY;
  const uint64_t work = work_of(n, n->words, (uint64_t)n->count, (uint64_t)n->given, (uint64_t)packed);
  r = lay_out(n, n->words, (uint64_t)n->count, (uint64_t)n->given, (uint64_t)packed, work);
  double worst = INFINITY;
  if (pack_request(&r) == FINE) {
    watch_gaps(n, &r);
    if (run_request(&r) == FINE) {
      const float *found = r.memory + ((int32_t *)r.memory)[n->batch + PREDICTION];
      worst = 0;
      for (int32_t k = 0; k < n->values; k++) {
        const double error = fabs((double)found[k] - n->expected[k]) / fmax(1, fabs(n->expected[k]));
        // Not a number is an error, too.
        if (!(error <= worst)) worst = error;
      }
    }
  }
  finish(&r);
  return worst;
}

enum change { DESCRIPTION, WEIGHTS, PLACES, ARRAYS, PACKED, ARGUMENTS, CHANGES };

static void change_arguments(request *r) {
  uint64_t *const arguments[] = {&r->words, &r->count,       &r->weights, &r->given, &r->packed,
                                 &r->packed_size, &r->batch, &r->work,    &r->work_size, &r->threads};
  const size_t count = sizeof arguments / sizeof *arguments;
  uint64_t *one = arguments[random_below(count)];
  switch (random_below(5)) {
    case 0: *one = *arguments[random_below(count)]; break;
    case 1: *one += random_below(64); break;
    case 2: *one -= random_below(64); break;
    case 3: *one = (uint64_t)(int64_t)edge((int32_t)*one); break;
    // A memory that ends sooner.
    case 4: r->size = random_below(r->size); r->memory = realloc(r->memory, r->size > 0 ? 4 * r->size : 1); break;
  }
}

// One changed network or batch. Returns what the engine said.
static int64_t try_case(const network *n, enum change kind) {
  int32_t *words = malloc(4 * (size_t)n->count);
  memcpy(words, n->words, 4 * (size_t)n->count);
  const uint32_t times = 1 + random_below(3);
  // The sizes stand first, and are few beside the lists.
  const uint64_t first = random_below(2) ? DESCRIBED : (uint64_t)n->count;
  for (uint32_t t = 0; kind == DESCRIPTION && t < times; t++) change(words, first);
  uint64_t count = (uint64_t)n->count, given = (uint64_t)n->given, packed_size = 64;
  plan p;
  if (read_plan(words, count, &p)) {
    // As a file would have it that is made to be accepted.
    if (p.described < count) count = p.described;
    if (p.given < MOST_WORDS) given = p.given;
    if (p.packed < MOST_WORDS) packed_size = p.packed;
  }
  request r = lay_out(n, words, count, given, packed_size, work_of(n, words, count, given, packed_size));
  int32_t *memory = (int32_t *)r.memory, *asked = memory + n->batch;
  for (uint32_t t = 0; t < times; t++) {
    if (kind == WEIGHTS) change(memory + r.weights, r.given);
    if (kind == PLACES) change(asked, BATCH_WORDS);
    if (kind == ARRAYS) change(memory + asked[SPECIES + random_below(10)], 1 + random_below(40));
    if (kind == ARGUMENTS) change_arguments(&r);
  }
  int64_t said = pack_request(&r);
  if (kind == PACKED) {
    memory = (int32_t *)r.memory;
    for (uint32_t t = 0; t < times; t++) change(memory + r.packed, random_below(2) ? first : r.packed_size);
  }
  if (said == FINE || kind == PACKED || kind == ARGUMENTS) {
    if (kind != PLACES && kind != ARGUMENTS) watch_gaps(n, &r);
    said = run_request(&r);
  }
  finish(&r);
  free(words);
  return said;
}

static size_t read_networks(const char *path, network *all) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) exit(2);
  const long bytes = ftell(file);
  rewind(file);
  const int32_t *at = malloc((size_t)bytes), *const end = at + bytes / 4;
  if (fread((void *)at, 1, (size_t)bytes, file) != (size_t)bytes) exit(2);
  fclose(file);
  size_t count = 0;
  while (at < end && count < MOST_NETWORKS) {
    network *n = &all[count++];
    *n = (network){at[0], at[1], at[2], at[3], at[4], NULL, NULL, NULL, NULL};
    n->words = at + 5;
    n->weights = n->words + n->count;
    n->memory = n->weights + n->given;
    n->expected = (const float *)(n->memory + n->size);
    at = n->memory + n->size + n->values;
  }
  return count;
}

int main(int argc, char **argv) {
  static network networks[MOST_NETWORKS];
  if (argc != 3) return 2;
  const size_t count = read_networks(argv[1], networks);
  double worst = 0;
  for (size_t n = 0; n < count; n++) {
    const double error = error_of(&networks[n]);
    if (!(error <= worst)) worst = error;
  }
  printf("%zu networks, error %.2e\n", count, worst);
  const long cases = atol(argv[2]);
  long said[4] = {0};
  for (long n = 0; n < cases; n++) {
    alarm(SECONDS);
    threads = random_below(4) ? 1 : 3;
    const int64_t result = try_case(&networks[(size_t)n % count], (enum change)(n / (long)count % CHANGES));
    if (result > 0 || result < TOO_LITTLE_MEMORY) return 1;
    said[-result]++;
  }
  printf("%ld computed, %ld plans, %ld batches and %ld memories refused\n", said[0], said[1], said[2], said[3]);
  return count > 0 && worst < F32 ? 0 : 1;
}
