// Findings about crystals that are the same: leaks between splits, duplicates, labels that disagree, and labels of the
// whole cell.

import { SPLITS } from '../labelled.ts'
import { cellValues } from './find-cell-values.ts'
import {
  digits,
  type Finding,
  largest,
  note,
  type Observation,
  problem,
  smallest,
  spreadOf,
  valuesOf,
} from './findings.ts'
import { robustScale } from './outliers.ts'
import { twins } from './twins.ts'

/**
 * @param targets whose values of the same crystal are compared
 * @param tolerance relative difference of fingerprints up to which crystals count as the same
 */
export function findTwins(
  crystals: readonly Observation[],
  targets: readonly string[],
  tolerance: number,
): Finding[] {
  const groups = twins(
    crystals.map((crystal) => crystal.fingerprint),
    tolerance,
  ).map((group) => group.map((c) => crystals[c]))
  return [
    ...seenInTraining(groups, targets),
    ...duplicates(groups, targets),
    ...targets.flatMap((name) => {
      const ofCell = cellValues(crystals, groups, name)
      return ofCell.length > 0 ? ofCell : disagreements(crystals, groups, name)
    }),
  ]
}

/** Leakage: what val and test are meant to judge was learned by heart. */
function seenInTraining(groups: readonly (readonly Observation[])[], targets: readonly string[]): Finding[] {
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
      leaking.map((group) => groupCase(group, targets)),
    ),
  ]
}

function duplicates(groups: readonly (readonly Observation[])[], targets: readonly string[]): Finding[] {
  if (groups.length === 0) return []
  const count = groups.flat().length
  return [
    note(
      'duplicate',
      count,
      `${count} crystals in ${groups.length} groups that cannot be told apart`,
      groups.map((group) => groupCase(group, targets)),
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
      found.map(({ group }) => groupCase(group, [name])),
    ),
  ]
}

function groupCase(group: readonly Observation[], targets: readonly string[]) {
  const splits = SPLITS.filter((split) => group.some((crystal) => crystal.split === split))
  const spreads = targets.flatMap((name) => {
    const values = valuesOf(group, name)
    return values.length < 2 ? [] : [`${name} ${digits(smallest(values))} to ${digits(largest(values))}`]
  })
  const detail = [group[0].formula, splits.join(' + '), ...spreads].filter((part) => part !== '').join(', ')
  return { crystals: group.map(({ id }) => id), detail }
}
