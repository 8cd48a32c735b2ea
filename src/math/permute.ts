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
    const [size, stride] = [sizes[depth], strides[depth]]
    if (depth < last) for (let k = 0; k < size; k++) walk(depth + 1, place + k * stride)
    else for (let k = 0; k < size; k++) permuted[n++] = data[place + k * stride]
  }
  walk(0, 0)
  return permuted
}

/** The order that undoes `axes`. */
export function inverseOrder(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis))
}
