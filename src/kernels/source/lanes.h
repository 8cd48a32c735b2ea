// Vectors of floats for whatever processor this is compiled for. `lanes` are as wide as its registers, for products of
// matrices; `heads` hold one of each of a few heads of attention, four or eight.

#ifndef LANES_H
#define LANES_H

#include "memory.h"

#if defined(DOUBLE) && defined(__AVX512F__)
#define LANES 8
#define HEADS 8
#define TILE_ROWS 6
#elif defined(DOUBLE) && defined(__AVX__)
#define LANES 4
#define HEADS 4
#define TILE_ROWS 6
#elif defined(DOUBLE)
#define LANES 2
#define HEADS 4
#define TILE_ROWS 2
#elif defined(__AVX512F__)
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

#define VECTOR(count) __attribute__((vector_size(sizeof(word) * (count)), aligned(sizeof(word))))
typedef real lanes VECTOR(LANES);
typedef word int_lanes VECTOR(LANES);
typedef real heads VECTOR(HEADS);
typedef word int_heads VECTOR(HEADS);

// Bits of a fraction, and what rounds to whole numbers when it is added: they stand in the lowest bits then.
#ifdef DOUBLE
typedef uint64_t uint_heads VECTOR(HEADS);
#define FRACTION 52
#define ROUNDING 6755399441055744.0
#define SIGNLESS INT64_MAX
#else
typedef uint32_t uint_heads VECTOR(HEADS);
#define FRACTION 23
#define ROUNDING 12582912.0f
#define SIGNLESS INT32_MAX
#endif

INLINE lanes load(const real *from) { return *(const lanes *)from; }
INLINE void store(real *to, lanes x) { *(lanes *)to = x; }
INLINE heads load_heads(const real *from) { return *(const heads *)from; }
INLINE void store_heads(real *to, heads x) { *(heads *)to = x; }

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

INLINE lanes splat(real x) { return x - (lanes){0}; }
INLINE heads splat_heads(real x) { return x - (heads){0}; }

INLINE heads larger(heads a, heads b) {
  const int_heads is = a > b;
  return (heads)((is & (int_heads)a) | (~is & (int_heads)b));
}
INLINE heads smaller(heads a, heads b) {
  const int_heads is = a < b;
  return (heads)((is & (int_heads)a) | (~is & (int_heads)b));
}
INLINE heads absolute(heads a) { return (heads)((int_heads)a & SIGNLESS); }

INLINE real largest_of(heads x) {
  real most = x[0];
  for (int h = 1; h < HEADS; h++) most = x[h] > most ? x[h] : most;
  return most;
}

// Whether any head is above a limit.
INLINE int any_above(heads x, real limit) {
#if defined(__AVX__) && !defined(DOUBLE)
  return __builtin_ia32_movmskps256((heads)(x > splat_heads(limit))) != 0;
#elif defined(__wasm_simd128__) && !defined(DOUBLE)
  return __builtin_wasm_any_true_v128((int8_t __attribute__((vector_size(16))))(x > splat_heads(limit)));
#else
  return largest_of(x) > limit;
#endif
}

// e^x for x ≤ 88: n·ln 2 is taken off, the rest is a polynomial (Cody and Waite 1980), relative error below 2e-7, or a unit
// in the last place of float64. Results below e^−87 are e^−87, which is as good as nothing and never a subnormal number.
#ifdef DOUBLE
#define LEAST_EXPONENT -700.0
#define PER_LN2 1.4426950408889634
#define LN2_HIGH 0.69314718036912382
#define LN2_LOW 1.9082149292705877e-10
#define TERMS_OF_EXPONENTIAL 14
#else
#define LEAST_EXPONENT -87.0f
#define PER_LN2 1.44269504f
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f
#define TERMS_OF_EXPONENTIAL 7
#endif
INLINE heads exponential(heads x) {
  static const real INVERSE_FACTORIAL[14] = {
      1, 1, 0.5, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800,
      1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  x = larger(x, splat_heads(LEAST_EXPONENT));
  const heads shifted = x * PER_LN2 + ROUNDING;
  const heads n = shifted - ROUNDING;
  heads r = x - n * LN2_HIGH;
  r = r - n * LN2_LOW;
  heads p = splat_heads(INVERSE_FACTORIAL[TERMS_OF_EXPONENTIAL - 1]);
  for (int k = TERMS_OF_EXPONENTIAL - 2; k >= 0; k--) p = multiply_add_heads(p, r, splat_heads(INVERSE_FACTORIAL[k]));
  return (heads)((uint_heads)p + ((uint_heads)shifted << FRACTION));
}

#ifdef DOUBLE
INLINE real square_root(real x) { return __builtin_sqrt(x); }
#else
INLINE real square_root(real x) { return __builtin_sqrtf(x); }
#endif

#endif
