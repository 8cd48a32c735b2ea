// Words that nobody wrote in good faith: the same ones in every run.

#include <math.h>
#include <stdint.h>

static uint64_t state = 88172645463325252ull;
static uint32_t random_below(uint64_t most) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)((state >> 16) % most);
}

static int32_t bits(float x) {
  union { float f; int32_t i; } of = {x};
  return of.i;
}

static int32_t edge(int32_t before) {
  const int32_t whole[] = {
      0, 1, -1, 2, 3, 4, 5, 8, 9, 17, 33, 64, 1024, 4096, 4097, 65536, 65537, 1 << 20, 1 << 28, (1 << 28) + 1,
      INT32_MAX, INT32_MIN, INT32_MAX - 1, (int32_t)0xfffffff0u, 0x40000000, 0x20000000,
  };
  const float real[] = {
      0.0f, -0.0f, 1.0f, -1.0f, NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 3.4e38f, 1e-40f, -1e-40f, 0.5f, 1e9f, 1e-9f,
      0.01f, 1000, 88, -88, 2147483648.0f, 4294967296.0f,
  };
  switch (random_below(8)) {
    case 0: return (int32_t)((uint32_t)before + 1);
    case 1: return (int32_t)((uint32_t)before - 1);
    case 2: return (int32_t)((uint32_t)before * 2);
    case 3: return (int32_t)((uint32_t)random_below(1u << 16) << 16 | random_below(1u << 16));
    case 4: return (int32_t)random_below(64);
    case 5: return bits(real[random_below(sizeof real / sizeof *real)]);
    default: return whole[random_below(sizeof whole / sizeof *whole)];
  }
}

static void change(int32_t *words, uint64_t count) {
  if (count == 0) return;
  const uint64_t at = random_below(count);
  // Two words may change places, too.
  if (random_below(4) == 0) {
    const uint64_t other = random_below(count);
    const int32_t before = words[at];
    words[at] = words[other];
    words[other] = before;
  } else {
    words[at] = edge(words[at]);
  }
}
