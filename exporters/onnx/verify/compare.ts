// Whether two runs gave the same tensors: types, shapes, NaNs, infinities, and numbers but for rounding.

export interface Output {
  readonly dtype: string
  readonly dims: readonly number[]
  readonly data: ArrayLike<number>
}

/** Of float32, relative to the largest number of a tensor: far above rounding, far below another function. */
const TOLERANCE = 1e-3

/** Outputs that are all smaller are compared as if they were as large: onnxruntime's sigmoid is 0 where tfjs's is e^-18. */
const SMALLEST = 1e-4

/** The largest difference relative to the largest number, and in words what is wrong, if something is. */
export interface Comparison {
  readonly error: number
  readonly difference?: string
  /** Whether only axes of size 1 are there in one and not in the other. */
  readonly squeezed?: boolean
}

export function compare(found: Output, wanted: Output): Comparison {
  const [got, want] = [found, wanted].map(({ dtype, dims }) => `${dtype} [${dims}]`)
  const [long, wantedLong] = [found, wanted].map(
    ({ dtype, dims }) => `${dtype} [${dims.filter((n) => n !== 1)}]`,
  )
  const squeezed = got !== want && long === wantedLong
  if (got !== want && !squeezed)
    return { error: Number.POSITIVE_INFINITY, difference: `onnxruntime gives ${got}, tfjs ${want}` }
  let scale = 0
  for (let i = 0; i < wanted.data.length; i++) {
    const size = Math.abs(wanted.data[i])
    if (size > scale && size !== Number.POSITIVE_INFINITY) scale = size
  }
  const exact = wanted.dtype !== 'float32'
  let worst = 0
  let at = -1
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, b] = [found.data[i], wanted.data[i]]
    if (Object.is(a, b) || a === b) continue
    const error = exact ? 1 : Math.abs(a - b) / Math.max(scale, SMALLEST)
    if (error <= worst) continue
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
    at = i
  }
  if (worst <= TOLERANCE) return { error: worst, squeezed }
  return {
    error: worst,
    difference: `element ${at} is ${found.data[at]} in onnxruntime, ${wanted.data[at]} in tfjs`,
  }
}
