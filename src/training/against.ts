// Errors against those of always answering the mean of the training targets, on the same crystals: what a network that
// learned nothing would have.

import type { TargetScaling } from '../data/scaling.ts'
import { mean } from '../math/mean.ts'
import { restored } from '../math/transform.ts'
import { type Evaluation, labelledWith } from './evaluate.ts'

/** MAE of always answering the mean of what was learned of each target, in its unit. */
export function maeOfMean({ crystals }: Evaluation, targets: readonly TargetScaling[]): number[] {
  return targets.map((target, t) => {
    const guess = restored(target.mean, target)
    return mean(labelledWith(crystals, t).map(({ actual }) => Math.abs(actual - guess)))
  })
}

/** A sentence for every target that the network answers no better than the mean does; of val, or else of test. */
export function learnedNothing(
  { val, test }: Readonly<Record<'val' | 'test', Evaluation | null>>,
  targets: readonly TargetScaling[],
): string[] {
  const judged = val ?? test
  if (!judged) return []
  const guess = maeOfMean(judged, targets)
  return judged.targets.flatMap(({ name, unit, n, mae }, t) =>
    mae === null || mae < guess[t]
      ? []
      : [
          `${name}: the error ${mae.toPrecision(3)} ${unit} is no better than the ${guess[t].toPrecision(3)} ${unit} of always ` +
            `answering the mean, on ${n} ${val ? 'validation' : 'test'} crystals: nothing was learned that counts there`,
        ],
  )
}
