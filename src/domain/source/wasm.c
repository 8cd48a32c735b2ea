// Products of many rows of whole numbers with one of them: the first look at all centres of a domain (../nearest.ts).

#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(name)))

/** Numbers of a row. */
#define WIDTH 32

extern uint8_t __heap_base;

EXPORT("free_byte") uint32_t free_byte(void) { return ((uint32_t)(uintptr_t)&__heap_base + 15) / 16 * 16; }

/** products[n] = sum over k of rows[n][k] * row[k], which has 32 bits. */
EXPORT("products")
void row_products(uint32_t count, const int16_t *rows, const int16_t *row, int32_t *products) {
  const v128_t r0 = wasm_v128_load(row), r1 = wasm_v128_load(row + 8);
  const v128_t r2 = wasm_v128_load(row + 16), r3 = wasm_v128_load(row + 24);
  for (uint32_t n = 0; n < count; n++, rows += WIDTH) {
    const v128_t left = wasm_i32x4_add(wasm_i32x4_dot_i16x8(wasm_v128_load(rows), r0),
                                       wasm_i32x4_dot_i16x8(wasm_v128_load(rows + 8), r1));
    const v128_t right = wasm_i32x4_add(wasm_i32x4_dot_i16x8(wasm_v128_load(rows + 16), r2),
                                        wasm_i32x4_dot_i16x8(wasm_v128_load(rows + 24), r3));
    const v128_t sum = wasm_i32x4_add(left, right);
    products[n] = wasm_i32x4_extract_lane(sum, 0) + wasm_i32x4_extract_lane(sum, 1) +
                  wasm_i32x4_extract_lane(sum, 2) + wasm_i32x4_extract_lane(sum, 3);
  }
}
