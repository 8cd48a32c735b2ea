// A tensor of the float64 evaluator: its type, its sizes, its numbers row by row. Floats of every width are float64
// here; integers keep their width and wrap as they do in hardware. Tensors are never changed once made: operators that
// only give other sizes share the numbers.

import { LimitError } from '../../../src/errors.ts'

/** The array that holds the elements of each type. */
interface Arrays {
  readonly float64: Float64Array
  readonly int64: BigInt64Array
  readonly int32: Int32Array
  readonly int8: Int8Array
  /** 0 or 1 */
  readonly bool: Uint8Array
}

/** Element types of the float64 evaluator: float16 and float32 of a file are float64 here. */
export type ElementType = keyof Arrays
export type Data<T extends ElementType = ElementType> = Arrays[T]

/** A value of the float64 evaluator. */
export type Tensor<T extends ElementType = ElementType> = {
  readonly [K in T]: {
    /** of the elements */
    readonly type: K
    /** sizes of the axes */
    readonly dims: readonly number[]
    /** row by row */
    readonly data: Arrays[K]
  }
}[T]

const MAX_RANK = 16
/** Elements of one tensor: 512 MiB of float64. */
export const MAX_ELEMENTS = 2 ** 26

/** Elements of a tensor of these sizes. @throws LimitError for more than can be held, or what are no sizes. */
export function count(dims: readonly number[]): number {
  const elements = dims.reduce((product, size) => product * size, 1)
  // An empty tensor may still have an axis that is too long to walk along.
  const whole = dims.every((size) => Number.isInteger(size) && size >= 0 && size <= MAX_ELEMENTS)
  if (whole && dims.length <= MAX_RANK && elements <= MAX_ELEMENTS) return elements
  throw new LimitError(
    `a tensor [${dims.slice(0, MAX_RANK)}] of rank ${dims.length}, expected at most ${MAX_ELEMENTS} elements and ` +
      `rank ${MAX_RANK}; evaluate fewer or smaller inputs at once`,
  )
}

/** Zeros. */
export function zeros<T extends ElementType>(type: T, dims: readonly number[]): Data<T> {
  const size = count(dims)
  const arrays: { readonly [K in ElementType]: () => Arrays[K] } = {
    float64: () => new Float64Array(size),
    int64: () => new BigInt64Array(size),
    int32: () => new Int32Array(size),
    int8: () => new Int8Array(size),
    bool: () => new Uint8Array(size),
  }
  return arrays[type]()
}

export function tensor<T extends ElementType>(type: T, dims: readonly number[], data: Data<T>): Tensor<T> {
  return { type, dims, data } as unknown as Tensor<T>
}

/**
 * A tensor of the type of `like` whose numbers `fill` copies from those of `like`. What only moves numbers need not know
 * what they are: both arrays go by the name of Float64Array.
 */
export function moved(
  like: Tensor,
  dims: readonly number[],
  fill: (to: Float64Array, from: Float64Array) => void,
): Tensor {
  const data = zeros(like.type, dims)
  fill(data as Float64Array, like.data as Float64Array)
  return tensor(like.type, dims, data)
}

/** How far apart neighbours along each axis lie. */
export function strides(dims: readonly number[]): number[] {
  const steps: number[] = []
  let step = 1
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    steps[axis] = step
    step *= dims[axis]
  }
  return steps
}

/** Elements before an axis, along it, and after it. */
export function around(dims: readonly number[], axis: number): readonly [number, number, number] {
  return [count(dims.slice(0, axis)), dims[axis], count(dims.slice(axis + 1))]
}

/** Like 'float64 [2, 3]', for messages. */
export function describe({ type, dims }: Tensor): string {
  return `${type} [${dims.join(', ')}]`
}
