// Lists of products, evaluated for the heads of an atom side by side: slot[to] += factor · slot[a] · slot[b], one after the
// other; slot 0 holds 1, then come the inputs, and the last ones are the results.

#ifndef PRODUCTS_H
#define PRODUCTS_H

#include "lanes.h"

typedef struct {
  uint32_t slots, entries;
  // [entries, 3] to, a, b
  const word *places;
  const real *factors;
} product_list;

// The slots of a list for one vector of heads, [slots][HEADS], of which the first `inputs` behind slot 0 are set.
static __attribute__((noinline)) void evaluate(const product_list *list, uint32_t inputs, real *slots) {
  const word *place = list->places;
  store_heads(slots, splat_heads(1));
  for (uint32_t n = 1 + inputs; n < list->slots; n++) store_heads(slots + (size_t)n * HEADS, splat_heads(0));
  for (uint32_t n = 0; n < list->entries; n++, place += 3) {
    real *to = slots + (size_t)place[0] * HEADS;
    const heads term = load_heads(slots + (size_t)place[1] * HEADS) * load_heads(slots + (size_t)place[2] * HEADS);
    store_heads(to, multiply_add_heads(term, splat_heads(list->factors[n]), load_heads(to)));
  }
}

INLINE const real *results(const product_list *list, const real *slots, uint32_t count) {
  return slots + (size_t)(list->slots - count) * HEADS;
}

#endif
