// The kernels of training on arrays of exactly the sizes that they say, for the sanitizers: batches of random sizes, heads and
// channels of every width. Prints how many calls were made.

#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>

static uint32_t state = 12345;
static uint32_t below(uint32_t most) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % most;
}
static float unit(void) { return (float)below(2000) / 1000 - 1; }

// Arrays of one call, freed after it.
static void *made[64];
static size_t made_count;
static void *room(size_t count) {
  // Of no byte more, so that the first one beyond is seen.
  return made[made_count++] = malloc(count ? 4 * count : 1);
}
static float *numbers(size_t count) {
  float *x = room(count);
  for (size_t n = 0; n < count; n++) x[n] = unit();
  return x;
}

static double given[MOST_ARGUMENTS];
static size_t given_count;
static void add(double x) { given[given_count++] = x; }
// Places count from address 0 here.
static void add_place(const void *x) { add((double)(uintptr_t)x); }
static unsigned calls;
static void call(kernel *k) {
  arguments all = {(uint8_t *)0, given};
  k(&all);
  given_count = 0;
  calls++;
}

#define DEFINE(name) static double own_##name(arguments *n) { return name(n); }
KERNELS(DEFINE)

static void attention(void) {
  const size_t atoms = 1 + below(5), heads = 4 * (1 + below(4)), channels = 4 * (1 + below(3)), d = heads * channels;
  int32_t *pair_start = room(atoms + 1), *pair_atom = room(4 * atoms);
  pair_start[0] = 0;
  for (size_t i = 0; i < atoms; i++) pair_start[i + 1] = pair_start[i] + 1 + (int32_t)below(3);
  const size_t pairs = (size_t)pair_start[atoms];
  int32_t *image_start = room(pairs + 1);
  image_start[0] = 0;
  for (size_t p = 0; p < pairs; p++) {
    pair_atom[p] = (int32_t)below((uint32_t)atoms);
    image_start[p + 1] = image_start[p] + 1 + (int32_t)below(20);
  }
  const size_t images = (size_t)image_start[pairs];
  size_t most = 0;
  for (size_t i = 0; i < atoms; i++) {
    const size_t own = (size_t)(image_start[pair_start[i + 1]] - image_start[pair_start[i]]);
    if (own > most) most = own;
  }
  float *distance2 = room(images), *directions = room(3 * images);
  for (size_t f = 0; f < images; f++) {
    distance2[f] = (float)below(8000) / 100;
    float *u = directions + 3 * f;
    u[0] = unit(), u[1] = unit(), u[2] = unit();
    const float length = square_root(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
    for (int c = 0; c < 3; c++) u[c] = below(10) == 0 || length == 0 ? 0 : u[c] / length;
    if (u[0] == 0 || u[1] == 0 || u[2] == 0) u[0] = u[1] = u[2] = 0;
  }
  const float *q = numbers(atoms * d), *k = numbers(atoms * d), *v = numbers(atoms * d);
  float *a = numbers(atoms * heads), *weight = room(images * heads);
  for (size_t n = 0; n < atoms * heads; n++) a[n] = a[n] / 10 - 0.2f;

#define SIZES add((double)atoms), add((double)heads), add((double)channels)
#define LISTS add_place(pair_start), add_place(pair_atom), add_place(image_start)
  SIZES, add_place(q), add_place(k), add_place(a), LISTS, add_place(distance2), add_place(weight), add_place(room(2 * atoms * d));
  call(own_weights_forward);
  SIZES, add_place(weight), add_place(v), LISTS, add_place(room(atoms * d)), add_place(room(2 * atoms * d));
  call(own_values_forward);
  float *d_weight = room(images * heads);
  SIZES, add_place(weight), add_place(v), LISTS, add_place(q), add_place(d_weight), add_place(room(atoms * d)), add_place(room(3 * atoms * d));
  call(own_values_backward);

  const size_t radial = 8 * below(5), frames = below(3), cells = frames ? 2 + below(15) : 0;
  const size_t degree = frames ? 0 : below(MOST_DEGREE + 1), densities = 1 + below(2);
  const size_t width = radial ? 8 * (1 + below((uint32_t)radial / 8)) : 0;
  const size_t features = radial + 24 * cells + (degree ? densities * (degree + 1) : 0);
  int32_t *start = room(images);
  float *basis = room(images * width);
  if (radial) {
    add((double)images), add((double)radial), add((double)width), add(10.0 / (double)radial), add(1);
    add_place(distance2), add_place(start), add_place(basis);
    call(own_radial_basis);
  }
  const size_t slots = 1 + MEANS + 3 + 20 + POWERS, entries = 40;
  int32_t *places = room(3 * entries);
  for (size_t n = 0; n < 3 * entries; n++) places[n] = (int32_t)(n % 3 ? below((uint32_t)slots) : 1 + below((uint32_t)slots - 1));
  float *axes = numbers(9 * atoms * heads * (frames ? frames : 1));
  if (frames) {
    const float *factors = numbers(entries);
    const int by_signature = (int)below(2);
    const float *other = below(2) ? weight : numbers(images * heads);
    add((double)atoms), add((double)heads), add((double)most), add((double)frames), add(by_signature);
    add((double)slots), add((double)entries), add((double)slots), add((double)entries);
    add_place(weight), add_place(other), add_place(below(2) ? other : weight), add_place(pair_start), add_place(image_start);
    add_place(directions), add_place(places), add_place(factors), add_place(places), add_place(factors);
    add_place(axes), add_place(room(51 * (most + 8) + 16 * slots));
    call(own_image_frames);
  }
#define PROFILE \
  add((double)atoms), add((double)heads), add((double)features), add((double)radial), add((double)width), \
      add((double)frames), add((double)cells), add(-1), add((double)cells / 2), add(0), add_place(weight), add_place(pair_start), add_place(image_start), \
      add_place(start), add_place(basis), add_place(directions), add_place(axes)
  PROFILE, add_place(room(heads * atoms * features)), add_place(room(8 * (features + 9 * frames)));
  call(own_profile_forward);
  PROFILE, add_place(numbers(heads * atoms * features)), add_place(d_weight), add_place(room(8 * (features + 9 * frames)));
  call(own_profile_backward);
  if (degree) {
    const size_t rows = HARMONICS(degree), work = 25 * most + rows * (most + 24) + (degree + 1) * (degree + 18);
    const float *sums = room(2 * rows * atoms * heads);
#define DENSITIES \
  add((double)atoms), add((double)heads), add((double)most), add((double)features), add((double)radial), add((double)degree), \
      add((double)densities), add_place(weight), add_place(pair_start), add_place(image_start), add_place(directions)
    DENSITIES, add_place(room(heads * atoms * features)), add_place(sums), add_place(room(work));
    call(own_densities_forward);
    DENSITIES, add_place(sums), add_place(numbers(heads * atoms * features)), add_place(d_weight), add_place(room(work));
    call(own_densities_backward);
  }
  SIZES, add_place(q), add_place(k), LISTS, add_place(distance2), add_place(weight), add_place(d_weight);
  add_place(room(atoms * d)), add_place(room(atoms * d)), add_place(room(atoms * heads)), add_place(room(4 * atoms * d));
  call(own_weights_backward);
}

static void products(void) {
  const size_t batch = 1 + below(3), rows = 1 + below(60), columns = 1 + below(90), inner = 1 + below(40);
  const uint32_t ta = below(2), tb = below(2), one = below(2);
  add((double)batch), add((double)rows), add((double)columns), add((double)inner), add(ta), add(tb);
  add(one ? 0 : (double)(rows * inner)), add((double)(inner * columns));
  add_place(numbers((one ? 1 : batch) * rows * inner)), add_place(numbers(batch * inner * columns));
  add_place(room(batch * rows * columns)), add_place(room(32 * (inner + 12) + (ta ? (rows + 11) * inner : 0)));
  call(own_matmul);
}

static void rows_and_sums(void) {
  const size_t rows = below(9), columns = 1 + below(40), table = 1 + below(6), size = below(70);
  int32_t *index = room(rows);
  for (size_t r = 0; r < rows; r++) index[r] = (int32_t)below((uint32_t)table);
  add((double)rows), add((double)columns), add_place(numbers(table * columns)), add_place(index), add_place(room(rows * columns));
  call(own_gather_rows);
  for (size_t r = 0; r < rows; r++) index[r] -= 1;
  add((double)rows), add((double)columns), add((double)(table - 1)), add_place(numbers(rows * columns)), add_place(index);
  add_place(room((table - 1) * columns));
  call(own_scatter_add_rows);
  add((double)rows), add((double)columns), add_place(numbers(rows * columns)), add_place(room(columns));
  call(own_sum_rows);
  add((double)size), add_place(numbers(size));
  call(own_sum_of_squares);
  add((double)size);
  for (int n = 0; n < 9; n++) add(0.5);
  float *second = numbers(size);
  for (size_t n = 0; n < size; n++) second[n] *= second[n];
  add_place(numbers(size)), add_place(numbers(size)), add_place(numbers(size)), add_place(second);
  add_place(room(size)), add_place(room(size)), add_place(room(size));
  call(own_adam_w);
}

int main(int count, char **words) {
  const int cases = count > 1 ? atoi(words[1]) : 100;
  for (int n = 0; n < cases; n++) {
    void (*const parts[])(void) = {attention, products, rows_and_sums};
    parts[n % 3]();
    while (made_count > 0) free(made[--made_count]);
  }
  printf("%u calls\n", calls);
  return 0;
}
