// Whether the parts of a domain that comes from a file belong together, beyond what each is alone (section.ts).

import { featuresOf } from './features.ts'
import type { Domain } from './section.ts'

/** What is wrong, or undefined. @param targets how many the model predicts */
export function domainFault(domain: Domain, targets: number): string | undefined {
  const { targets: ranges, residuals, spread, held_out, features } = domain
  const perTarget = [ranges, residuals, spread, held_out.error_inside, held_out.error_outside]
  const other = perTarget.find((list) => list.length !== targets)
  if (other) return `its domain is of ${other.length} targets, the model has ${targets}`
  if (residuals.some((list) => list.some((x, n) => n > 0 && x < list[n - 1])))
    return 'the residuals of its domain do not rise with the level'
  if (features && !featuresOf(domain)) return 'the features of its domain are not of the sizes that it says'
  return undefined
}
