// The kinds of processors of a family that code is compiled for, and the best one that is here.

#ifndef PROCESSOR_H
#define PROCESSOR_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#define KINDS(each) each(avx512) each(avx2) each(sse2)

static void cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  __asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(0));
}

// Whether the processor has the instructions, and the system saves their registers.
static int runs(size_t kind) {
  if (kind == 2) return 1;
  uint32_t a, b, c, d, state, high;
  cpuid(0, &a, &b, &c, &d);
  if (a < 7) return 0;
  cpuid(1, &a, &b, &c, &d);
  const uint32_t needed = 1u << 12 | 1u << 27 | 1u << 28;  // FMA, OSXSAVE, AVX
  if ((c & needed) != needed) return 0;
  __asm__ volatile("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
  cpuid(7, &a, &b, &c, &d);
  const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // F, DQ, BW, VL
  if (kind == 1) return (state & 0x6) == 0x6 && (b & 1u << 5);
  return (state & 0xe6) == 0xe6 && (b & avx512) == avx512;
}
#elif defined(__aarch64__)
#define KINDS(each) each(neon)

static int runs(size_t kind) { return kind == 0; }
#endif

#define KIND_NAME(kind) #kind,
static const char *const KIND_NAMES[] = {KINDS(KIND_NAME)};
#define KIND_COUNT (sizeof KIND_NAMES / sizeof KIND_NAMES[0])

// The number of the kind that is used, from 1 on; 0 before it is known.
static size_t used;

// Several threads may set it at once, all to the same.
static size_t used_kind(void) {
  for (size_t kind = 0; !used && kind < KIND_COUNT; kind++) {
    if (runs(kind)) used = kind + 1;
  }
  return used - 1;
}

static int use_kind(const char *name) {
  for (size_t kind = 0; kind < KIND_COUNT; kind++) {
    const char *a = name, *b = KIND_NAMES[kind];
    while (*a && *a == *b) a++, b++;
    if (*a != *b || !runs(kind)) continue;
    used = kind + 1;
    return 1;
  }
  return 0;
}

#endif
