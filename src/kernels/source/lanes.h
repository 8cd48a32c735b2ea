// Vectors of floats for whatever processor this is compiled for. `lanes` are as wide as its registers, for products of
// matrices; `heads` hold one float of each of a few heads of attention, four or eight.

#ifndef LANES_H
#define LANES_H

#include "memory.h"

#if defined(__AVX512F__)
#define LANES 16
#define HEADS 8
// Twelve fit the registers, too, and took 1.7 times as long.
#define TILE_ROWS 6
#elif defined(__AVX__)
#define LANES 8
#define HEADS 8
#define TILE_ROWS 6
#else
#define LANES 4
#define HEADS 4
// Compilers of WebAssembly in browsers keep fewer vectors in registers than a processor has.
#ifdef __wasm__
#define TILE_ROWS 4
#else
#define TILE_ROWS 6
#endif
#endif

typedef float lanes __attribute__((vector_size(4 * LANES), aligned(4)));
typedef int32_t int_lanes __attribute__((vector_size(4 * LANES), aligned(4)));
typedef float heads __attribute__((vector_size(4 * HEADS), aligned(4)));
typedef int32_t int_heads __attribute__((vector_size(4 * HEADS), aligned(4)));
typedef uint32_t uint_heads __attribute__((vector_size(4 * HEADS), aligned(4)));

INLINE lanes load(const float *from) { return *(const lanes *)from; }
INLINE void store(float *to, lanes x) { *(lanes *)to = x; }
INLINE heads load_heads(const float *from) { return *(const heads *)from; }
INLINE void store_heads(float *to, heads x) { *(heads *)to = x; }

// a·b + c, in one rounding where the processor has it.
#if defined(__wasm_relaxed_simd__)
#include <wasm_simd128.h>
INLINE lanes multiply_add(lanes a, lanes b, lanes c) {
  return (lanes)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
}
INLINE heads multiply_add_heads(heads a, heads b, heads c) {
  return (heads)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
}
#else
INLINE lanes multiply_add(lanes a, lanes b, lanes c) { return a * b + c; }
INLINE heads multiply_add_heads(heads a, heads b, heads c) { return a * b + c; }
#endif

INLINE lanes splat(float x) { return x - (lanes){0}; }
INLINE heads splat_heads(float x) { return x - (heads){0}; }

INLINE heads larger(heads a, heads b) {
  const int_heads is = a > b;
  return (heads)((is & (int_heads)a) | (~is & (int_heads)b));
}
INLINE heads smaller(heads a, heads b) {
  const int_heads is = a < b;
  return (heads)((is & (int_heads)a) | (~is & (int_heads)b));
}
INLINE heads absolute(heads a) { return (heads)((int_heads)a & 0x7fffffff); }

INLINE float largest_of(heads x) {
  float most = x[0];
  for (int h = 1; h < HEADS; h++) most = x[h] > most ? x[h] : most;
  return most;
}

// Whether any head is above a limit.
INLINE int any_above(heads x, float limit) {
#if defined(__AVX__)
  return __builtin_ia32_movmskps256((heads)(x > splat_heads(limit))) != 0;
#elif defined(__wasm_simd128__)
  return __builtin_wasm_any_true_v128((int8_t __attribute__((vector_size(16))))(x > splat_heads(limit)));
#else
  return largest_of(x) > limit;
#endif
}

// e^x for x ≤ 88: n·ln 2 is taken off, the rest is a polynomial (Cody and Waite 1980), relative error below 2e-7. Results
// below e^−87 are e^−87, which is as good as nothing and never a subnormal number.
INLINE heads exponential(heads x) {
  const float shift = 12582912.0f;  // 1.5·2²³: adding it rounds to whole numbers, which stand in the lowest bits
  x = larger(x, splat_heads(-87.0f));
  const heads shifted = x * 1.44269504f + shift;
  const heads n = shifted - shift;
  heads r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  heads p = multiply_add_heads(splat_heads(1.0f / 720), r, splat_heads(1.0f / 120));
  p = multiply_add_heads(p, r, splat_heads(1.0f / 24));
  p = multiply_add_heads(p, r, splat_heads(1.0f / 6));
  p = multiply_add_heads(p, r, splat_heads(0.5f));
  p = multiply_add_heads(p, r, splat_heads(1.0f));
  p = multiply_add_heads(p, r, splat_heads(1.0f));
  return (heads)((uint_heads)p + ((uint_heads)shifted << 23));
}

INLINE float square_root(float x) { return __builtin_sqrtf(x); }

#endif
