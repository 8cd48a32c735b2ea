// How far off weights are on the validation split: in the unit of each target for people, and as one number by which
// epochs are compared.

import type { TargetScaling } from '../data/scaling.ts'
import { mean } from '../math/mean.ts'
import type { TargetErrors } from './evaluate.ts'

export interface Validation {
  /** mean absolute error of each target, in its unit; null where no crystal carries it */
  readonly mae: readonly (number | null)[]
  /** mean over the targets of the errors of what was learned of them, in standard deviations */
  readonly error: number
}

export function validationOf(targets: readonly TargetErrors[]): Validation {
  return {
    mae: targets.map(({ mae }) => mae),
    error: mean(targets.flatMap(({ standardised }) => standardised ?? [])),
  }
}

/** What a file says; older toolkits, of which every crystal carried every target as a value, wrote no `error`. */
export function storedValidation(
  mae: Validation['mae'] | null,
  error: number | null | undefined,
  scaling: readonly TargetScaling[],
): Validation | null {
  return mae && { mae, error: error ?? mean(mae.map((of, t) => (of ?? Number.NaN) / scaling[t].std)) }
}
