// How large an error is to be expected of a crystal: its logarithm is linear in the signals. The weights are fitted to
// held-out crystals by ridge regression towards weights that were chosen by hand, looking at real crystals of which a part
// was left out of the training by chemistry: a few hundred held-out crystals tell little of what none of them is like.

import { leastSquares } from '../math/least-squares.ts'
import { mean } from '../math/mean.ts'
import { short } from './packed.ts'
import { SIGNALS } from './signal-names.ts'

export interface Difficulty {
  readonly bias: number
  /** [SIGNALS] */
  readonly weights: number[]
}

/**
 * Weights that rank the errors of formation energies well, and the standard deviations of the signals there
 * (docs/decisions/019-domain-and-intervals.md). That of members was tried on no left-out
 * chemistry.
 */
const CHOSEN: Readonly<Record<(typeof SIGNALS)[number], { readonly weight: number; readonly std: number }>> =
  {
    distance: { weight: 0.4, std: 0.4 },
    'neighbour error': { weight: 0.4, std: 0.5 },
    disagreement: { weight: 0.15, std: 0.8 },
    'element error': { weight: 0.6, std: 0.3 },
    'rare pairs': { weight: 0.05, std: 1.5 },
    'unseen pairs': { weight: 0.8, std: 0.3 },
    'unseen elements': { weight: 2, std: 0.15 },
    denser: { weight: 0.5, std: 0.6 },
    sparser: { weight: 0.1, std: 0.6 },
    'members apart': { weight: 0.4, std: 0.6 },
  }
/** Held-out crystals that the chosen weights count for. */
const PRIOR = 40
/** Added to an error before its logarithm: one that happens to vanish says little. Standard deviations of the target. */
const SMALLEST = 0.01

/** log of the expected error, in standard deviations of the targets. */
export function logError({ bias, weights }: Difficulty, signals: readonly number[]): number {
  return weights.reduce((sum, weight, n) => sum + weight * signals[n], bias)
}

/**
 * @param rows signals of held-out crystals
 * @param errors of the same, in standard deviations of the targets
 */
export function fitDifficulty(rows: readonly (readonly number[])[], errors: readonly number[]): Difficulty {
  const logs = errors.map((error) => Math.log(error + SMALLEST))
  const chosen = SIGNALS.map((name) => CHOSEN[name])
  const means = chosen.map((_, s) => mean(rows.map((row) => row[s])))
  const centred = (row: readonly number[], s: number) => row[s] - means[s]
  const middle = mean(logs)
  // What the chosen weights leave over; and for each weight a further point that holds it where it was chosen.
  const left = logs.map(
    (log, n) => log - middle - chosen.reduce((sum, { weight }, s) => sum + weight * centred(rows[n], s), 0),
  )
  const columns = chosen.map(({ std }, s) =>
    Float64Array.from([
      ...rows.map((row) => centred(row, s)),
      ...chosen.map((_, other) => (other === s ? Math.sqrt(PRIOR) * std : 0)),
    ]),
  )
  const [changes] = leastSquares(columns, [Float64Array.from([...left, ...chosen.map(() => 0)])])
  // A random split holds too little of what is strange to say that strangeness does no harm.
  const weights = chosen.map(({ weight }, s) => short(Math.max(weight / 2, weight + changes[s])))
  return { weights, bias: short(middle - weights.reduce((sum, weight, s) => sum + weight * means[s], 0)) }
}
