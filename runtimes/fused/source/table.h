// Periodic images of the atoms of one cell within a sphere, in float64: counted and summed first, which is what symmetry
// and overlaps are looked for with, then written as the images of a batch (batch.h). Small cells go through all pairs and
// the lattice vectors within reach, large ones through bins, in time linear in the atoms.

#ifndef TABLE_H
#define TABLE_H

#include "batch.h"

// Words of a cell: counts and places of arrays. Those of float64 take two words a number.
enum cell_words {
  CELL_ATOMS, CELL_SHIFTS,
  // [BASIS_NUMBERS] below; [N, 3] fractional coordinates; [3, shifts] x, y and z of lattice vectors; [N] Å and occupancy
  CELL_BASIS, CELL_PLACES, CELL_SHIFT_LIST, CELL_RADII, CELL_OCCUPIED,
  // of a survey: [N] images, [N] pairs, [N] sums, [4] closest pair
  CELL_IMAGES, CELL_PAIRS, CELL_SUMS, CELL_CLOSEST,
  // of images: [rows] atoms that have them, [N] number of every atom among those; where the arrays of the batch begin and
  // how many atoms, pairs and images are in them already and may be
  CELL_ROWS, CELL_ROW_LIST, CELL_NUMBER,
  CELL_PAIR_START, CELL_PAIR_ATOM, CELL_IMAGE_START, CELL_DISTANCE2, CELL_UNIT,
  CELL_FIRST_ATOM, CELL_FIRST_PAIR, CELL_FIRST_IMAGE, CELL_MOST_PAIRS, CELL_MOST_IMAGES,
  // for large cells: [N] order, [bins + 1] starts, [3, N] positions; bins along each axis, 0 for small cells
  CELL_ORDER, CELL_BIN_START, CELL_POSITIONS, CELL_BINS1, CELL_BINS2, CELL_BINS3,
  CELL_WORDS
};
// Rows of a basis of the lattice, Å; distances of its planes; the radius.
enum basis_numbers { BASIS, HEIGHTS = 9, RADIUS = 12, BASIS_NUMBERS };

// Images nearer than this, Å², are the atom itself.
#define OWN 1e-5
// Sites whose occupancies add up to no more are never occupied together.
#define TOGETHER 1.05

typedef double number __attribute__((aligned(4)));

typedef struct {
  uint32_t atoms, shifts, rows, bins[3];
  const number *basis, *places, *shift_list, *radii, *occupied;
  int32_t *images, *pairs;
  number *sums, *closest;
  const int32_t *row_list, *atom_number;
  int32_t *pair_start, *pair_atom, *image_start;
  float *distance2, *unit;
  uint32_t first_atom, first_pair, first_image, most_pairs, most_images;
  int32_t *order, *bin_start;
  number *positions;
} cell;

static int read_cell(const int32_t *words, float *memory, uint64_t size, cell *c) {
  if (!within(words[CELL_ATOMS], 1, 1 << 20) || !within(words[CELL_SHIFTS], 1, 1 << 22)) return 0;
  for (int m = 0; m < 3; m++) {
    if (!within(words[CELL_BINS1 + m], 0, 1 << 10)) return 0;
    c->bins[m] = (uint32_t)words[CELL_BINS1 + m];
  }
  c->atoms = (uint32_t)words[CELL_ATOMS];
  c->shifts = (uint32_t)words[CELL_SHIFTS];
  const uint64_t atoms = c->atoms, bins = (uint64_t)c->bins[0] * c->bins[1] * c->bins[2];
  c->basis = array_at(words, CELL_BASIS, 2 * BASIS_NUMBERS, memory, size);
  c->places = array_at(words, CELL_PLACES, 6 * atoms, memory, size);
  c->shift_list = array_at(words, CELL_SHIFT_LIST, 6 * (uint64_t)c->shifts, memory, size);
  if (!c->basis || !c->places || !c->shift_list) return 0;
  for (int n = 0; n < BASIS_NUMBERS; n++) {
    if (!(c->basis[n] > -1e6 && c->basis[n] < 1e6)) return 0;
  }
  for (uint64_t n = 0; n < 3 * atoms; n++) {
    if (!(c->places[n] > -1e7 && c->places[n] < 1e7)) return 0;
  }
  c->order = c->bin_start = NULL;
  c->positions = NULL;
  if (bins == 0) return 1;
  for (int m = 0; m < 3; m++) {
    // No more than a few bins are within reach.
    if (!(c->basis[HEIGHTS + m] > 0 && c->basis[RADIUS] * c->bins[m] < 64 * c->basis[HEIGHTS + m])) return 0;
  }
  c->order = array_at(words, CELL_ORDER, atoms, memory, size);
  c->bin_start = array_at(words, CELL_BIN_START, bins + 1, memory, size);
  c->positions = array_at(words, CELL_POSITIONS, 6 * atoms, memory, size);
  return bins <= 1 << 24 && c->order && c->bin_start && c->positions;
}

// What is written of bins, and what is read of a cell.
#define BINS(c) \
  {c->order, c->atoms}, {c->bin_start, (uint64_t)c->bins[0] * c->bins[1] * c->bins[2] + 1}, {c->positions, 6 * (uint64_t)c->atoms}
#define GIVEN(c) \
  {c->basis, 2 * BASIS_NUMBERS}, {c->places, 6 * (uint64_t)c->atoms}, {c->shift_list, 6 * (uint64_t)c->shifts}

static int read_survey(const int32_t *words, float *memory, uint64_t size, cell *c) {
  if (!read_cell(words, memory, size, c)) return 0;
  const uint64_t atoms = c->atoms;
  c->radii = array_at(words, CELL_RADII, 2 * atoms, memory, size);
  c->occupied = array_at(words, CELL_OCCUPIED, 2 * atoms, memory, size);
  c->images = array_at(words, CELL_IMAGES, atoms, memory, size);
  c->pairs = array_at(words, CELL_PAIRS, atoms, memory, size);
  c->sums = array_at(words, CELL_SUMS, 2 * atoms, memory, size);
  c->closest = array_at(words, CELL_CLOSEST, 8, memory, size);
  if (!c->radii || !c->occupied || !c->images || !c->pairs || !c->sums || !c->closest) return 0;
  const part parts[] = {
      {c->images, atoms}, {c->pairs, atoms}, {c->sums, 2 * atoms}, {c->closest, 8}, BINS(c), GIVEN(c),
      {c->radii, 2 * atoms}, {c->occupied, 2 * atoms},
  };
  return are_apart(parts, sizeof parts / sizeof parts[0], 4 + 3);
}

static int read_rows(const int32_t *words, float *memory, uint64_t size, cell *c) {
  if (!read_cell(words, memory, size, c) || !within(words[CELL_ROWS], 1, (int32_t)c->atoms)) return 0;
  for (int n = CELL_FIRST_ATOM; n <= CELL_MOST_IMAGES; n++) {
    if (!within(words[n], 0, 1 << 28)) return 0;
  }
  c->rows = (uint32_t)words[CELL_ROWS];
  c->first_atom = (uint32_t)words[CELL_FIRST_ATOM];
  c->first_pair = (uint32_t)words[CELL_FIRST_PAIR];
  c->first_image = (uint32_t)words[CELL_FIRST_IMAGE];
  c->most_pairs = (uint32_t)words[CELL_MOST_PAIRS];
  c->most_images = (uint32_t)words[CELL_MOST_IMAGES];
  c->row_list = array_at(words, CELL_ROW_LIST, c->rows, memory, size);
  c->atom_number = array_at(words, CELL_NUMBER, c->atoms, memory, size);
  c->pair_start = array_at(words, CELL_PAIR_START, (uint64_t)c->first_atom + c->rows + 1, memory, size);
  c->pair_atom = array_at(words, CELL_PAIR_ATOM, c->most_pairs, memory, size);
  c->image_start = array_at(words, CELL_IMAGE_START, (uint64_t)c->most_pairs + 1, memory, size);
  c->distance2 = array_at(words, CELL_DISTANCE2, c->most_images, memory, size);
  c->unit = array_at(words, CELL_UNIT, 3 * (uint64_t)c->most_images, memory, size);
  if (words[CELL_UNIT] != 0 && !c->unit) return 0;
  if (!c->row_list || !c->atom_number || !c->pair_start || !c->pair_atom || !c->image_start || !c->distance2) return 0;
  for (uint32_t n = 0; n < c->rows; n++) {
    if ((uint32_t)c->row_list[n] >= c->atoms) return 0;
  }
  const uint64_t pairs = c->most_pairs, images = c->most_images;
  const part parts[] = {
      {c->pair_start, (uint64_t)c->first_atom + c->rows + 1}, {c->pair_atom, pairs}, {c->image_start, pairs + 1},
      {c->distance2, images}, {c->unit, 3 * images}, BINS(c), GIVEN(c), {c->row_list, c->rows}, {c->atom_number, c->atoms},
  };
  return are_apart(parts, sizeof parts / sizeof parts[0], 5 + 3);
}

INLINE double whole(double x) {
  const double shift = 6755399441055744.0;  // 1.5·2⁵²: adding it rounds to whole numbers
  return (x + shift) - shift;
}
INLINE double below(double x) {
  const double n = whole(x);
  return n > x ? n - 1 : n;
}

INLINE void cartesian(const cell *c, const double *f, double *to) {
  for (int x = 0; x < 3; x++) to[x] = f[0] * c->basis[x] + f[1] * c->basis[3 + x] + f[2] * c->basis[6 + x];
}

// Atoms by bins: every atom is moved into the cell.
static void sort_into_bins(const cell *c) {
  const uint32_t bins = c->bins[0] * c->bins[1] * c->bins[2];
  for (uint32_t b = 0; b <= bins; b++) c->bin_start[b] = 0;
  for (int pass = 0; pass < 2; pass++) {
    for (uint32_t j = c->atoms; j-- > 0;) {
      double f[3];
      uint32_t bin = 0;
      for (int m = 0; m < 3; m++) {
        f[m] = c->places[3 * j + m] - below(c->places[3 * j + m]);
        uint32_t at = (uint32_t)(f[m] * c->bins[m]);
        if (at >= c->bins[m]) at = c->bins[m] - 1;
        bin = bin * c->bins[m] + at;
      }
      if (pass == 0) c->bin_start[bin]++;
      else {
        double p[3];
        cartesian(c, f, p);
        const int32_t at = --c->bin_start[bin];
        c->order[at] = (int32_t)j;
        for (int x = 0; x < 3; x++) c->positions[(size_t)x * c->atoms + at] = p[x];
      }
    }
    if (pass == 0) {
      for (uint32_t b = 1; b <= bins; b++) c->bin_start[b] += c->bin_start[b - 1];
    }
  }
}

// What is made of the images of one atom.
typedef struct {
  // of a survey
  uint32_t images, pairs;
  double sum, least;
  int32_t last;
  // of images that are written
  uint32_t pair, image;
} seen;

// One image, (x, y, z) from atom i, of atom j. Returns 0 when there is no more room.
INLINE int see(const int writes, const cell *c, uint32_t i, uint32_t j, double x, double y, double z, double d2,
               double inverse, seen *s) {
  if (writes) {
    if (s->image >= c->most_images) return 0;
    if (s->last != (int32_t)j) {
      if (s->pair >= c->most_pairs) return 0;
      c->pair_atom[s->pair] = (int32_t)c->first_atom + c->atom_number[j];
      s->last = (int32_t)j;
      s->pair++;
    }
    c->distance2[s->image] = (float)d2;
    if (c->unit) {
      const double scale = d2 > OWN ? 1 / __builtin_sqrt(d2) : 0;
      float *to = c->unit + 3 * (size_t)s->image;
      to[0] = (float)(x * scale), to[1] = (float)(y * scale), to[2] = (float)(z * scale);
    }
    s->image++;
    c->image_start[s->pair] = (int32_t)s->image;
    return 1;
  }
  const double share = 1 - d2 * inverse;
  s->images++;
  s->sum += share * share;
  if (s->last != (int32_t)j) s->last = (int32_t)j, s->pairs++;
  const double bond = c->radii[i] + c->radii[j];
  if (d2 < s->least * bond * bond && !(d2 == 0 && i == j) && c->occupied[i] + c->occupied[j] > TOGETHER) {
    s->least = d2 / (bond * bond);
    c->closest[0] = s->least;
    c->closest[1] = i;
    c->closest[2] = j;
    c->closest[3] = d2;
  }
  return 1;
}

// Images of atom i by pairs: lattice vectors about the nearest image of every atom.
INLINE int look_at_pairs(const int writes, const cell *c, uint32_t i, double limit, double inverse, seen *s) {
  const number *tx = c->shift_list, *ty = tx + c->shifts, *tz = ty + c->shifts;
  for (uint32_t j = 0; j < c->atoms; j++) {
    double f[3], p[3];
    for (int m = 0; m < 3; m++) {
      f[m] = c->places[3 * j + m] - c->places[3 * i + m];
      f[m] -= whole(f[m]);
    }
    cartesian(c, f, p);
    for (uint32_t n = 0; n < c->shifts; n++) {
      const double x = p[0] + tx[n], y = p[1] + ty[n], z = p[2] + tz[n];
      const double d2 = x * x + y * y + z * z;
      if (d2 > limit) continue;
      if (!see(writes, c, i, j, x, y, z, d2, inverse, s)) return 0;
    }
  }
  return 1;
}

// The same by bins.
INLINE int look_at_bins(const int writes, const cell *c, uint32_t i, double limit, double inverse, seen *s) {
  double f[3], p[3];
  int32_t first[3], last[3];
  const double radius = c->basis[RADIUS];
  for (int m = 0; m < 3; m++) {
    f[m] = c->places[3 * i + m] - below(c->places[3 * i + m]);
    const double reach = radius / c->basis[HEIGHTS + m];
    first[m] = (int32_t)below((f[m] - reach) * c->bins[m]);
    last[m] = (int32_t)below((f[m] + reach) * c->bins[m]);
  }
  cartesian(c, f, p);
  int32_t at[3];
  for (at[0] = first[0]; at[0] <= last[0]; at[0]++) {
    for (at[1] = first[1]; at[1] <= last[1]; at[1]++) {
      for (at[2] = first[2]; at[2] <= last[2]; at[2]++) {
        double n[3], shift[3];
        uint32_t bin = 0;
        for (int m = 0; m < 3; m++) {
          n[m] = below((double)at[m] / c->bins[m]);
          bin = bin * c->bins[m] + (uint32_t)(at[m] - (int32_t)n[m] * (int32_t)c->bins[m]);
        }
        cartesian(c, n, shift);
        for (int32_t k = c->bin_start[bin]; k < c->bin_start[bin + 1]; k++) {
          const double x = c->positions[k] + shift[0] - p[0];
          const double y = c->positions[c->atoms + k] + shift[1] - p[1];
          const double z = c->positions[2 * (size_t)c->atoms + k] + shift[2] - p[2];
          const double d2 = x * x + y * y + z * z;
          if (d2 > limit) continue;
          if (!see(writes, c, i, (uint32_t)c->order[k], x, y, z, d2, inverse, s)) return 0;
        }
      }
    }
  }
  return 1;
}

// Images, pairs and Σ (1 − r²/R²)² of every atom; and of the two that lie closest by the sum of their radii the squared
// ratio, their numbers and r².
static void survey_cell(const cell *c) {
  const double limit = c->basis[RADIUS] * c->basis[RADIUS], inverse = 1 / limit;
  const int by_bins = c->bins[0] > 0;
  if (by_bins) sort_into_bins(c);
  c->closest[0] = 1e300;
  seen s = {0, 0, 0, 1e300, -1, 0, 0};
  for (uint32_t i = 0; i < c->atoms; i++) {
    s.images = s.pairs = 0;
    s.sum = 0;
    s.last = -1;
    if (by_bins) look_at_bins(0, c, i, limit, inverse, &s);
    else look_at_pairs(0, c, i, limit, inverse, &s);
    c->images[i] = (int32_t)s.images;
    c->pairs[i] = (int32_t)s.pairs;
    c->sums[i] = s.sum;
  }
}

// The images of some atoms, behind what is in the arrays of a batch; 0 when there is too little room.
static int write_images(const cell *c) {
  const double limit = c->basis[RADIUS] * c->basis[RADIUS];
  const int by_bins = c->bins[0] > 0;
  if (by_bins) sort_into_bins(c);
  seen s = {0, 0, 0, 0, -1, c->first_pair, c->first_image};
  if (c->first_pair > c->most_pairs || c->first_image > c->most_images) return 0;
  c->pair_start[c->first_atom] = (int32_t)c->first_pair;
  c->image_start[c->first_pair] = (int32_t)c->first_image;
  for (uint32_t row = 0; row < c->rows; row++) {
    const uint32_t i = (uint32_t)c->row_list[row];
    s.last = -1;
    if (!(by_bins ? look_at_bins(1, c, i, limit, 0, &s) : look_at_pairs(1, c, i, limit, 0, &s))) return 0;
    c->pair_start[c->first_atom + row + 1] = (int32_t)s.pair;
  }
  return 1;
}

#endif
