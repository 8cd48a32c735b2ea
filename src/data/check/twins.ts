// Which crystals of a data set are the same structure, by their fingerprints.

import { alike, type Fingerprint } from './fingerprint.ts'

/**
 * Groups of crystals that cannot be told apart, as indices into `fingerprints`; largest group first. Of a chain in which
 * each is like the next all are in one group. Undefined fingerprints are like nothing.
 */
export function twins(fingerprints: readonly (Fingerprint | undefined)[], tolerance: number): number[][] {
  const byComposition = new Map<string, number[]>()
  for (const [c, print] of fingerprints.entries()) {
    if (print === undefined) continue
    const group = byComposition.get(print.composition)
    if (group) group.push(c)
    else byComposition.set(print.composition, [c])
  }
  const groups: number[][] = []
  for (const members of byComposition.values()) {
    if (members.length > 1) groups.push(...linked(members, fingerprints as readonly Fingerprint[], tolerance))
  }
  return groups.sort((a, b) => b.length - a.length || a[0] - b[0])
}

/** The groups of two and more among crystals of one composition. */
function linked(members: readonly number[], prints: readonly Fingerprint[], tolerance: number): number[][] {
  const volumeOf = (c: number) => prints[c].values[0]
  const sorted = members.toSorted((a, b) => volumeOf(a) - volumeOf(b) || a - b)
  /** Each points to another of its group, the first one to itself. */
  const link = sorted.map((_, s) => s)
  const first = (s: number): number => {
    while (link[s] !== s) s = link[s] = link[link[s]]
    return s
  }
  for (let s = 0; s < sorted.length; s++) {
    const most = volumeOf(sorted[s]) * (1 + 2 * tolerance)
    for (let t = s + 1; t < sorted.length && volumeOf(sorted[t]) <= most; t++) {
      if (alike(prints[sorted[s]], prints[sorted[t]], tolerance)) link[first(t)] = first(s)
    }
  }
  const groups = new Map<number, number[]>()
  for (const [s, c] of sorted.entries()) {
    const group = groups.get(first(s))
    if (group) group.push(c)
    else groups.set(first(s), [c])
  }
  return [...groups.values()].filter((group) => group.length > 1).map((group) => group.sort((a, b) => a - b))
}
