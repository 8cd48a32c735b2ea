// The arguments of a kernel: plain numbers, one after the other. A place is a number of bytes from the beginning of a heap.
// They are taken as they come: who calls makes them from the tensors of that heap.

#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "memory.h"

#define MOST_ARGUMENTS 24

typedef struct {
  uint8_t *heap;
  const double *next;
} arguments;

INLINE size_t count(arguments *a) { return (size_t)*a->next++; }
INLINE float number(arguments *a) { return (float)*a->next++; }
INLINE float *floats(arguments *a) { return (float *)(a->heap + count(a)); }
INLINE int32_t *ints(arguments *a) { return (int32_t *)(a->heap + count(a)); }

#endif
