// Crystals that are left out of a training by chemistry: everything that holds an element, holds two elements together, or
// is of a prototype. What such a network says of them tells more of what users will bring than a random split does.

import { composition } from '../crystal/formula.ts'
import { orderedByHash } from '../math/hash.ts'
import type { CrystalList } from './crystals.ts'
import type { LabelledCrystal } from './labelled.ts'

/** By what crystals belong together. */
export const CHEMISTRIES = ['elements', 'pairs', 'prototypes'] as const
export type Chemistry = (typeof CHEMISTRIES)[number]

/** Shares of the crystals that the group of one key may have: large enough to count, small enough not to be half of all. */
const [SMALLEST, LARGEST] = [0.002, 0.02]

/** Keys that are left out, of each kind: whole groups in the order of a hash until `share` of all crystals is in them. */
export function leftOutKeys(
  crystals: readonly LabelledCrystal[],
  kind: Chemistry,
  share: number,
): ReadonlySet<string> {
  const groups: Groups = new Map()
  for (const [n, crystal] of crystals.entries()) addTo(groups, keysOf(crystal, kind), n)
  return leftOutOf(groups, crystals.length, share)
}

/** Numbers of crystals by key. */
type Groups = Map<string, number[]>

function addTo(groups: Groups, keys: readonly string[], n: number): void {
  for (const key of keys) {
    const group = groups.get(key)
    if (group) group.push(n)
    else groups.set(key, [n])
  }
}

function leftOutOf(groups: Groups, count: number, share: number): Set<string> {
  const left = new Set<number>()
  const keys = new Set<string>()
  for (const key of orderedByHash([...groups.keys()], (key) => key, 1)) {
    const group = groups.get(key)!
    const part = group.length / count
    if (part < SMALLEST || part > LARGEST) continue
    if (left.size >= share * count) break
    keys.add(key)
    for (const n of group) left.add(n)
  }
  return keys
}

/**
 * Numbers of the crystals to learn from, and of those that are left out by chemistry: half of `share` by pairs of elements, half by prototype.
 * No element is left out as a whole: a network would know nothing of it.
 */
export function withoutChemistry(
  crystals: Pick<CrystalList, 'length' | 'at'>,
  share: number,
): { readonly kept: Int32Array; readonly leftOut: Int32Array } {
  const kinds = ['pairs', 'prototypes'] as const
  const groups = kinds.map((): Groups => new Map())
  for (let n = 0; n < crystals.length; n++) {
    const crystal = crystals.at(n)
    for (const [k, kind] of kinds.entries()) addTo(groups[k], keysOf(crystal, kind), n)
  }
  const isLeftOut = new Uint8Array(crystals.length)
  for (const of of groups) {
    for (const key of leftOutOf(of, crystals.length, share / kinds.length)) {
      for (const n of of.get(key)!) isLeftOut[n] = 1
    }
  }
  const numbers = (wanted: number) =>
    Int32Array.from([...isLeftOut.keys()].filter((n) => isLeftOut[n] === wanted))
  return { kept: numbers(0), leftOut: numbers(1) }
}

/** The groups of one kind that a crystal belongs to. */
export function keysOf({ structure }: LabelledCrystal, kind: Chemistry): string[] {
  const amounts = composition(structure)
  const elements = [...amounts.keys()].sort((a, b) => a - b)
  if (kind === 'elements') return elements.map(String)
  if (kind === 'pairs') return elements.flatMap((a, n) => elements.slice(n + 1).map((b) => `${a}-${b}`))
  return [`${[...amounts.values()].sort((a, b) => a - b).join(':')}, ${structure.frac.length} sites`]
}
