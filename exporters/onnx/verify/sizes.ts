// Sizes that an export is tried at: ones, small ones, odd ones, large ones; none of them recorded if it can be helped.

import { evaluate, multiply, type Shape, type Size, type Sizes, symbols, volume } from '../sizes.ts'
import type { Step, UnifiedReference } from '../unify.ts'

const ROWS = [
  [1],
  [8, 10, 14, 12, 16, 18, 20, 22, 24],
  [15, 21, 25, 27, 33, 35, 39, 45, 49],
  [777, 300, 90, 40],
  [300, 150, 60, 34],
  [90, 75, 50, 32],
] as const
/** Numbers that a run may take and make, all kernels together, unless it is the smallest that there is. */
const MOST_ELEMENTS = 4e6

/** How many there are of what values tell, when costs are estimated. */
const COUNTED = 100

/** Elements that a kernel of tfjs makes for one of its result, if it goes step by step. */
const STEPWISE = 200

/** How many elements a step makes, for a result of this shape. */
function made({ composite, inputs }: Step, shape: Shape, given: ReadonlyMap<string, Shape>): Size {
  const [first] = inputs.values()
  if (!composite?.stepwise || !first) return volume(shape)
  const sequence = first.kind === 'output' ? first.step.outputs[first.index].shape : given.get(keyOf(first))
  // Small kernels cost what they cost to call: by the number of steps and of rows.
  return multiply(volume((sequence ?? shape).slice(0, 2)), STEPWISE)
}

const keyOf = (ref: UnifiedReference) => (ref.kind === 'input' ? ref.name : '')

/**
 * From small to large; at least one.
 * @param steps what one run makes
 * @param counts symbols of sizes that values tell
 * @param recorded the sizes that were recorded: where small ones were not, since the function needs larger ones, those
 *   here are larger, too
 */
export function tryingSizes(
  inputs: ReadonlyMap<string, Shape>,
  steps: readonly Step[],
  recorded: readonly Sizes[],
  counts: readonly string[],
): Sizes[] {
  const shapes = [...inputs.values()]
  const names = [...new Set(shapes.flatMap((shape) => shape.flatMap(symbols)))]
  if (names.length === 0) return [{}]
  const volumes = [
    ...shapes.map(volume),
    ...steps.flatMap((step) => step.outputs.map(({ shape }) => made(step, shape, inputs))),
  ]
  const told = Object.fromEntries(counts.map((name) => [name, COUNTED]))
  const cost = (at: Sizes) =>
    volumes.reduce<number>((sum, size) => sum + evaluate(size, { ...told, ...at }), 0)
  const shift = (name: string) => Math.max(0, Math.min(...recorded.map((at) => at[name])) - 2)
  const rows = ROWS.map((row) =>
    Object.fromEntries(names.map((name, i) => [name, row[i % row.length] + shift(name)])),
  )
  const cheap = rows.filter((at) => cost(at) <= MOST_ELEMENTS)
  return cheap.length > 0 ? cheap : [rows.sort((a, b) => cost(a) - cost(b))[0]]
}
