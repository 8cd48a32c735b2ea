// Convolution and pooling of images [batch, channels, height, width].

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

interface Windows {
  readonly rows: Axis
  readonly columns: Axis
}

function images(call: Call): Tensor<'float64'> {
  const x = input(call, 0, 'float64')
  if (x.dims.length === 4) return x
  throw fault(call, `takes images [batch, channels, height, width], found ${describe(x)}`)
}

function filters(call: Call): Tensor<'float64'> {
  const w = input(call, 1, 'float64')
  if (w.dims.length === 4) return w
  throw fault(call, `takes filters of rank 4, found ${describe(w)}`)
}

/** The windows that the attributes describe. @param filter sizes of the kernel where a filter gives them */
function windows(call: Call, { dims }: Tensor, filter?: readonly number[]): Windows {
  const same = text(call, 'auto_pad', ['NOTSET', 'SAME_UPPER']) === 'SAME_UPPER'
  const list = (name: string, length: number, least: number, missing?: readonly number[]) => {
    const values = integers(call, name) ?? missing
    if (values?.length === length && values.every((n) => n >= least)) return values
    throw fault(call, `attribute ${name} is [${values}], expected ${length} numbers from ${least} up`)
  }
  const kernel = list('kernel_shape', 2, 1, filter)
  if (filter && String(kernel) !== String(filter)) {
    throw fault(call, `kernel_shape [${kernel}] of a filter of [${filter}]`)
  }
  // Nothing else bounds the window of a pool.
  count(kernel)
  const strides = list('strides', 2, 1, [1, 1])
  const dilations = filter ? list('dilations', 2, 1, [1, 1]) : [1, 1]
  const pads = list('pads', 4, 0, [0, 0, 0, 0])
  const axis = (a: number): Axis => {
    const [size, stride, dilation] = [dims[2 + a], strides[a], dilations[a]]
    const reach = (kernel[a] - 1) * dilation + 1
    const zeros = same ? Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size) : 0
    const [before, after] = same ? [Math.floor(zeros / 2), Math.ceil(zeros / 2)] : [pads[a], pads[a + 2]]
    return { size, kernel: kernel[a], stride, dilation, before, after }
  }
  return { rows: axis(0), columns: axis(1) }
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

/** Visits every window of one channel with its element (r, c), where that lies on the image. */
function sweep(
  { rows, columns }: Windows,
  counts: readonly number[],
  r: number,
  c: number,
  visit: Visit,
): void {
  const [fromRow, toRow] = reaching(rows, r, counts[0])
  const [fromColumn, toColumn] = reaching(columns, c, counts[1])
  for (let i = fromRow; i < toRow; i++) {
    const line = (i * rows.stride + r * rows.dilation - rows.before) * columns.size
    const shift = c * columns.dilation - columns.before
    for (let j = fromColumn; j < toColumn; j++) visit(line + j * columns.stride + shift, i * counts[1] + j)
  }
}

/** Σ over the channels of the group and the window, plus a bias. */
export const Conv: Operator = (call) => {
  const [x, w, bias] = [images(call), filters(call), optional(call, 2, 'float64')]
  const group = integer(call, 'group', 1)
  const [batch, channels] = x.dims
  const [outputs, depth, ...kernel] = w.dims
  if (!(group > 0) || depth * group !== channels || outputs % group !== 0) {
    throw fault(call, `${describe(w)} in ${group} groups for ${describe(x)}`)
  }
  const bounds = windows(call, x, kernel)
  const counts = [windowCount(call, bounds.rows), windowCount(call, bounds.columns)]
  const dims = [batch, outputs, ...counts]
  const result = zeros('float64', dims)
  const [size, made] = [x.dims[2] * x.dims[3], counts[0] * counts[1]]
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const to = result.subarray((n * outputs + o) * made, (n * outputs + o + 1) * made)
      to.fill(bias?.data[o] ?? 0)
      const firstChannel = n * channels + Math.floor(o / (outputs / group)) * depth
      forEachWeight(kernel, depth, (d, r, c, at) => {
        const from = x.data.subarray((firstChannel + d) * size, (firstChannel + d + 1) * size)
        const weight = w.data[o * depth * kernel[0] * kernel[1] + at]
        sweep(bounds, counts, r, c, (image, window) => {
          to[window] += weight * from[image]
        })
      })
    }
  }
  return tensor('float64', dims, result)
}

/** The transpose of a convolution: every input element adds a window of filter weights to the result. */
export const ConvTranspose: Operator = (call) => {
  const [x, w] = [images(call), filters(call)]
  const [batch, channels, height, width] = x.dims
  const [inputs, outputs, ...kernel] = w.dims
  if (inputs !== channels) throw fault(call, `${describe(w)} for ${describe(x)}`)
  const { rows, columns } = windows(call, x, kernel)
  const beyond = integers(call, 'output_padding') ?? [0, 0]
  // The windows lie on the result; that they fit it is what makes it the transpose.
  const grown = (axis: Axis, a: number): Axis => ({
    ...axis,
    size:
      (axis.size - 1) * axis.stride +
      (axis.kernel - 1) * axis.dilation +
      1 -
      axis.before -
      axis.after +
      beyond[a],
  })
  const bounds = { rows: grown(rows, 0), columns: grown(columns, 1) }
  const dims = [batch, outputs, bounds.rows.size, bounds.columns.size]
  const result = zeros('float64', dims)
  const [given, made] = [height * width, dims[2] * dims[3]]
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < channels; i++) {
      const from = x.data.subarray((n * channels + i) * given, (n * channels + i + 1) * given)
      forEachWeight(kernel, outputs, (o, r, c, at) => {
        const to = result.subarray((n * outputs + o) * made, (n * outputs + o + 1) * made)
        const weight = w.data[i * outputs * kernel[0] * kernel[1] + at]
        sweep(bounds, [height, width], r, c, (image, window) => {
          to[image] += weight * from[window]
        })
      })
    }
  }
  return tensor('float64', dims, result)
}

/** Every weight of one filter: its channel, row and column, and its place in the filter. */
function forEachWeight(
  [rows, columns]: readonly number[],
  channels: number,
  visit: (channel: number, row: number, column: number, at: number) => void,
): void {
  let at = 0
  for (let channel = 0; channel < channels; channel++) {
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) visit(channel, r, c, at++)
  }
}

/** A reduction of every window; `seen` counts the elements of a window that lie on the image. */
function pooled(
  call: Call,
  start: number,
  combine: (total: number, x: number) => number,
  finish: (total: number, seen: number, window: number) => number,
): Tensor {
  const x = images(call)
  const bounds = windows(call, x)
  const counts = [windowCount(call, bounds.rows), windowCount(call, bounds.columns)]
  const dims = [x.dims[0], x.dims[1], ...counts]
  const result = zeros('float64', dims).fill(start)
  const [size, made] = [x.dims[2] * x.dims[3], counts[0] * counts[1]]
  const kernel = [bounds.rows.kernel, bounds.columns.kernel]
  for (let channel = 0; channel < x.dims[0] * x.dims[1]; channel++) {
    const from = x.data.subarray(channel * size, (channel + 1) * size)
    const to = result.subarray(channel * made, (channel + 1) * made)
    const seen = new Float64Array(made)
    forEachWeight(kernel, 1, (_, r, c) => {
      sweep(bounds, counts, r, c, (image, window) => {
        to[window] = combine(to[window], from[image])
        seen[window]++
      })
    })
    for (let n = 0; n < made; n++) to[n] = finish(to[n], seen[n], kernel[0] * kernel[1])
  }
  return tensor('float64', dims, result)
}

export const MaxPool: Operator = (call) => pooled(call, Number.NEGATIVE_INFINITY, Math.max, (most) => most)

export const AveragePool: Operator = (call) => {
  const countsPadding = integer(call, 'count_include_pad', 0) === 1
  return pooled(
    call,
    0,
    (total, x) => total + x,
    (total, seen, window) => total / (countsPadding ? window : seen),
  )
}
