// The same forward pass as it was compiled for several kinds of one processor family.

#ifndef VARIANTS_H
#define VARIANTS_H

#include "memory.h"
#include "processor.h"
#include "threads.h"

typedef struct {
  int64_t (*packed_size)(real *, uint64_t, uint64_t, uint64_t, uint64_t);
  int64_t (*pack)(real *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
  int64_t (*work_size)(real *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
  int64_t (*forward)(real *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, side_by_side);
} variant;

// Of tables.c.
int64_t survey_cells(real *memory, uint64_t size, uint64_t words);
int64_t write_cells(real *memory, uint64_t size, uint64_t words);

#define DECLARE(v) \
  int64_t packed_size_##v(real *, uint64_t, uint64_t, uint64_t, uint64_t); \
  int64_t pack_##v(real *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t); \
  int64_t work_size_##v(real *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t); \
  int64_t forward_##v(real *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, side_by_side);
#define ROW(v) {packed_size_##v, pack_##v, work_size_##v, forward_##v},

KINDS(DECLARE)
static const variant VARIANTS[] = {KINDS(ROW)};

static const variant *best(void) { return &VARIANTS[used_kind()]; }

#endif
