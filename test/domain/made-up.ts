// A made-up world for the tests of the domain: binary crystals of a few elements in rock salt, a network whose features
// follow the elements and the volume, and errors that grow where its features are rare.

import type { Structure } from '../../src/crystal/structure.ts'
import { structure } from '../../src/crystal/structure.ts'
import type { Sample } from '../../src/domain/fit.ts'
import { numbers } from '../training/crystals.ts'

export const TARGETS = [{ name: 'energy', unit: 'eV/atom', mean: -2, std: 1 }]
const CATIONS = [3, 11, 12, 19, 20, 38]
const ANIONS = [8, 9, 16, 17]

/** With a label for every target. */
export type Labelled = Omit<Sample, 'actual'> & { readonly actual: readonly number[] }

export function binary(cation: number, anion: number, a: number): Structure {
  return structure({
    lattice: [
      [0, a / 2, a / 2],
      [a / 2, 0, a / 2],
      [a / 2, a / 2, 0],
    ],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ],
    species: [cation, anion],
  })
}

/** @param strange how far the features are from the usual, in standard deviations of them */
export function sample(crystal: Structure, strange: readonly number[], noise: number): Labelled {
  const distance = Math.hypot(...strange)
  const actual = -2 + Math.sin(strange[0])
  return {
    structure: crystal,
    embedding: Float32Array.from({ length: 6 }, (_, c) => (strange[c % 3] ?? 0) * (1 + c) + 0.1 * c),
    actual: [actual],
    predicted: [actual + 0.05 * noise * Math.exp(distance / 2)],
  }
}

/** `count` of them; the same seed, the same crystals. */
export function world(seed: number, count: number): Labelled[] {
  const random = numbers(seed, 8 * count)
  return Array.from({ length: count }, (_, n) => {
    const [cation, anion, size, x, y, z, noise, more] = random.subarray(8 * n, 8 * (n + 1))
    const pick = (list: readonly number[], at: number) => list[Math.floor(((at + 1) / 2) * list.length)]
    // Sums of uniform numbers have tails.
    return sample(
      binary(pick(CATIONS, cation), pick(ANIONS, anion), 5.2 + 0.4 * size),
      [x * 1.5, y * 1.5, z * 1.5],
      noise + more,
    )
  })
}
