// Which element takes the place of which: itself, one of the same or the next group, or one that is farther away, each no
// more different in electronegativity than allowed.

import { electronegativity } from '../../crystal/electronegativity.ts'
import { groupOf } from '../../crystal/periodic-table.ts'
import type { Random } from '../../math/random/random.ts'

/** Elements that are like each other. */
export interface Likeness {
  /** Groups of the periodic table between them at most; f elements are of group 3. */
  readonly groups: number
  /** Pauling electronegativities differ by less. */
  readonly difference: number
}

/** How elements are exchanged. */
export interface ExchangeOptions {
  /** Probability that an element stays. */
  readonly kept: number
  /** Probability that one of `near` takes its place; otherwise it is one of `far`. */
  readonly exchangedNear: number
  /** What is near. */
  readonly near: Likeness
  /** What is far, near ones among them. */
  readonly far: Likeness
}

/** Draws what takes the place of an element. One without an electronegativity, or with nothing like it, stays. */
export type Exchange = (element: number, rng: Random) => number

/** @param elements that may take a place */
export function exchangeOf(elements: readonly number[], options: ExchangeOptions): Exchange {
  const { kept, exchangedNear, near, far } = options
  const likeOf = (likeness: Likeness) =>
    new Map(elements.map((z) => [z, elements.filter((other) => isLike(z, other, likeness))]))
  const [nearOf, farOf] = [likeOf(near), likeOf(far)]
  return (element, rng) => {
    const draw = rng.uniform()
    if (draw < kept) return element
    const candidates = (draw < kept + exchangedNear ? nearOf : farOf).get(element) ?? []
    return candidates.length === 0 ? element : rng.pick(candidates)
  }
}

function isLike(a: number, b: number, { groups, difference }: Likeness): boolean {
  const [chiA, chiB] = [electronegativity(a), electronegativity(b)]
  if (a === b || chiA === undefined || chiB === undefined) return false
  return Math.abs(groupOf(a) - groupOf(b)) <= groups && Math.abs(chiA - chiB) < difference
}
