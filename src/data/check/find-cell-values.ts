// Values of the whole cell where values per atom are meant. A network averages over atoms: it gives a supercell what it
// gives the cell, and cannot learn a label that grows with the number of atoms.

import { digits, type Finding, type Observation, problem } from './findings.ts'

/** Two ratios within this are the same: labels of computed supercells agree far better, rounded ones about so. */
const SAME = 0.02
/** Compositions with several cell sizes that it takes where no crystal is a supercell of another one … */
const COMPOSITIONS = 8
/** … and the share of them whose labels go with the number of atoms. */
const SHARE = 0.8

/** @param groups of crystals that cannot be told apart but for the size of their cells */
export function cellValues(
  crystals: readonly Observation[],
  groups: readonly (readonly Observation[])[],
  name: string,
): Finding[] {
  const found = ofSupercells(groups, name) ?? ofCompositions(crystals, name)
  if (!found) return []
  return [
    problem(
      'cell-value',
      found.length * 2,
      `${name} grows with the number of atoms in a cell; a network predicts values per atom, so divide it by the atoms of the ` +
        'cell',
      found.map(([a, b]) => ({
        crystals: [a.id, b.id],
        detail: `${a.formula}: ${digits(a.targets[name])} with ${a.sites} sites, ${digits(b.targets[name])} with ${b.sites}`,
      })),
    ),
  ]
}

type Pair = readonly [Observation, Observation]

/** Supercells whose labels stand in the ratio of their atoms, where those are more than the ones with equal labels. */
function ofSupercells(groups: readonly (readonly Observation[])[], name: string): Pair[] | undefined {
  const pairs = groups.flatMap((group) => pairOf(group, name) ?? [])
  const growing = pairs.filter(([a, b]) => near(ratio(a, b, name), b.sites / a.sites))
  const equal = pairs.filter(([a, b]) => near(ratio(a, b, name), 1))
  return growing.length > equal.length ? growing : undefined
}

/** Crystals of one composition, whose labels per atom differ somewhat, are nearer to the ratio of their atoms than to 1. */
function ofCompositions(crystals: readonly Observation[], name: string): Pair[] | undefined {
  const byComposition = new Map<string, Observation[]>()
  for (const crystal of crystals) {
    const key = crystal.fingerprint?.composition
    if (key !== undefined) byComposition.set(key, [...(byComposition.get(key) ?? []), crystal])
  }
  const pairs = [...byComposition.values()].flatMap((group) => pairOf(group, name) ?? [])
  const growing = pairs.filter(([a, b]) => {
    const found = ratio(a, b, name)
    return found > 0 && Math.abs(Math.log((found * a.sites) / b.sites)) < Math.abs(Math.log(found))
  })
  return pairs.length >= COMPOSITIONS && growing.length >= SHARE * pairs.length ? growing : undefined
}

/** Of a group the smallest and the largest cell with a label that is not 0, where they differ in size. */
function pairOf(group: readonly Observation[], name: string): [Pair] | undefined {
  const bySize = group
    .filter(({ targets }) => targets[name] !== undefined && targets[name] !== 0)
    .sort((a, b) => a.sites - b.sites)
  const [a, b] = [bySize[0], bySize.at(-1)]
  return a && b && b.sites > a.sites ? [[a, b]] : undefined
}

function ratio(a: Observation, b: Observation, name: string): number {
  return b.targets[name] / a.targets[name]
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME * b
}
