// Errors against those of always answering the mean of the training targets, on the same crystals: what a network that
// learned nothing would have.

import type { TargetScaling } from '../data/scaling.ts'
import type { Evaluation } from './evaluate.ts'

/** MAE of always answering the mean of each target, in its unit. */
export function maeOfMean({ n, crystals }: Evaluation, targets: readonly TargetScaling[]): number[] {
  return targets.map(({ mean }, t) =>
    crystals.reduce((sum, { actual }) => sum + Math.abs(actual[t] - mean) / n, 0),
  )
}

/** A sentence for every target that the network answers no better than the mean does; of val, or else of test. */
export function learnedNothing(
  { val, test }: Readonly<Record<'val' | 'test', Evaluation | null>>,
  targets: readonly TargetScaling[],
): string[] {
  const judged = val ?? test
  if (!judged) return []
  const guess = maeOfMean(judged, targets)
  return judged.targets.flatMap(({ name, unit, mae }, t) =>
    mae < guess[t]
      ? []
      : [
          `${name}: the error ${mae.toPrecision(3)} ${unit} is no better than the ${guess[t].toPrecision(3)} ${unit} of always ` +
            `answering the mean, on ${judged.n} ${val ? 'validation' : 'test'} crystals: nothing was learned that counts there`,
        ],
  )
}
