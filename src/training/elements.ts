// The element table of a new network: atomic numbers by row.

import { ELEMENTS } from '../../models/parameters.ts'

/** [1, 2, …, 98] */
export const ELEMENT_TABLE: readonly number[] = Array.from({ length: ELEMENTS }, (_, row) => row + 1)
