// Whether something is a crystal at all, for every format that says in which directions it repeats.

import { StructureError } from '../errors.ts'

/**
 * Warns of directions without periodicity, which are taken as periodic.
 * @param periodic along a, b and c
 * @param source what says so: `pbc="T T F"`
 * @throws what `fail` makes, or StructureError, when there is none at all
 */
export function checkPeriodicity(
  periodic: readonly boolean[],
  source: string,
  warn: (message: string) => void,
  fail: (message: string) => Error = (message) => new StructureError(message),
): void {
  if (periodic.length !== 3) {
    throw fail(`${source}: expected one value for each of the three directions`)
  }
  if (!periodic.includes(true)) {
    throw fail(`${source}: the structure is not periodic, and only crystals can be read`)
  }
  if (periodic.includes(false)) warn(`${source} is taken as periodic in all three directions`)
}
