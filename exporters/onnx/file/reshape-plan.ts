// How a Reshape can be written with as few sizes as possible computed at run time: 0 keeps the size that the input has
// at that place, −1 is whatever remains, and axes of size 1 come and go by Unsqueeze and Squeeze.

import { equal, type Shape, type Size, termsOf } from '../sizes.ts'

export type ReshapePlan =
  /** 0, −1 and plain numbers, and polynomials where a size must be computed. */
  | { readonly op: 'Reshape'; readonly target: Shape }
  | { readonly op: 'Unsqueeze' | 'Squeeze'; readonly axes: readonly number[] }

export function planReshape(from: Shape, to: Shape): ReshapePlan {
  const target: Size[] = to.map((size, axis) =>
    typeof size !== 'number' && axis < from.length && equal(size, from[axis]) ? 0 : size,
  )
  const open = [...target.keys()].filter((axis) => typeof target[axis] !== 'number')
  if (open.length > 1) {
    const unsqueezed = onesBetween(from, to)
    if (unsqueezed) return { op: 'Unsqueeze', axes: unsqueezed }
    const squeezed = onesBetween(to, from)
    if (squeezed) return { op: 'Squeeze', axes: squeezed }
  }
  // The size that is hardest to compute is the one to leave open.
  const hardest = open.sort((a, b) => terms(target[b]) - terms(target[a]) || b - a)[0]
  if (hardest !== undefined) target[hardest] = -1
  return { op: 'Reshape', target }
}

/** Terms and factors: the nodes that computing the size takes. */
function terms(size: Size): number {
  if (typeof size === 'number') return 0
  return termsOf(size).reduce((n, { coefficient, factors }) => {
    const within = factors.map((factor) => (typeof factor === 'string' ? 1 : 2 + terms(factor.of)))
    return n + within.reduce((a, b) => a + b, coefficient === 1 && factors.length > 0 ? 0 : 1)
  }, 0)
}

/** The axes of size 1 that `to` has beyond those of `from`, or undefined when that is not the difference. */
function onesBetween(from: Shape, to: Shape): number[] | undefined {
  const axes: number[] = []
  let next = 0
  for (const [axis, size] of to.entries()) {
    if (next < from.length && equal(size, from[next])) next++
    else if (size === 1) axes.push(axis)
    else return undefined
  }
  return next === from.length && axes.length > 0 ? axes : undefined
}
