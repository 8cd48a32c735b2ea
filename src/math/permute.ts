// The axes of a tensor in another order.

/** The values, row by row, of the tensor whose axis k is axis `axes[k]` of `data`, a tensor of this shape. */
export function permuteAxes(
  data: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
): Float32Array {
  if (axes.every((axis, n) => axis === n)) return data.slice()
  const permuted = new Float32Array(data.length)
  const sizes = axes.map((axis) => shape[axis])
  const strides = axes.map((axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  const last = axes.length - 1
  let n = 0
  const walk = (depth: number, place: number): void => {
    for (let k = 0; k < sizes[depth]; k++) {
      const at = place + k * strides[depth]
      if (depth + 1 < last) walk(depth + 1, at)
      else {
        copyStrided(permuted, n, data, at, sizes[last], strides[last])
        n += sizes[last]
      }
    }
  }
  walk(0, 0)
  return permuted
}

/** Apart from the walk, so that the engine compiles it early. */
function copyStrided(
  to: Float32Array,
  start: number,
  from: Float32Array,
  place: number,
  size: number,
  stride: number,
): void {
  for (let k = 0; k < size; k++) to[start + k] = from[place + k * stride]
}

/** The order that undoes `axes`. */
export function inverseOrder(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis))
}
