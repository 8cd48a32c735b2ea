// The images of a neighbour table grouped by their atom: what slots, choices of near images and fused kernels go through.

import type { NeighbourTable } from './types.ts'

/** The images of one table as runs of the same neighbour: atom i owns runs offsets[i] … offsets[i+1]−1. */
export interface Runs {
  /** [atoms + 1] */
  readonly offsets: Int32Array
  /** [runs + 1] first image of each run; at the end the number of images */
  readonly start: Int32Array
}

export function runsOf({ atoms, sources = atoms, offsets: rows, neighbour }: NeighbourTable): Runs {
  const offsets = new Int32Array(atoms + 1)
  const start = new Int32Array(Math.min(atoms * sources, neighbour.length) + 1)
  let runs = 0
  for (let i = 0; i < atoms; i++) {
    let last = -1
    for (let at = rows[i]; at < rows[i + 1]; at++) {
      const j = neighbour[at]
      if (j !== last) start[runs++] = at
      last = j
    }
    offsets[i + 1] = runs
  }
  start[runs] = neighbour.length
  // A copy, for what keeps it or sends it to a thread.
  return { offsets, start: start.slice(0, runs + 1) }
}
