// Findings about values: far from the others, missing, or the same for many crystals.

import { crystalsHave, digits, type Finding, note, type Observation, percent, valuesOf } from './findings.ts'
import type { Fingerprint } from './fingerprint.ts'
import { robustScale, robustScore } from './outliers.ts'

/** Robust standard deviations. */
const FAR_OUT = 5

/** What is odd about the values of `targets` and the volumes. */
export function findValues(crystals: readonly Observation[], targets: readonly string[]): Finding[] {
  return [
    ...targets.flatMap((name) => outliers(crystals, name)),
    ...volumeOutliers(crystals),
    ...targets.flatMap((name) => unlabelled(crystals, name)),
    ...targets.flatMap((name) => commonValue(crystals, name)),
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
