// Findings about single crystals and elements: impossible geometry, splits named in part, elements that training hardly or
// never sees, disorder.

import { symbolOf } from '../../crystal/elements.ts'
import { TOO_CLOSE } from '../../periodic/closest.ts'
import { crystalsHave, type Finding, note, type Observation, problem, symbols } from './findings.ts'

/** An element in fewer train crystals than this is hardly learned. */
const RARE = 10

/** Splits that training refuses: named by some crystals only, or none of them train. */
export function splitsInPart(crystals: readonly Observation[]): Finding[] {
  const named = crystals.filter(({ split }) => split !== undefined)
  if (named.length === 0) return []
  if (named.length < crystals.length) {
    const count = crystals.length - named.length
    return [problem('split', count, `${count} crystals name no split where others do; training refuses that`)]
  }
  if (named.some(({ split }) => split === 'train')) return []
  return [problem('split', named.length, 'no crystal is in the train split; there is nothing to train on')]
}

/** Nothing to choose weights by, or to see by that a training diverges. */
export function noValidation(crystals: readonly Observation[]): Finding[] {
  const isSplit = crystals.some(({ split }) => split === 'train')
  if (!isSplit || crystals.some(({ split }) => split === 'val')) return []
  const message = 'no crystal is in the val split: nothing tells the best epoch, and how good it is'
  return [note('no-validation', crystals.length, message)]
}

/** Crystals that training refuses. @param known atomic numbers that networks know; all by default */
export function unusable(crystals: readonly Observation[], known?: readonly number[]): Finding[] {
  const unknown = (crystal: Observation) => crystal.elements.filter((z) => known && !known.includes(z))
  const found = crystals
    .filter((crystal) => crystal.fingerprint === undefined || unknown(crystal).length > 0)
    .map((crystal) => {
      const elements = unknown(crystal)
      const why = elements.length > 0 ? `no network knows ${symbols(elements)}` : 'no table of its neighbours'
      return { crystals: [crystal.id], detail: `${crystal.formula}: ${why}` }
    })
  if (found.length === 0) return []
  const message = `${crystalsHave(found.length)} elements or a cell that no network takes; training refuses them`
  return [problem('unusable', found.length, message, found)]
}

/** Atoms that lie in each other: wrong units, doubled sites, a wrong cell. */
export function closeAtoms(crystals: readonly Observation[]): Finding[] {
  const found = crystals
    .flatMap(({ id, formula, fingerprint }) =>
      fingerprint !== undefined && fingerprint.closest.ratio < TOO_CLOSE
        ? [{ id, formula, ...fingerprint.closest }]
        : [],
    )
    .sort((a, b) => a.ratio - b.ratio)
  if (found.length === 0) return []
  return [
    problem(
      'close-atoms',
      found.length,
      `${crystalsHave(found.length)} atoms closer than ${TOO_CLOSE} of the sum of their covalent radii`,
      found.map(({ id, formula, distance }) => ({
        crystals: [id],
        detail: `${formula}, ${distance.toFixed(2)} Å`,
      })),
    ),
  ]
}

/** Elements whose embedding is never trained, in crystals that a network is judged by. */
export function unseenElements(crystals: readonly Observation[]): Finding[] {
  const inTrain = new Set(
    crystals.filter(({ split }) => split === 'train').flatMap(({ elements }) => elements),
  )
  if (inTrain.size === 0) return []
  const found = crystals.filter(
    ({ split, elements }) => split !== 'train' && elements.some((element) => !inTrain.has(element)),
  )
  if (found.length === 0) return []
  const unseen = new Set(found.flatMap(({ elements }) => elements.filter((element) => !inTrain.has(element))))
  return [
    problem(
      'unseen-element',
      found.length,
      `${crystalsHave(found.length)} elements that no train crystal has: ${symbols(unseen)}`,
      found.map(({ id, formula, split }) => ({ crystals: [id], detail: `${formula}, ${split}` })),
    ),
  ]
}

/** Elements that few train crystals hold; of all crystals where no split is named. */
export function rareElements(crystals: readonly Observation[]): Finding[] {
  const isSplit = crystals.some(({ split }) => split === 'train')
  const holders = new Map<number, Observation[]>()
  for (const crystal of crystals) {
    if (isSplit && crystal.split !== 'train') continue
    for (const element of crystal.elements) {
      const list = holders.get(element)
      if (list) list.push(crystal)
      else holders.set(element, [crystal])
    }
  }
  const rare = [...holders]
    .filter(([, list]) => list.length < RARE)
    .sort(([, a], [, b]) => a.length - b.length)
  if (rare.length === 0) return []
  const elements = new Set(rare.map(([element]) => element))
  const count = crystals.filter((crystal) => crystal.elements.some((element) => elements.has(element))).length
  return [
    note(
      'rare-element',
      count,
      `in fewer than ${RARE} ${isSplit ? 'train crystals' : 'crystals'}: ${symbols(elements)}`,
      rare.map(([element, list]) => ({ crystals: list.map(({ id }) => id), detail: symbolOf(element) })),
    ),
  ]
}

/** Sites that hold several elements, or are not always occupied. */
export function disordered(crystals: readonly Observation[]): Finding[] {
  const found = crystals.filter(({ ordered }) => !ordered)
  if (found.length === 0) return []
  return [
    note(
      'disordered',
      found.length,
      `${crystalsHave(found.length)} sites with several elements or vacancies`,
      found.map(({ id, formula }) => ({ crystals: [id], detail: formula })),
    ),
  ]
}
