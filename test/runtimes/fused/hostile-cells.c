// Cells that nobody made in good faith, given to the kernels that make neighbour tables; as hostile.c gives them networks.
//
//   hostile-cells CASES
//
// Prints what became of the cases; the exit code is 1 when two cells that are right are refused, or found to have other
// images than they have.

#include "tables.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutations.h"

// A case that takes longer hangs.
#define SECONDS 20
#define SIZE 8192
// Of a simple cubic cell, 3 Å, within 3.1 Å: the atom itself and six more.
#define IMAGES 7

// Of unistd.h.
unsigned alarm(unsigned seconds);

static uint64_t next;
static int32_t room(uint64_t words) {
  const uint64_t at = next;
  next += (words + 15) / 16 * 16;
  return (int32_t)at;
}

// A cubic cell of one atom in a memory of its own, through pairs or through bins.
static int32_t *cubic(int bins, int32_t **words) {
  int32_t *memory = calloc(SIZE, 4);
  if (!memory) abort();
  next = 16;
  int32_t *w = *words = memory + room(CELL_WORDS);
  w[CELL_ATOMS] = 1;
  w[CELL_BASIS] = room(2 * BASIS_NUMBERS);
  w[CELL_PLACES] = room(6), w[CELL_RADII] = room(2), w[CELL_OCCUPIED] = room(2);
  w[CELL_SHIFTS] = 1000, w[CELL_SHIFT_LIST] = room(6 * 1000), w[CELL_SHELLS] = 7, w[CELL_SHELL_END] = room(7);
  w[CELL_IMAGES] = room(1), w[CELL_PAIRS] = room(1), w[CELL_SUMS] = room(2), w[CELL_CLOSEST] = room(8);
  w[CELL_ROWS] = 1, w[CELL_ROW_LIST] = room(1), w[CELL_NUMBER] = room(1);
  w[CELL_MOST_PAIRS] = w[CELL_MOST_IMAGES] = IMAGES;
  w[CELL_PAIR_START] = room(2), w[CELL_PAIR_ATOM] = room(IMAGES), w[CELL_IMAGE_START] = room(IMAGES + 1);
  w[CELL_DISTANCE2] = room(IMAGES), w[CELL_UNIT] = room(3 * IMAGES);
  if (bins > 0) {
    w[CELL_BINS1] = w[CELL_BINS2] = w[CELL_BINS3] = bins;
    w[CELL_ORDER] = room(1), w[CELL_BIN_START] = room((uint64_t)bins * bins * bins + 1), w[CELL_POSITIONS] = room(6);
  }
  number *basis = (number *)(memory + w[CELL_BASIS]);
  for (int m = 0; m < 3; m++) basis[4 * m] = 3, basis[HEIGHTS + m] = 3;
  basis[RADIUS] = 3.1, basis[DIAGONAL] = 2.6;
  *(number *)(memory + w[CELL_RADII]) = *(number *)(memory + w[CELL_OCCUPIED]) = 1;
  return memory;
}

static int is_right(int bins) {
  int32_t *words, *memory = cubic(bins, &words);
  const uint64_t at = (uint64_t)(words - memory);
  const int64_t surveyed = survey_cells((float *)memory, SIZE, at), written = write_cells((float *)memory, SIZE, at);
  const int32_t counted = memory[words[CELL_IMAGES]];
  int32_t far = 0;
  for (int n = 0; n < IMAGES; n++) {
    if (fabs(((float *)memory)[words[CELL_DISTANCE2] + n] - 9) < 1e-5) far++;
  }
  free(memory);
  return surveyed == FINE && written == FINE && counted == IMAGES && far == IMAGES - 1;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  if (!is_right(0) || !is_right(2)) return 1;
  const long cases = atol(argv[1]);
  long fine = 0, refused = 0;
  for (long n = 0; n < cases; n++) {
    alarm(SECONDS);
    int32_t *words, *memory = cubic(n % 2 ? 2 : 0, &words);
    const uint64_t at = (uint64_t)(words - memory);
    const int32_t base = words[CELL_BASIS];
    for (uint32_t times = 1 + random_below(3); times > 0; times--) {
      // A place or a count, or a number that they lead to.
      if (random_below(2)) change(words, CELL_WORDS);
      else change(memory + base, 2 * BASIS_NUMBERS + 16 + 6);
    }
    // A memory that ends sooner.
    const uint64_t size = random_below(4) ? SIZE : random_below(SIZE);
    memory = realloc(memory, size > 0 ? 4 * size : 1);
    const int64_t said = (n / 2) % 2 ? survey_cells((float *)memory, size, at) : write_cells((float *)memory, size, at);
    free(memory);
    if (said == FINE) fine++;
    else refused++;
  }
  printf("%ld computed, %ld refused\n", fine, refused);
  return 0;
}
