// A section of reports: whether what is known beforehand tells how far off a prediction of a target is. That is the score
// of the domain, or how far the members of an ensemble are apart.

import type { TargetScaling } from '../data/scaling.ts'
import { mean } from '../math/mean.ts'
import { figure, type Html, html, section, sideBySide, table } from '../report/html.ts'
import { barChart, lineChart, type Point } from '../report/plots.ts'
import type { Coverage } from './coverage.ts'
import { type EvaluatedCrystal, type Evaluation, labelledWith } from './evaluate.ts'
import { digits } from './report-errors.ts'

/** Groups of crystals by their doubt, and the fewest that make one. */
const [GROUPS, FEWEST] = [8, 5]
/** Shares of the crystals, in per cent, that are rejected at most, and from one point to the next. */
const [MOST, STEP] = [95, 5]

/** A crystal with what was known beforehand, and how far off the prediction was. */
interface Doubted {
  readonly doubt: number
  readonly error: number
}

/** Nothing where nothing was known beforehand. */
export async function trustSection(
  { name, unit }: TargetScaling,
  t: number,
  { crystals, intervals }: Evaluation,
  split: string,
): Promise<Html | string> {
  const kind = DOUBTS.find(({ of }) => crystals.some((crystal) => of(crystal, t) !== undefined))
  if (!kind) return ''
  const doubted = labelledWith(crystals, t)
    .flatMap(({ crystal, actual, predicted }): Doubted | [] => {
      const doubt = kind.of(crystal, t)
      return doubt === undefined ? [] : { doubt, error: Math.abs(predicted - actual) }
    })
    .sort((a, b) => a.doubt - b.doubt)
  if (doubted.length < 2 * FEWEST) return ''
  const mae = `MAE of ${name} (${unit})`
  const groups = figure(
    await barChart({ x: mae, bars: errorByDoubt(doubted) }),
    `Mean absolute error of crystals of the ${split} split by ${kind.name}, in groups of about the same size.`,
  )
  const least = doubted.toSorted((a, b) => a.error - b.error)
  const curve = figure(
    await lineChart({
      x: 'rejected crystals (%)',
      y: `${mae} of the others`,
      series: [
        { name: `by ${kind.name}`, points: sparsification(doubted) },
        { name: 'by the error itself', points: sparsification(least) },
      ],
    }),
    'What is left when the most doubtful predictions are rejected. Rejected at random, the line would be level; by the error ' +
      'itself, which nobody knows, none could be lower.',
  )
  return section(`Trust in ${name}`, html`${sideBySide(groups, curve)}${held(intervals?.[t] ?? [], unit)}`)
}

/** How often intervals held, beside what they promise. */
function held(intervals: readonly Coverage[], unit: string): Html | string {
  if (intervals.length === 0) return ''
  return table(
    ['interval', 'true values within', `half its width (${unit})`],
    intervals.map(({ level, coverage, half_width }) => [
      ...[percent(level), percent(coverage)],
      `± ${digits(half_width)}`,
    ]),
  )
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** What may be known of a crystal, the best that a report has first. */
const DOUBTS: readonly {
  readonly name: string
  readonly of: (crystal: EvaluatedCrystal, t: number) => number | undefined
}[] = [
  { name: 'spread of the members', of: ({ spread }, t) => spread?.[t] },
  { name: 'domain score', of: ({ domain }) => domain?.score },
]

/** @param doubted the least doubtful first */
export function errorByDoubt(doubted: readonly Doubted[]): { name: string; value: number }[] {
  const groups = Math.min(GROUPS, Math.floor(doubted.length / FEWEST))
  return Array.from({ length: groups }, (_, g) => {
    const [from, to] = [g, g + 1].map((end) => Math.round((end * doubted.length) / groups))
    const group = doubted.slice(from, to)
    return {
      name: `${digits(group[0].doubt)} to ${digits(group.at(-1)!.doubt)} (${group.length} crystals)`,
      value: mean(group.map(({ error }) => error)),
    }
  })
}

/** Rejected per cent and the mean error of the others. @param doubted the last are rejected first */
export function sparsification(doubted: readonly Pick<Doubted, 'error'>[]): Point[] {
  return Array.from({ length: MOST / STEP + 1 }, (_, n): Point => {
    const kept = Math.max(1, Math.round(doubted.length * (1 - (n * STEP) / 100)))
    return [n * STEP, mean(doubted.slice(0, kept).map(({ error }) => error))]
  })
}
