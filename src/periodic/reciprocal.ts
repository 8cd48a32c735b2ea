// Wave vectors of a crystal for attention in reciprocal space (docs/mathematics.md, section 5), and the phase of every
// atom under each. Half of the grid is kept: k and −k have the same cosine.

import { cellVolume, type Structure } from '../crystal/structure.ts'
import { LimitError } from '../errors.ts'
import type { Mat3 } from '../math/vectors.ts'
import { reciprocalVectors } from './lattice.ts'

/** Half of the wave vectors |n_m| ≤ range of one crystal, in float64. */
export interface WaveTable {
  readonly atoms: number
  /** K = ((2·range + 1)³ + 1) / 2 */
  readonly waves: number
  /** [K] w_n: 1 for n = 0, which comes first, 2 for the others, which stand for k and −k. */
  readonly weight: Float64Array
  /** [K] |k_n|² in Å⁻². */
  readonly norm2: Float64Array
  /** [atoms · K] cos(k_n · p_i) */
  readonly cosine: Float64Array
  /** [atoms · K] sin(k_n · p_i) */
  readonly sine: Float64Array
  /** log |V|, V in Å³: a left-handed cell is the same crystal. */
  readonly logVolume: number
}

/** Cosines of one crystal in a batch at most: 2²⁶ take a quarter of a gigabyte; a thousand atoms at range 2 fit. */
const MAX_COSINES = 2 ** 26

/**
 * The wave vectors |n_m| ≤ range and the phases of every atom, coordinates as given.
 * @throws LimitError when a batch could not hold the cosines of all pairs.
 */
export function waveTable(structure: Structure, range: number): WaveTable {
  const indices = halfGrid(range)
  const waves = indices.length
  const atoms = structure.frac.length
  if (atoms * atoms * waves > MAX_COSINES) {
    throw new LimitError(
      `${atoms} atoms have ${atoms * atoms * waves} cosines of ${waves} wave vectors, at most ${MAX_COSINES} are allowed; ` +
        'use a primitive cell, or a model of domain real',
    )
  }
  const cosine = new Float64Array(atoms * waves)
  const sine = new Float64Array(atoms * waves)
  structure.frac.forEach(([f1, f2, f3], i) => {
    indices.forEach(([n1, n2, n3], k) => {
      // k_n · p = 2π n · frac
      const phase = 2 * Math.PI * (n1 * f1 + n2 * f2 + n3 * f3)
      cosine[i * waves + k] = Math.cos(phase)
      sine[i * waves + k] = Math.sin(phase)
    })
  })
  return {
    atoms,
    waves,
    weight: Float64Array.from(indices, (_, k) => (k === 0 ? 1 : 2)),
    norm2: waveNorms(structure.lattice, indices),
    cosine,
    sine,
    logVolume: Math.log(Math.abs(cellVolume(structure.lattice))),
  }
}

/** w_n·cos(k_n·(p_j − p_i)), by the addition theorem. */
export function waveCosine(table: WaveTable, i: number, k: number, j: number): number {
  const { waves, weight, cosine, sine } = table
  const at = i * waves + k
  const to = j * waves + k
  return weight[k] * (cosine[at] * cosine[to] + sine[at] * sine[to])
}

type Index = readonly [number, number, number]

/** n = 0, then of every pair ±n the one whose first non-zero index is positive. */
function halfGrid(range: number): Index[] {
  const indices: Index[] = []
  for (let n1 = 0; n1 <= range; n1++) {
    for (let n2 = n1 === 0 ? 0 : -range; n2 <= range; n2++) {
      for (let n3 = n1 === 0 && n2 === 0 ? 0 : -range; n3 <= range; n3++) indices.push([n1, n2, n3])
    }
  }
  return indices
}

function waveNorms(lattice: Mat3, indices: readonly Index[]): Float64Array {
  const [b1, b2, b3] = reciprocalVectors(lattice)
  return Float64Array.from(indices, ([n1, n2, n3]) => {
    const k = [0, 1, 2].map((x) => n1 * b1[x] + n2 * b2[x] + n3 * b3[x])
    return k[0] * k[0] + k[1] * k[1] + k[2] * k[2]
  })
}
