// What a look at a data set can find. Each finder takes what is known of all crystals and says what it found, if anything;
// their order is that of the report. Problems spoil a training or its errors, notes are worth a look.

import { symbolOf } from '../../crystal/elements.ts'
import { SPLITS, type Split } from '../labelled.ts'
import type { Fingerprint } from './fingerprint.ts'
import { robustScale, robustScore } from './outliers.ts'
import { twins } from './twins.ts'

/** What is kept of one crystal. */
export interface Observation {
  readonly id: string
  readonly split: Split | undefined
  readonly formula: string
  readonly sites: number
  readonly elements: readonly number[]
  readonly ordered: boolean
  readonly targets: Readonly<Record<string, number>>
  /** Undefined for a cell that none can be computed for. */
  readonly fingerprint: Fingerprint | undefined
}

export interface Finding {
  readonly kind: string
  readonly severity: 'problem' | 'note'
  /** Crystals concerned. */
  readonly count: number
  /** For a person: what it is, and what it does. */
  readonly message: string
  /** The worst first. */
  readonly cases: readonly { readonly crystals: readonly string[]; readonly detail: string }[]
}

export interface Looking {
  /** The targets that matter. */
  readonly targets: readonly string[]
  /** Relative difference of fingerprints up to which crystals count as the same. */
  readonly tolerance: number
}

/** Sums of covalent radii below which two atoms lie in each other; in 26,000 computed crystals none is below 0.65. */
const TOO_CLOSE = 0.6
/** Robust standard deviations. */
const FAR_OUT = 5
/** An element in fewer train crystals than this is hardly learned. */
const RARE = 10

/** All findings. */
export function findAll(crystals: readonly Observation[], looking: Looking): Finding[] {
  const groups = twins(
    crystals.map((crystal) => crystal.fingerprint),
    looking.tolerance,
  ).map((group) => group.map((c) => crystals[c]))
  return [
    ...splitsInPart(crystals),
    ...closeAtoms(crystals),
    ...seenInTraining(groups, looking),
    ...unseenElements(crystals),
    ...duplicates(groups, looking),
    ...looking.targets.flatMap((name) => disagreements(crystals, groups, name)),
    ...looking.targets.flatMap((name) => outliers(crystals, name)),
    ...volumeOutliers(crystals),
    ...looking.targets.flatMap((name) => unlabelled(crystals, name)),
    ...looking.targets.flatMap((name) => commonValue(crystals, name)),
    ...rareElements(crystals),
    ...disordered(crystals),
  ]
}

function splitsInPart(crystals: readonly Observation[]): Finding[] {
  const named = crystals.filter(({ split }) => split !== undefined)
  if (named.length === 0) return []
  if (named.length < crystals.length) {
    const count = crystals.length - named.length
    return [problem('split', count, `${count} crystals name no split where others do; training refuses that`)]
  }
  if (named.some(({ split }) => split === 'train')) return []
  return [problem('split', named.length, 'no crystal is in the train split; there is nothing to train on')]
}

function closeAtoms(crystals: readonly Observation[]): Finding[] {
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

/** Leakage: what val and test are meant to judge was learned by heart. */
function seenInTraining(groups: readonly (readonly Observation[])[], looking: Looking): Finding[] {
  const leaking = groups.filter((group) => {
    const splits = new Set(group.map(({ split }) => split))
    return splits.has('train') && (splits.has('val') || splits.has('test'))
  })
  if (leaking.length === 0) return []
  const counts = (['test', 'val'] as const)
    .map((split) => [leaking.flat().filter((crystal) => crystal.split === split).length, split] as const)
    .filter(([count]) => count > 0)
  const total = counts.reduce((sum, [count]) => sum + count, 0)
  return [
    problem(
      'leak',
      total,
      `${counts.map(([count, split]) => `${count} ${split}`).join(' and ')} ${total === 1 ? 'crystal' : 'crystals'} cannot be told apart from one in train; errors on them will look too small`,
      leaking.map((group) => groupCase(group, looking)),
    ),
  ]
}

function duplicates(groups: readonly (readonly Observation[])[], looking: Looking): Finding[] {
  if (groups.length === 0) return []
  const count = groups.flat().length
  return [
    note(
      'duplicate',
      count,
      `${count} crystals in ${groups.length} groups that cannot be told apart`,
      groups.map((group) => groupCase(group, looking)),
    ),
  ]
}

/** The same crystal with two labels: one of them is wrong, or the structure does not decide the property. */
function disagreements(
  crystals: readonly Observation[],
  groups: readonly (readonly Observation[])[],
  name: string,
): Finding[] {
  const { below, above } = robustScale(valuesOf(crystals, name))
  const found = groups
    .map((group) => ({ group, spread: spreadOf(valuesOf(group, name)) }))
    .filter(({ spread }) => spread > Math.max(below, above))
    .sort((a, b) => b.spread - a.spread)
  if (found.length === 0) return []
  return [
    note(
      'disagreement',
      found.reduce((sum, { group }) => sum + group.length, 0),
      `${found.length === 1 ? 'one group' : `${found.length} groups`} of crystals that cannot be told apart differ in ${name} by more than a robust standard deviation`,
      found.map(({ group }) => groupCase(group, { targets: [name] })),
    ),
  ]
}

function groupCase(group: readonly Observation[], { targets }: Pick<Looking, 'targets'>) {
  const splits = SPLITS.filter((split) => group.some((crystal) => crystal.split === split))
  const spreads = targets.flatMap((name) => {
    const values = valuesOf(group, name)
    return values.length < 2 ? [] : [`${name} ${digits(smallest(values))} to ${digits(largest(values))}`]
  })
  const detail = [group[0].formula, splits.join(' + '), ...spreads].filter((part) => part !== '').join(', ')
  return { crystals: group.map(({ id }) => id), detail }
}

function unseenElements(crystals: readonly Observation[]): Finding[] {
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

function rareElements(crystals: readonly Observation[]): Finding[] {
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

function outliers(crystals: readonly Observation[], name: string): Finding[] {
  const labelled = crystals.filter(({ targets }) => targets[name] !== undefined)
  return farOut('outlier', labelled, ({ targets }) => targets[name], name)
}

/** Of the logarithm, so that a doubled and a halved volume count alike. */
function volumeOutliers(crystals: readonly Observation[]): Finding[] {
  const measured = crystals.filter(({ fingerprint }) => fingerprint !== undefined)
  const volumeOf = ({ fingerprint }: Observation) => (fingerprint as Fingerprint).values[0]
  return farOut(
    'volume-outlier',
    measured,
    (crystal) => Math.log(volumeOf(crystal)),
    'the volume per atom',
    (crystal) => `${digits(volumeOf(crystal))} Å³ per atom`,
  )
}

function farOut(
  kind: string,
  crystals: readonly Observation[],
  measure: (crystal: Observation) => number,
  name: string,
  show = (crystal: Observation) => digits(measure(crystal)),
): Finding[] {
  if (crystals.length === 0) return []
  const scale = robustScale(crystals.map(measure))
  const found = crystals
    .map((crystal) => ({ crystal, score: robustScore(measure(crystal), scale) }))
    .filter(({ score }) => Math.abs(score) > FAR_OUT)
    .sort((a, b) => Math.abs(b.score) - Math.abs(a.score))
  if (found.length === 0) return []
  return [
    note(
      kind,
      found.length,
      `${crystalsHave(found.length)} ${name} more than ${FAR_OUT} robust standard deviations from the median`,
      found.map(({ crystal, score }) => ({
        crystals: [crystal.id],
        detail: `${crystal.formula}, ${show(crystal)} (${score > 0 ? '+' : '−'}${Math.abs(score).toFixed(1)})`,
      })),
    ),
  ]
}

function unlabelled(crystals: readonly Observation[], name: string): Finding[] {
  const count = crystals.filter(({ targets }) => targets[name] === undefined).length
  return count === 0
    ? []
    : [note('unlabelled', count, `${crystalsHave(count)} no ${name}; training leaves them out`)]
}

function commonValue(crystals: readonly Observation[], name: string): Finding[] {
  const values = valuesOf(crystals, name)
  if (values.length === 0) return []
  const { common } = robustScale(values)
  if (common === undefined) return []
  const count = Math.round(common.share * values.length)
  return [note('common-value', count, `${percent(common.share)} of ${name} are ${digits(common.value)}`)]
}

function disordered(crystals: readonly Observation[]): Finding[] {
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

function valuesOf(crystals: readonly Observation[], name: string): number[] {
  return crystals.map(({ targets }) => targets[name]).filter((value) => value !== undefined)
}

/** Not Math.max(...values): a spread of a large group overflows the stack. */
function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b))
}

function smallest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b))
}

function spreadOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : largest(values) - smallest(values)
}

function problem(kind: string, count: number, message: string, cases: Finding['cases'] = []): Finding {
  return { kind, severity: 'problem', count, message, cases }
}

function note(kind: string, count: number, message: string, cases: Finding['cases'] = []): Finding {
  return { kind, severity: 'note', count, message, cases }
}

function crystalsHave(count: number): string {
  return count === 1 ? '1 crystal has' : `${count} crystals have`
}

function symbols(elements: Iterable<number>): string {
  return [...elements]
    .sort((a, b) => a - b)
    .map(symbolOf)
    .join(', ')
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)))
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0.99 ? 1 : 0)} %`
}
