// The elements that networks know, as rows of their table of embeddings.

/** Rows of the element table: atomic numbers 1 to 98. */
export const ELEMENTS = 98

/** Atomic number by row of the element table: [1, 2, …, 98]. */
export const ELEMENT_TABLE: readonly number[] = Array.from({ length: ELEMENTS }, (_, row) => row + 1)
