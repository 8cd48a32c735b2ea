// Periodic images of the atoms of one cell within a sphere, in float64: counted and summed first, which is what symmetry
// and overlaps are looked for with, then written as the images of a batch (batch.h). Small cells go through all pairs and
// the lattice vectors within reach, large ones through bins, in time linear in the atoms.

#ifndef TABLE_H
#define TABLE_H

#include "memory.h"

// Words of a cell: counts and places of arrays. Those of float64 take NUMBER words a number.
enum cell_words {
  CELL_ATOMS,
  // [BASIS_NUMBERS] below; [N, 3] fractional coordinates; [N] Å and occupancy
  CELL_BASIS, CELL_PLACES, CELL_RADII, CELL_OCCUPIED,
  // room for the lattice vectors of small cells: [3, shifts] x, y and z, in shells of 1 Å from the shortest on; [shells] how
  // many are in them and before
  CELL_SHIFTS, CELL_SHIFT_LIST, CELL_SHELLS, CELL_SHELL_END,
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
// Rows of a basis of the lattice, Å; distances of its planes; the radius; half of the longest diagonal.
enum basis_numbers { BASIS, HEIGHTS = 9, RADIUS = 12, DIAGONAL, BASIS_NUMBERS };

// Images nearer than this, Å², are the atom itself.
#define OWN 1e-5
// Sites whose occupancies add up to no more are never occupied together.
#define TOGETHER 1.05

typedef double number __attribute__((aligned(sizeof(word))));
#define NUMBER (sizeof(double) / sizeof(word))
// Of float64 in a register.
#if defined(__AVX__)
#define NUMBERS 4
#else
#define NUMBERS 2
#endif

typedef struct {
  uint32_t atoms, shifts, shells, rows, bins[3];
  const number *basis, *places, *radii, *occupied;
  number *shift_list;
  word *shell_end;
  word *images, *pairs;
  number *sums, *closest;
  const word *row_list, *atom_number;
  word *pair_start, *pair_atom, *image_start;
  real *distance2, *unit;
  uint32_t first_atom, first_pair, first_image, most_pairs, most_images;
  word *order, *bin_start;
  number *positions;
} cell;

static int read_cell(const word *words, real *memory, uint64_t size, cell *c) {
  if (!within(words[CELL_ATOMS], 1, 1 << 20) || !within(words[CELL_SHIFTS], 1, 1 << 22)) return 0;
  for (int m = 0; m < 3; m++) {
    if (!within(words[CELL_BINS1 + m], 0, 1 << 10)) return 0;
    c->bins[m] = (uint32_t)words[CELL_BINS1 + m];
  }
  c->atoms = (uint32_t)words[CELL_ATOMS];
  c->shifts = (uint32_t)words[CELL_SHIFTS];
  const uint64_t atoms = c->atoms, bins = (uint64_t)c->bins[0] * c->bins[1] * c->bins[2];
  c->basis = array_at(words, CELL_BASIS, NUMBER * BASIS_NUMBERS, memory, size);
  c->places = array_at(words, CELL_PLACES, 3 * NUMBER * atoms, memory, size);
  c->shift_list = array_at(words, CELL_SHIFT_LIST, 3 * NUMBER * (uint64_t)c->shifts, memory, size);
  if (!within(words[CELL_SHELLS], 1, 1 << 16)) return 0;
  c->shells = (uint32_t)words[CELL_SHELLS];
  c->shell_end = array_at(words, CELL_SHELL_END, c->shells, memory, size);
  if (!c->basis || !c->places || !c->shift_list || !c->shell_end) return 0;
  for (int n = 0; n < BASIS_NUMBERS; n++) {
    if (!(c->basis[n] > -1e6 && c->basis[n] < 1e6)) return 0;
  }
  for (uint64_t n = 0; n < 3 * atoms; n++) {
    if (!(c->places[n] > -1e7 && c->places[n] < 1e7)) return 0;
  }
  c->order = c->bin_start = NULL;
  c->positions = NULL;
  if (bins == 0) return c->bins[0] == 0;
  for (int m = 0; m < 3; m++) {
    // No more than a few bins are within reach.
    if (!(c->basis[HEIGHTS + m] > 0 && c->basis[RADIUS] * c->bins[m] < 64 * c->basis[HEIGHTS + m])) return 0;
  }
  c->order = array_at(words, CELL_ORDER, atoms, memory, size);
  c->bin_start = array_at(words, CELL_BIN_START, bins + 1, memory, size);
  c->positions = array_at(words, CELL_POSITIONS, 3 * NUMBER * atoms, memory, size);
  return bins <= 1 << 24 && c->order && c->bin_start && c->positions;
}

// What is worked in, and what is read of a cell.
#define OWN_ARRAYS 5
#define WORKED_IN(c) \
  {c->shift_list, 3 * NUMBER * (uint64_t)c->shifts}, {c->shell_end, c->shells}, {c->order, c->atoms}, {c->bin_start, (uint64_t)c->bins[0] * c->bins[1] * c->bins[2] + 1}, {c->positions, 3 * NUMBER * (uint64_t)c->atoms}
#define GIVEN(c) \
  {c->basis, NUMBER * BASIS_NUMBERS}, {c->places, 3 * NUMBER * (uint64_t)c->atoms}

static int read_survey(const word *words, real *memory, uint64_t size, cell *c) {
  if (!read_cell(words, memory, size, c)) return 0;
  const uint64_t atoms = c->atoms;
  c->radii = array_at(words, CELL_RADII, NUMBER * atoms, memory, size);
  c->occupied = array_at(words, CELL_OCCUPIED, NUMBER * atoms, memory, size);
  c->images = array_at(words, CELL_IMAGES, atoms, memory, size);
  c->pairs = array_at(words, CELL_PAIRS, atoms, memory, size);
  c->sums = array_at(words, CELL_SUMS, NUMBER * atoms, memory, size);
  c->closest = array_at(words, CELL_CLOSEST, 4 * NUMBER, memory, size);
  if (!c->radii || !c->occupied || !c->images || !c->pairs || !c->sums || !c->closest) return 0;
  const part parts[] = {
      {c->images, atoms}, {c->pairs, atoms}, {c->sums, NUMBER * atoms}, {c->closest, 4 * NUMBER}, WORKED_IN(c), GIVEN(c),
      {c->radii, NUMBER * atoms}, {c->occupied, NUMBER * atoms},
  };
  return are_apart(parts, sizeof parts / sizeof parts[0], 4 + OWN_ARRAYS);
}

static int read_rows(const word *words, real *memory, uint64_t size, cell *c) {
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
      {c->distance2, images}, {c->unit, 3 * images}, WORKED_IN(c), GIVEN(c), {c->row_list, c->rows}, {c->atom_number, c->atoms},
  };
  return are_apart(parts, sizeof parts / sizeof parts[0], 5 + OWN_ARRAYS);
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

INLINE double larger_number(double a, double b) { return a > b ? a : b; }

// The lattice vectors that can lead from the nearest image of an atom to one within the radius, by shells. In axes where
// the basis is triangular those in a sphere are an interval of n1, for each n1 one of n2, for each of these one of n3.
// Returns 0 when there is too little room.
static int find_shifts(const cell *c) {
  const number *l1 = c->basis, *l2 = l1 + 3, *l3 = l1 + 6;
  double e3[3], e2[3], w1 = 0, w2 = 0, v1 = 0, u2 = 0, v22 = 0, w32 = 0;
  for (int x = 0; x < 3; x++) w32 += l3[x] * l3[x];
  const double w3 = __builtin_sqrt(w32);
  for (int x = 0; x < 3; x++) e3[x] = l3[x] / w3, w1 += l1[x] * e3[x], w2 += l2[x] * e3[x];
  for (int x = 0; x < 3; x++) e2[x] = l2[x] - w2 * e3[x], v22 += e2[x] * e2[x];
  const double v2 = __builtin_sqrt(v22);
  for (int x = 0; x < 3; x++) e2[x] /= v2, v1 += l1[x] * e2[x];
  for (int x = 0; x < 3; x++) {
    const double u = l1[x] - v1 * e2[x] - w1 * e3[x];
    u2 += u * u;
  }
  const double u1 = __builtin_sqrt(u2), radius = c->basis[RADIUS] + c->basis[DIAGONAL];
  if (!(u1 > 0 && v2 > 0 && w3 > 0 && radius > 0 && radius / w3 < 1e6)) return 0;
  if (!(radius / u1 < 1e6 && radius / v2 < 1e6 && radius / u1 * (radius / v2) < 1e7)) return 0;
  for (uint32_t n = 0; n < c->shells; n++) c->shell_end[n] = 0;
  const int32_t last1 = (int32_t)below(radius / u1);
  uint32_t total = 0;
  // First counted by shells, then placed from the end of each on.
  for (int pass = 0; pass < 2; pass++) {
    for (int32_t n1 = -last1; n1 <= last1; n1++) {
      const double u = n1 * u1, disc2 = radius * radius - u * u, disc = __builtin_sqrt(larger_number(disc2, 0));
      const int32_t last2 = (int32_t)below((disc - n1 * v1) / v2);
      for (int32_t n2 = -(int32_t)below((disc + n1 * v1) / v2); n2 <= last2; n2++) {
        const double v = n1 * v1 + n2 * v2, w = n1 * w1 + n2 * w2;
        const double chord = __builtin_sqrt(larger_number(disc2 - v * v, 0));
        const int32_t last3 = (int32_t)below((chord - w) / w3);
        for (int32_t n3 = -(int32_t)below((chord + w) / w3); n3 <= last3; n3++) {
          const double along = w + n3 * w3;
          const uint32_t length = (uint32_t)__builtin_sqrt(u * u + v * v + along * along);
          const uint32_t shell = length < c->shells ? length : c->shells - 1;
          if (pass == 0) {
            if (++total > c->shifts) return 0;
            c->shell_end[shell]++;
            continue;
          }
          const int32_t at = --c->shell_end[shell];
          for (int x = 0; x < 3; x++) {
            c->shift_list[(size_t)x * c->shifts + at] = n1 * l1[x] + n2 * l2[x] + n3 * l3[x];
          }
        }
      }
    }
    if (pass == 0) {
      for (uint32_t n = 1; n < c->shells; n++) c->shell_end[n] += c->shell_end[n - 1];
    }
  }
  // Now each says where its shell begins.
  for (uint32_t n = 0; n < c->shells; n++) c->shell_end[n] = n + 1 < c->shells ? c->shell_end[n + 1] : (int32_t)total;
  return 1;
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

// One image that is written, (x, y, z) from its atom, of atom j. Returns 0 when there is no more room.
INLINE int write_image(const cell *c, uint32_t j, double x, double y, double z, double d2, seen *s) {
  if (s->image >= c->most_images) return 0;
  if (s->last != (int32_t)j) {
    if (s->pair >= c->most_pairs) return 0;
    c->pair_atom[s->pair] = (int32_t)c->first_atom + c->atom_number[j];
    s->last = (int32_t)j;
    s->pair++;
  }
  c->distance2[s->image] = (real)d2;
  if (c->unit) {
    const double scale = d2 > OWN ? 1 / __builtin_sqrt(d2) : 0;
    real *to = c->unit + 3 * (size_t)s->image;
    to[0] = (real)(x * scale), to[1] = (real)(y * scale), to[2] = (real)(z * scale);
  }
  s->image++;
  c->image_start[s->pair] = (int32_t)s->image;
  return 1;
}

// Atoms i and j at the squared distance d2: whether they are the closest by the sum of their radii.
INLINE void compare(const cell *c, uint32_t i, uint32_t j, double d2, seen *s) {
  const double bond = c->radii[i] + c->radii[j];
  if (d2 >= s->least * bond * bond || c->occupied[i] + c->occupied[j] <= TOGETHER) return;
  s->least = d2 / (bond * bond);
  c->closest[0] = s->least;
  c->closest[1] = i;
  c->closest[2] = j;
  c->closest[3] = d2;
}

// From atom i to the nearest image of atom j as its numbers in the basis tell, and the lattice vectors about it that can
// be within the radius.
INLINE uint32_t between(const cell *c, uint32_t i, uint32_t j, double *p) {
  double f[3];
  for (int m = 0; m < 3; m++) {
    f[m] = c->places[3 * j + m] - c->places[3 * i + m];
    f[m] -= whole(f[m]);
  }
  cartesian(c, f, p);
  const double reach = c->basis[RADIUS] + __builtin_sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
  const uint32_t shell = reach < 65536 ? (uint32_t)reach + 1 : c->shells;
  return (uint32_t)c->shell_end[shell < c->shells ? shell : c->shells - 1];
}

typedef double numbers __attribute__((vector_size(8 * NUMBERS), aligned(4)));
typedef int64_t masks __attribute__((vector_size(8 * NUMBERS)));

// Counts and sums the images of a pair, which each of the two atoms sees of the other.
static void survey_pair(const cell *c, uint32_t i, uint32_t j, double limit, seen *s) {
  const number *tx = c->shift_list, *ty = tx + c->shifts, *tz = ty + c->shifts;
  double p[3];
  const uint32_t count = between(c, i, j, p);
  const double inverse = 1 / limit;
  double sum = 0, nearest = 1e300;
  uint32_t images = 0, n = 0;
  numbers sums = {0}, least = sums + 1e300;
  masks found = {0};
  for (; n + NUMBERS <= count; n += NUMBERS) {
    const numbers x = *(const numbers *)(tx + n) + p[0], y = *(const numbers *)(ty + n) + p[1];
    const numbers z = *(const numbers *)(tz + n) + p[2];
    const numbers d2 = x * x + y * y + z * z;
    const masks is = d2 <= limit, nearer = (d2 < least) & (d2 > 0);
    const numbers share = (numbers)(is & (masks)(1.0 - d2 * inverse));
    found -= is;
    sums += share * share;
    least = (numbers)((nearer & (masks)d2) | (~nearer & (masks)least));
  }
  for (uint32_t k = 0; k < NUMBERS; k++) {
    images += (uint32_t)found[k];
    sum += sums[k];
    if (least[k] < nearest) nearest = least[k];
  }
  for (; n < count; n++) {
    const double x = p[0] + tx[n], y = p[1] + ty[n], z = p[2] + tz[n];
    const double d2 = x * x + y * y + z * z;
    if (d2 > 0 && d2 < nearest) nearest = d2;
    if (d2 > limit) continue;
    images++;
    sum += (1 - d2 * inverse) * (1 - d2 * inverse);
  }
  // Two atoms on one point are a pair at distance 0.
  if (i != j && p[0] == 0 && p[1] == 0 && p[2] == 0) nearest = 0;
  if (images == 0) return;
  compare(c, i, j, nearest, s);
  for (int both = 0; both < (i == j ? 1 : 2); both++) {
    const uint32_t of = both ? j : i;
    c->images[of] += (int32_t)images;
    c->pairs[of]++;
    c->sums[of] += sum;
  }
}

// Writes the images of atom i by pairs.
INLINE int write_pairs(const cell *c, uint32_t i, double limit, seen *s) {
  const number *tx = c->shift_list, *ty = tx + c->shifts, *tz = ty + c->shifts;
  for (uint32_t j = 0; j < c->atoms; j++) {
    double p[3];
    const uint32_t count = between(c, i, j, p);
    for (uint32_t n = 0; n < count; n++) {
      const double x = p[0] + tx[n], y = p[1] + ty[n], z = p[2] + tz[n];
      const double d2 = x * x + y * y + z * z;
      if (d2 <= limit && !write_image(c, j, x, y, z, d2, s)) return 0;
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
          const uint32_t j = (uint32_t)c->order[k];
          if (writes) {
            if (!write_image(c, j, x, y, z, d2, s)) return 0;
            continue;
          }
          s->images++;
          s->sum += (1 - d2 * inverse) * (1 - d2 * inverse);
          if (s->last != (int32_t)j) s->last = (int32_t)j, s->pairs++;
          if (d2 > 0 || i != j) compare(c, i, j, d2, s);
        }
      }
    }
  }
  return 1;
}

// Images, pairs and Σ (1 − r²/R²)² of every atom; and of the two that lie closest by the sum of their radii the squared
// ratio, their numbers and r². 0 when there is too little room.
static int survey_cell(const cell *c) {
  const double limit = c->basis[RADIUS] * c->basis[RADIUS];
  c->closest[0] = 1e300;
  seen s = {0, 0, 0, 1e300, -1, 0, 0};
  if (c->bins[0] == 0) {
    if (!find_shifts(c)) return 0;
    for (uint32_t i = 0; i < c->atoms; i++) c->images[i] = c->pairs[i] = 0, c->sums[i] = 0;
    for (uint32_t i = 0; i < c->atoms; i++) {
      for (uint32_t j = i; j < c->atoms; j++) survey_pair(c, i, j, limit, &s);
    }
    return 1;
  }
  sort_into_bins(c);
  for (uint32_t i = 0; i < c->atoms; i++) {
    s.images = s.pairs = 0;
    s.sum = 0;
    s.last = -1;
    look_at_bins(0, c, i, limit, 1 / limit, &s);
    c->images[i] = (int32_t)s.images;
    c->pairs[i] = (int32_t)s.pairs;
    c->sums[i] = s.sum;
  }
  return 1;
}

// The images of some atoms, behind what is in the arrays of a batch; 0 when there is too little room.
static int write_images(const cell *c) {
  const double limit = c->basis[RADIUS] * c->basis[RADIUS];
  const int by_bins = c->bins[0] > 0;
  if (by_bins) sort_into_bins(c);
  else if (!find_shifts(c)) return 0;
  seen s = {0, 0, 0, 0, -1, c->first_pair, c->first_image};
  if (c->first_pair > c->most_pairs || c->first_image > c->most_images) return 0;
  c->pair_start[c->first_atom] = (int32_t)c->first_pair;
  c->image_start[c->first_pair] = (int32_t)c->first_image;
  for (uint32_t row = 0; row < c->rows; row++) {
    const uint32_t i = (uint32_t)c->row_list[row];
    s.last = -1;
    if (!(by_bins ? look_at_bins(1, c, i, limit, 0, &s) : write_pairs(c, i, limit, &s))) return 0;
    c->pair_start[c->first_atom + row + 1] = (int32_t)s.pair;
  }
  return 1;
}

#endif
