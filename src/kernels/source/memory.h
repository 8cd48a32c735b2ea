// One memory of words that everything lies in, and what other languages name in it: no place or count is used before it was
// checked. A word holds a number with a fraction or a whole one, of 32 bits each, or of 64 where DOUBLE is defined.

#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef DOUBLE
typedef double real;
typedef int64_t word;
#else
typedef float real;
typedef int32_t word;
#endif

#define INLINE static inline __attribute__((always_inline))
// Of what runs once a network or a run, or rarely: small rather than fast.
#if defined(__clang__)
#define ONCE static __attribute__((minsize, noinline))
#else
#define ONCE static
#endif

// Results of what other languages call.
enum { FINE, WRONG_PLAN = -1, WRONG_BATCH = -2, TOO_LITTLE_MEMORY = -3, WRONG_CELL = -4 };

// `count` words at word `at` of the memory, or null if they are not all there.
INLINE real *at_word(real *memory, uint64_t size, uint64_t at, uint64_t count) {
  return at <= size && count <= size - at ? memory + at : NULL;
}

INLINE int within(word value, int32_t least, int32_t most) { return value >= least && value <= most; }

// [count] words at the place that word `name` of the batch says, or null if they are not all there.
INLINE void *array_at(const word *words, int name, uint64_t count, real *memory, uint64_t size) {
  const uint32_t at = (uint32_t)words[name];
  return at > 0 && at + count <= size ? memory + at : NULL;
}

// An array of words, or none.
typedef struct {
  const void *at;
  uint64_t count;
} part;

// Whether the first `written` of some arrays overlap no other.
INLINE int are_apart(const part *parts, size_t count, size_t written) {
  for (size_t w = 0; w < written; w++) {
    for (size_t n = w + 1; n < count; n++) {
      if (!parts[w].at || !parts[n].at) continue;
      const uint64_t a = (uintptr_t)parts[w].at, b = (uintptr_t)parts[n].at;
      if (a < b + sizeof(word) * parts[n].count && b < a + sizeof(word) * parts[w].count) return 0;
    }
  }
  return 1;
}

#endif
