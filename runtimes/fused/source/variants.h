// The same forward pass as it was compiled for several kinds of one processor family, and the best that is here.

#ifndef VARIANTS_H
#define VARIANTS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *name;
  int64_t (*packed_size)(float *, uint64_t, uint64_t, uint64_t, uint64_t);
  int64_t (*pack)(float *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
  int64_t (*work_size)(float *, uint64_t, uint64_t, uint64_t, uint64_t);
  int64_t (*forward)(float *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
} variant;

// Of tables.c.
int64_t survey_cells(float *memory, uint64_t size, uint64_t words);
int64_t write_cells(float *memory, uint64_t size, uint64_t words);

#define DECLARE(v) \
  int64_t packed_size_##v(float *, uint64_t, uint64_t, uint64_t, uint64_t); \
  int64_t pack_##v(float *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t); \
  int64_t work_size_##v(float *, uint64_t, uint64_t, uint64_t, uint64_t); \
  int64_t forward_##v(float *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
#define ROW(v) {#v, packed_size_##v, pack_##v, work_size_##v, forward_##v}

#if defined(__x86_64__)
DECLARE(sse2) DECLARE(avx2) DECLARE(avx512)
static const variant VARIANTS[] = {ROW(avx512), ROW(avx2), ROW(sse2)};

static void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(0));
}

// Whether the processor has the instructions, and the system saves their registers.
static int runs(size_t n) {
  if (n == 2) return 1;
  uint32_t a, b, c, d, state, high;
  cpuid(0, &a, &b, &c, &d);
  if (a < 7) return 0;
  cpuid(1, &a, &b, &c, &d);
  const uint32_t needed = 1u << 12 | 1u << 27 | 1u << 28;  // FMA, OSXSAVE, AVX
  if ((c & needed) != needed) return 0;
  __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
  cpuid(7, &a, &b, &c, &d);
  const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  if (n == 1) return (state & 0x6) == 0x6 && (b & 1u << 5);
  return (state & 0xe6) == 0xe6 && (b & avx512) == avx512;
}
#elif defined(__aarch64__)
DECLARE(neon)
static const variant VARIANTS[] = {ROW(neon)};
static int runs(size_t n) { return n == 0; }
#endif

#define VARIANT_COUNT (sizeof VARIANTS / sizeof VARIANTS[0])

static const variant *used;

// Several threads may set it at once, all to the same.
static const variant *best(void) {
  for (size_t n = 0; !used && n < VARIANT_COUNT; n++) {
    if (runs(n)) used = &VARIANTS[n];
  }
  return used;
}

static int choose_variant(const char *name) {
  for (size_t n = 0; n < VARIANT_COUNT; n++) {
    const char *a = name, *b = VARIANTS[n].name;
    while (*a && *a == *b) a++, b++;
    if (*a != *b || !runs(n)) continue;
    used = &VARIANTS[n];
    return 1;
  }
  return 0;
}

#endif
