// Neighbour tables for other languages: compiled once, since there is little in them for wider registers.

#include "table.h"

// Counts and sums of the images in a cell, of CELL_WORDS words.
int64_t survey_cells(real *memory, uint64_t size, uint64_t words) {
  cell c;
  const word *asked = (const word *)at_word(memory, size, words, CELL_WORDS);
  if (!asked || !read_survey(asked, memory, size, &c)) return WRONG_CELL;
  return survey_cell(&c) ? FINE : TOO_LITTLE_MEMORY;
}

// Writes the images of a cell into the arrays of a batch.
int64_t write_cells(real *memory, uint64_t size, uint64_t words) {
  cell c;
  const word *asked = (const word *)at_word(memory, size, words, CELL_WORDS);
  if (!asked || !read_rows(asked, memory, size, &c)) return WRONG_CELL;
  return write_images(&c) ? FINE : TOO_LITTLE_MEMORY;
}
