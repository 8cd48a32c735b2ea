// Convolution and pooling of images [batch, channels, …], with any number of image axes.

import { type Call, fault, input, integer, integers, type Operator, optional, text } from './call.ts'
import { count, describe, type Tensor, tensor, zeros } from './tensor.ts'

/** How windows lie along one image axis. */
interface Axis {
  readonly size: number
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  /** padding before and after */
  readonly before: number
  readonly after: number
}

function images(call: Call): Tensor<'float64'> {
  const x = input(call, 0, 'float64')
  if (x.dims.length >= 3) return x
  throw fault(call, `takes images [batch, channels, height, width], found ${describe(x)}`)
}

function filters(call: Call, { dims: { length } }: Tensor): Tensor<'float64'> {
  const w = input(call, 1, 'float64')
  if (w.dims.length === length) return w
  throw fault(call, `takes filters of rank ${length}, found ${describe(w)}`)
}

/** The windows that the attributes describe. @param filter sizes of the kernel where a filter gives them */
function windows(call: Call, { dims }: Tensor, filter?: readonly number[]): Axis[] {
  const axes = dims.length - 2
  const same = text(call, 'auto_pad', ['NOTSET', 'SAME_UPPER']) === 'SAME_UPPER'
  const list = (name: string, length: number, least: number, missing?: readonly number[]) => {
    const values = integers(call, name) ?? missing
    if (values?.length === length && values.every((n) => n >= least)) return values
    throw fault(call, `attribute ${name} is [${values}], expected ${length} numbers from ${least} up`)
  }
  const each = (n: number, length = axes) => new Array<number>(length).fill(n)
  const kernel = list('kernel_shape', axes, 1, filter)
  if (filter && String(kernel) !== String(filter)) {
    throw fault(call, `kernel_shape [${kernel}] of a filter of [${filter}]`)
  }
  // Nothing else bounds the window of a pool.
  count(kernel)
  const strides = list('strides', axes, 1, each(1))
  const dilations = filter ? list('dilations', axes, 1, each(1)) : each(1)
  const pads = list('pads', 2 * axes, 0, each(0, 2 * axes))
  return kernel.map((window, a) => {
    const [size, stride, dilation] = [dims[2 + a], strides[a], dilations[a]]
    const reach = (window - 1) * dilation + 1
    const around = same ? Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size) : 0
    const [before, after] = same ? [Math.floor(around / 2), Math.ceil(around / 2)] : [pads[a], pads[a + axes]]
    return { size, kernel: window, stride, dilation, before, after }
  })
}

/** How many windows fit. */
function windowCount(call: Call, { size, kernel, stride, dilation, before, after }: Axis): number {
  const room = size + before + after - ((kernel - 1) * dilation + 1)
  if (room >= 0) return Math.floor(room / stride) + 1
  throw fault(call, `a window of ${kernel} is wider than an image of ${size}`)
}

/** The windows whose element `k` lies on the image: from … to − 1 of `count`. */
function reaching(axis: Axis, k: number, count: number): readonly [number, number] {
  const first = k * axis.dilation - axis.before
  const from = Math.max(0, Math.ceil(-first / axis.stride))
  return [from, Math.min(count, Math.floor((axis.size - 1 - first) / axis.stride) + 1)]
}

/** What one element of a window sees: place `image` of the image and place `window` of the windows. */
type Visit = (image: number, window: number) => void

/** Visits every window of one channel with its element k, where that lies on the image. */
function sweep(
  axes: readonly Axis[],
  counts: readonly number[],
  k: readonly number[],
  visit: Visit,
  a = 0,
  image = 0,
  window = 0,
): void {
  const axis = axes[a]
  const [from, to] = reaching(axis, k[a], counts[a])
  const line = image * axis.size + k[a] * axis.dilation - axis.before
  const last = a === axes.length - 1
  for (let i = from; i < to; i++) {
    if (last) visit(line + i * axis.stride, window * counts[a] + i)
    else sweep(axes, counts, k, visit, a + 1, line + i * axis.stride, window * counts[a] + i)
  }
}

/** Σ over the channels of the group and the window, plus a bias. */
export const Conv: Operator = (call) => {
  const x = images(call)
  const [w, bias] = [filters(call, x), optional(call, 2, 'float64')]
  const group = integer(call, 'group', 1)
  const [batch, channels, ...image] = x.dims
  const [outputs, depth, ...kernel] = w.dims
  if (!(group > 0) || depth * group !== channels || outputs % group !== 0) {
    throw fault(call, `${describe(w)} in ${group} groups for ${describe(x)}`)
  }
  const bounds = windows(call, x, kernel)
  const counts = bounds.map((axis) => windowCount(call, axis))
  const dims = [batch, outputs, ...counts]
  const result = zeros('float64', dims)
  const [size, made, weights] = [count(image), count(counts), count(kernel)]
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const to = result.subarray((n * outputs + o) * made, (n * outputs + o + 1) * made)
      to.fill(bias?.data[o] ?? 0)
      const firstChannel = n * channels + Math.floor(o / (outputs / group)) * depth
      forEachWeight(kernel, depth, (d, k, at) => {
        const from = x.data.subarray((firstChannel + d) * size, (firstChannel + d + 1) * size)
        const weight = w.data[o * depth * weights + at]
        sweep(bounds, counts, k, (pixel, window) => {
          to[window] += weight * from[pixel]
        })
      })
    }
  }
  return tensor('float64', dims, result)
}

/** The transpose of a convolution: every input element adds a window of filter weights to the result. */
export const ConvTranspose: Operator = (call) => {
  const x = images(call)
  const [w, bias] = [filters(call, x), optional(call, 2, 'float64')]
  const [batch, channels, ...image] = x.dims
  const [inputs, outputs, ...kernel] = w.dims
  if (inputs !== channels) throw fault(call, `${describe(w)} for ${describe(x)}`)
  const beyond = integers(call, 'output_padding') ?? image.map(() => 0)
  // The windows lie on the result; that they fit it is what makes it the transpose.
  const bounds = windows(call, x, kernel).map((axis, a) => ({
    ...axis,
    size:
      (axis.size - 1) * axis.stride +
      (axis.kernel - 1) * axis.dilation +
      1 -
      axis.before -
      axis.after +
      beyond[a],
  }))
  const dims = [batch, outputs, ...bounds.map(({ size }) => size)]
  const result = zeros('float64', dims)
  const [given, made, weights] = [count(image), count(dims.slice(2)), count(kernel)]
  for (let n = 0; n < batch; n++) {
    if (bias)
      for (let o = 0; o < outputs; o++)
        result.fill(bias.data[o], (n * outputs + o) * made, (n * outputs + o + 1) * made)
    for (let i = 0; i < channels; i++) {
      const from = x.data.subarray((n * channels + i) * given, (n * channels + i + 1) * given)
      forEachWeight(kernel, outputs, (o, k, at) => {
        const to = result.subarray((n * outputs + o) * made, (n * outputs + o + 1) * made)
        const weight = w.data[i * outputs * weights + at]
        sweep(bounds, image, k, (pixel, window) => {
          to[pixel] += weight * from[window]
        })
      })
    }
  }
  return tensor('float64', dims, result)
}

/** Every weight of one filter: its channel, its element of the window, and its place in the filter. */
function forEachWeight(
  kernel: readonly number[],
  channels: number,
  visit: (channel: number, k: readonly number[], at: number) => void,
): void {
  const k = kernel.map(() => 0)
  const weights = count(kernel)
  for (let at = 0; at < channels * weights; at++) {
    let rest = at
    for (let a = kernel.length - 1; a >= 0; a--) {
      k[a] = rest % kernel[a]
      rest = Math.floor(rest / kernel[a])
    }
    visit(rest, k, at)
  }
}

/** Visits every element that a window sees, window by window from its first element on. */
function pooled(
  call: Call,
  start: number,
  visit: (to: Float64Array, window: number, x: number, at: number) => void,
) {
  const x = images(call)
  const bounds = windows(call, x)
  const counts = bounds.map((axis) => windowCount(call, axis))
  const dims = [x.dims[0], x.dims[1], ...counts]
  const result = zeros('float64', dims).fill(start)
  const size = count(x.dims.slice(2))
  const made = count(counts)
  const kernel = bounds.map((axis) => axis.kernel)
  for (let channel = 0; channel < x.dims[0] * x.dims[1]; channel++) {
    forEachWeight(kernel, 1, (_, k) => {
      sweep(bounds, counts, k, (pixel, window) => {
        const at = channel * size + pixel
        visit(result, channel * made + window, x.data[at], at)
      })
    })
  }
  return { dims, result, window: count(kernel) }
}

/** The largest of every window, and where asked for its place in the flattened images, of equal ones the first. */
export const MaxPool: Operator = (call) => {
  integer(call, 'storage_order', 0)
  const places: number[] = []
  const { dims, result } = pooled(call, Number.NEGATIVE_INFINITY, (to, window, x, at) => {
    if (Number.isNaN(x) || x > to[window]) {
      to[window] = x
      places[window] = at
    }
  })
  const values = tensor('float64', dims, result)
  if (call.node.outputs.length < 2) return values
  return [
    values,
    tensor(
      'int64',
      dims,
      BigInt64Array.from(result, (_, n) => BigInt(places[n] ?? 0)),
    ),
  ]
}

export const AveragePool: Operator = (call) => {
  const countsPadding = integer(call, 'count_include_pad', 0) === 1
  const seen: number[] = []
  const { dims, result, window } = pooled(call, 0, (to, place, x) => {
    to[place] += x
    seen[place] = (seen[place] ?? 0) + 1
  })
  return tensor(
    'float64',
    dims,
    result.map((total, n) => total / (countsPadding ? window : (seen[n] ?? 0))),
  )
}
