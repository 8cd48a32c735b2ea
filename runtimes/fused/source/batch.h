// Crystals to be computed, as a flat list of images without padding: those of every atom i, grouped into pairs (i, j).
// Every count and index is checked once, before anything is read by it.

#ifndef BATCH_H
#define BATCH_H

#include "plan.h"

// Words of a batch: its counts, and where its arrays begin, in words of the memory that all of it lies in.
enum batch_words {
  ATOMS, OCCUPANTS, CRYSTALS, PAIRS, IMAGES,
  SPECIES, OCCUPANCY, PAIR_START, PAIR_ATOM, IMAGE_START, DISTANCE2, UNIT, FRAME, CRYSTAL_START, SHARE,
  PREDICTION, EMBEDDING, DOUBT,
  BATCH_WORDS
};

typedef struct {
  uint32_t atoms, occupants, crystals, pairs, images;
  // [A, E] row of the embedding, and share of the site
  const word *species;
  const real *occupancy;
  // [A + 1] pairs of an atom; [P] atom j of a pair; [P + 1] images of a pair
  const word *pair_start, *pair_atom, *image_start;
  // [F] Å²; [F, 3] direction, zero for the atom itself; [A, 3, 3] frame of the cell
  const real *distance2, *unit, *frame;
  // [C + 1] atoms of a crystal; [A] share in its mean
  const word *crystal_start;
  const real *share;
  // [C, targets]; [C, d] or null
  real *prediction, *embedding;
  // [C] 1 where rounding may have decided which frame an atom has, or null
  word *doubt;
  // images and pairs of one atom, at most
  uint32_t most_images, most_pairs;
} batch;

// Whether starts are 0, …, end and never descend.
ONCE int ascends(const word *start, uint32_t count, uint32_t end, uint32_t *longest) {
  if (start[0] != 0 || (uint32_t)start[count] != end) return 0;
  *longest = 0;
  for (uint32_t n = 0; n < count; n++) {
    if (start[n + 1] < start[n]) return 0;
    const uint32_t length = (uint32_t)(start[n + 1] - start[n]);
    if (length > *longest) *longest = length;
  }
  return 1;
}

// 0 when any count or index is out of range.
ONCE int read_batch(const plan *p, const word *words, real *memory, uint64_t size, batch *b) {
  const int32_t most = 1 << 28;
  for (int n = ATOMS; n <= IMAGES; n++) {
    if (!within(words[n], 1, most)) return 0;
  }
  b->atoms = (uint32_t)words[ATOMS];
  b->occupants = (uint32_t)words[OCCUPANTS];
  b->crystals = (uint32_t)words[CRYSTALS];
  b->pairs = (uint32_t)words[PAIRS];
  b->images = (uint32_t)words[IMAGES];
  const uint64_t atoms = b->atoms, occupants = b->occupants;
  b->species = array_at(words, SPECIES, atoms * occupants, memory, size);
  b->occupancy = array_at(words, OCCUPANCY, atoms * occupants, memory, size);
  b->pair_start = array_at(words, PAIR_START, atoms + 1, memory, size);
  b->pair_atom = array_at(words, PAIR_ATOM, b->pairs, memory, size);
  b->image_start = array_at(words, IMAGE_START, (uint64_t)b->pairs + 1, memory, size);
  b->distance2 = array_at(words, DISTANCE2, b->images, memory, size);
  b->unit = array_at(words, UNIT, 3 * (uint64_t)b->images, memory, size);
  b->frame = array_at(words, FRAME, 9 * atoms, memory, size);
  b->crystal_start = array_at(words, CRYSTAL_START, (uint64_t)b->crystals + 1, memory, size);
  b->share = array_at(words, SHARE, atoms, memory, size);
  b->prediction = array_at(words, PREDICTION, (uint64_t)b->crystals * p->targets, memory, size);
  b->embedding = array_at(words, EMBEDDING, (uint64_t)b->crystals * p->d, memory, size);
  b->doubt = array_at(words, DOUBT, b->crystals, memory, size);
  if (!b->species || !b->occupancy || !b->pair_start || !b->pair_atom || !b->image_start || !b->distance2) return 0;
  if (!b->crystal_start || !b->share || !b->prediction) return 0;
  if (p->frames != NO_FRAMES && !b->unit) return 0;
  if (p->frames == CELL_FRAMES && !b->frame) return 0;
  if ((words[EMBEDDING] != 0 && !b->embedding) || (words[DOUBT] != 0 && !b->doubt)) return 0;

  uint32_t ignored;
  if (!ascends(b->pair_start, b->atoms, b->pairs, &b->most_pairs)) return 0;
  if (!ascends(b->image_start, b->pairs, b->images, &ignored)) return 0;
  if (!ascends(b->crystal_start, b->crystals, b->atoms, &ignored)) return 0;
  b->most_images = 0;
  for (uint32_t i = 0; i < b->atoms; i++) {
    const word images = b->image_start[b->pair_start[i + 1]] - b->image_start[b->pair_start[i]];
    // An atom sees at least itself: a sum over no image has no mean.
    if (images < 1) return 0;
    if ((uint32_t)images > b->most_images) b->most_images = (uint32_t)images;
  }
  for (uint32_t n = 0; n < b->pairs; n++) {
    if ((uint32_t)b->pair_atom[n] >= b->atoms) return 0;
  }
  for (uint64_t n = 0; n < atoms * occupants; n++) {
    if ((uint32_t)b->species[n] >= p->elements) return 0;
  }
  return 1;
}

// Whether what a run writes lies in nothing else that it reads or writes: indices are checked only once.
ONCE int stands_apart(const plan *p, const batch *b, const real *packed, const real *work, uint64_t work_size) {
  const uint64_t atoms = b->atoms, pairs = b->pairs, images = b->images, crystals = b->crystals;
  const part parts[] = {
      {work, work_size}, {b->prediction, crystals * p->targets}, {b->embedding, crystals * p->d}, {b->doubt, crystals},
      {packed, p->packed}, {b->species, atoms * b->occupants}, {b->occupancy, atoms * b->occupants},
      {b->pair_start, atoms + 1}, {b->pair_atom, pairs}, {b->image_start, pairs + 1}, {b->distance2, images},
      {b->unit, 3 * images}, {b->frame, 9 * atoms}, {b->crystal_start, crystals + 1}, {b->share, atoms},
  };
  return are_apart(parts, sizeof parts / sizeof parts[0], 4);
}

#endif
