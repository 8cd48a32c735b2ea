// The golden samples that every exported file carries: built-in crystals and what a float64 evaluation gives for them. All but the first are strained and displaced, so that no symmetry hides an error.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { GoldenSample } from '../../runtimes/card.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { congruential } from '../../src/math/random/congruential.ts'
import { dot, mapEntries, UNIT_MATRIX } from '../../src/math/vectors.ts'
import type { Float64Values } from './float64.ts'
import { GOLDEN_CRYSTALS } from './golden-crystals.ts'

/**
 * Samples for the card: the crystals as they are, with their values.
 * @param byMember of an ensemble, the values of each member
 */
export function goldenSamples(
  structures: readonly Structure[],
  inFloat64: Float64Values,
  byMember: readonly Float64Values[] = [],
): GoldenSample[] {
  return structures.map((crystal, n) => ({
    name: crystal.name ?? `sample ${n + 1}`,
    lattice: crystal.lattice,
    frac: crystal.frac,
    species: crystal.species,
    value: [...inFloat64(crystal)],
    ...(byMember.length > 0 && { members: byMember.map((own) => [...own(crystal)]) }),
  }))
}

/** Largest strain of a lattice, and largest displacement of a site in fractional coordinates. */
const STRAIN = 0.03
const DISPLACEMENT = 0.02

/**
 * The built-in golden crystals of a network; the same numbers on every machine. Networks that are not defined on symmetric
 * crystals have the larger, rattled samples only.
 */
export function goldenStructures(config?: NetworkConfig): Structure[] {
  return builtIn().slice(config && networkOf(config).needsAsymmetry?.(config) ? 5 : 0)
}

function builtIn(): Structure[] {
  return GOLDEN_CRYSTALS.map(({ name, lattice, sites }, n) => {
    const random = congruential(n)
    const rattled = n > 0
    const shift = (size: number) => (rattled ? size * random.between(-1, 1) : 0)
    const strain = mapEntries(UNIT_MATRIX, (x) => x + shift(STRAIN))
    return structure({
      name: rattled ? `${name} rattled` : name,
      lattice: lattice.map((row) => strain.map((column) => round(dot(row, column)))),
      frac: sites.map(([, ...position]) => position.map((x) => round(x + shift(DISPLACEMENT)))),
      species: sites.map(([element]) => element),
    })
  })
}

/** Six decimals: short in the card, and exactly what a reader of the card gets. */
function round(x: number): number {
  return Math.round(x * 1e6) / 1e6
}
