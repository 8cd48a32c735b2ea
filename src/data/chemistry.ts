// Crystals that are left out of a training by chemistry: everything that holds an element, holds two elements together, or
// is of a prototype. What such a network says of them tells more of what users will bring than a random split does.

import { composition } from '../crystal/formula.ts'
import { orderedByHash } from '../math/hash.ts'
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
  const groups = new Map<string, LabelledCrystal[]>()
  for (const crystal of crystals) {
    for (const key of keysOf(crystal, kind)) groups.set(key, [...(groups.get(key) ?? []), crystal])
  }
  const left = new Set<LabelledCrystal>()
  const keys = new Set<string>()
  for (const key of orderedByHash([...groups.keys()], (key) => key, 1)) {
    const group = groups.get(key)!
    const part = group.length / crystals.length
    if (part < SMALLEST || part > LARGEST) continue
    if (left.size >= share * crystals.length) break
    keys.add(key)
    for (const crystal of group) left.add(crystal)
  }
  return keys
}

/**
 * Crystals to learn from, and those that are left out by chemistry: half of `share` by pairs of elements, half by prototype.
 * No element is left out as a whole: a network would know nothing of it.
 */
export function withoutChemistry(
  crystals: readonly LabelledCrystal[],
  share: number,
): { readonly kept: readonly LabelledCrystal[]; readonly leftOut: readonly LabelledCrystal[] } {
  const kinds = ['pairs', 'prototypes'] as const
  const keys = kinds.map((kind) => leftOutKeys(crystals, kind, share / kinds.length))
  const isLeftOut = (crystal: LabelledCrystal) =>
    kinds.some((kind, n) => keysOf(crystal, kind).some((key) => keys[n].has(key)))
  return {
    kept: crystals.filter((crystal) => !isLeftOut(crystal)),
    leftOut: crystals.filter(isLeftOut),
  }
}

/** The groups of one kind that a crystal belongs to. */
export function keysOf({ structure }: LabelledCrystal, kind: Chemistry): string[] {
  const amounts = composition(structure)
  const elements = [...amounts.keys()].sort((a, b) => a - b)
  if (kind === 'elements') return elements.map(String)
  if (kind === 'pairs') return elements.flatMap((a, n) => elements.slice(n + 1).map((b) => `${a}-${b}`))
  return [`${[...amounts.values()].sort((a, b) => a - b).join(':')}, ${structure.frac.length} sites`]
}
