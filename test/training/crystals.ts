// Small crystals of mixed sizes for the tests of training: a one-atom cell, a skewed one, a larger one.

import { type Structure, structure } from '../../src/crystal/structure.ts'
import { type LabelledCrystal, labelledCrystal } from '../../src/data/labelled.ts'

export const CRYSTALS: readonly Structure[] = [
  structure({
    lattice: [
      [0, 1.8, 1.8],
      [1.8, 0, 1.8],
      [1.8, 1.8, 0],
    ],
    frac: [[0, 0, 0]],
    species: [29],
  }),
  structure({
    lattice: [
      [5.2, 0, 0],
      [1.1, 4.9, 0],
      [-0.7, 0.4, 5.6],
    ],
    frac: [
      [0.02, 0.01, 0.03],
      [0.48, 0.51, 0.02],
      [0.51, 0.02, 0.49],
      [0.03, 0.52, 0.47],
      [0.52, 0.49, 0.53],
    ],
    species: [11, 17, 17, 11, 8],
  }),
  structure({
    lattice: [
      [3.2, 0, 0],
      [-1.6, 2.77, 0],
      [0, 0, 5.2],
    ],
    frac: [
      [1 / 3, 2 / 3, 0.01],
      [2 / 3, 1 / 3, 0.5],
      [1 / 3, 2 / 3, 0.377],
      [2 / 3, 1 / 3, 0.88],
    ],
    species: [31, 31, 7, 7],
  }),
]

/** Reproducible numbers in [−1, 1) that come from no code of the project. */
export function numbers(seed: number, count: number): Float32Array {
  let state = seed >>> 0
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** `count` labelled crystals: the three above, strained a little, with a target that depends on their volume. */
export function labelled(count: number): LabelledCrystal[] {
  return Array.from({ length: count }, (_, n) => {
    const base = CRYSTALS[n % CRYSTALS.length]
    const strain = 1 + 0.02 * Math.sin(1 + n)
    return labelledCrystal({
      id: `c${n}`,
      structure: structure({ ...base, lattice: base.lattice.map((row) => row.map((x) => x * strain)) }),
      split: n % 4 === 3 ? (n % 8 === 3 ? 'val' : 'test') : 'train',
      targets: [['energy', -2 - 10 * (strain - 1) - (n % 3)]],
    })
  })
}
