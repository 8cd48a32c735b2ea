// Findings about values: far from the others, missing, or the same for many crystals.

import { FAR_OUT, targetFaults } from '../learnable.ts'
import {
  crystalsHave,
  digits,
  type Finding,
  note,
  type Observation,
  percent,
  problem,
  valuesOf,
} from './findings.ts'
import type { Fingerprint } from './fingerprint.ts'
import { robustScale, robustScore } from './outliers.ts'

/** What is odd about the values of `targets` and the volumes. */
export function findValues(crystals: readonly Observation[], targets: readonly string[]): Finding[] {
  return [
    ...targets.flatMap((name) => notLearnable(crystals, name)),
    ...targets.flatMap((name) => outliers(crystals, name)),
    ...volumeOutliers(crystals),
    ...targets.flatMap((name) => unlabelled(crystals, name)),
    ...targets.flatMap((name) => commonValue(crystals, name)),
  ]
}

/** What keeps a network from learning a target, or from learning it well. */
function notLearnable(crystals: readonly Observation[], name: string): Finding[] {
  const labelled = crystals.filter(({ targets }) => targets[name] !== undefined)
  const train = labelled.filter(({ split }) => split === 'train')
  const all = valuesOf(labelled, name)
  return targetFaults(name, train.length > 0 ? valuesOf(train, name) : all, all).map(
    ({ kind, message, isFatal, values }) =>
      problem(
        kind,
        values.length > 0 ? values.length : labelled.length,
        isFatal ? `${message} (training refuses it)` : message,
        values.map((n) => ({
          crystals: [labelled[n].id],
          detail: `${labelled[n].formula}, ${digits(all[n])}`,
        })),
      ),
  )
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
  const without = crystals.filter(({ targets }) => targets[name] === undefined)
  const others = crystals.some(({ targets }) => Object.keys(targets).length > 1)
  const left = { ids: without.map(({ id }) => id), of: crystals.length }
  return unlabelledFinding(
    left,
    `no ${name}; ${others ? 'training on it alone leaves them out, and with other targets they teach those' : LEFT_OUT}`,
  )
}

const LEFT_OUT = 'training leaves them out'

/** Crystals that carry none of `targets`. @param left their ids, and of how many crystals they are */
export function noneOf(left: Parameters<typeof unlabelledFinding>[0], targets: readonly string[]): Finding[] {
  const what = targets.length === 1 ? `no ${targets[0]}` : `none of ${targets.join(', ')}`
  return unlabelledFinding(left, `${what}; ${LEFT_OUT}`)
}

function unlabelledFinding(
  { ids, of }: { readonly ids: readonly string[]; readonly of: number },
  what: string,
): Finding[] {
  if (ids.length === 0) return []
  const message = `${ids.length} of ${of} crystals have ${what}`
  return [
    note(
      'unlabelled',
      ids.length,
      message,
      ids.map((id) => ({ crystals: [id], detail: '' })),
    ),
  ]
}

function commonValue(crystals: readonly Observation[], name: string): Finding[] {
  const values = valuesOf(crystals, name)
  if (values.length === 0) return []
  const { common } = robustScale(values)
  if (common === undefined) return []
  const count = Math.round(common.share * values.length)
  return [note('common-value', count, `${percent(common.share)} of ${name} are ${digits(common.value)}`)]
}
