// Where windows lie on images, of any number of image axes: strides, dilations, and the zeros over the edges. Also the
// order of axes: tfjs has channels last, ONNX first.

import { ExportError } from '../../../src/errors.ts'
import { cast, transpose } from '../build.ts'
import type { Builder } from '../builder.ts'
import { add, format, multiply, type Size, subtract } from '../sizes.ts'
import type { Value } from '../values.ts'
import { type Call, input } from './lowering.ts'

/** [batch, …image, channels] to [batch, channels, …image]. @throws ExportError for another order */
export function channelsFirst(g: Builder, call: Call, name = 'x'): Value {
  const x = cast(g, input(call, name), 'float32')
  const rank = x.shape.length
  const { dataFormat } = call.attrs
  if (dataFormat !== undefined && dataFormat !== 'NHWC' && dataFormat !== 'NDHWC') {
    throw new ExportError(
      `${call.kernel}: dataFormat ${dataFormat} cannot be exported; use ${rank === 5 ? 'NDHWC' : 'NHWC'}, the default`,
    )
  }
  return transpose(g, x, [0, rank - 1, ...axesBetween(rank)])
}

export const channelsLast = (g: Builder, x: Value): Value =>
  transpose(g, x, [0, ...axesBetween(x.shape.length).map((axis) => axis + 1), 1])

const axesBetween = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, i) => i + 1)

/** One number for all image axes, or one each. */
export function perAxis({ kernel, attrs }: Call, name: string, axes: number): number[] {
  const value = attrs[name] ?? 1
  const all = Array.isArray(value) ? value : new Array(axes).fill(value)
  if (all.length !== axes || !all.every((n) => typeof n === 'number')) {
    throw new ExportError(
      `${kernel}: ${name} must be one number or ${axes} of them, found ${JSON.stringify(value)}`,
    )
  }
  return all
}

export interface Windows {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
}

/** How windows may reach over the edges, as an attribute of ONNX. */
export type Padding = { readonly pads: number[] } | { readonly auto_pad: string }

/**
 * Zeros before all axes, then after all. `same` keeps ceil(size / stride) windows, the odd zero at the end; how many
 * zeros that takes depends on an open size, and is left to the runtime.
 */
export function padding(
  { attrs: { pad } }: Call,
  image: readonly Size[],
  { kernel, strides, dilations }: Windows,
): Padding {
  const explicit = explicitPadding(pad, image.length)
  if (explicit) return { pads: explicit }
  const totals = image.map((size, i) => {
    const reach = (kernel[i] - 1) * dilations[i] + 1
    if (strides[i] === 1) return reach - 1
    return typeof size === 'number'
      ? sameZeros(size, Math.ceil(size / strides[i]), reach, strides[i])
      : undefined
  })
  return totals.every((total) => total !== undefined) ? { pads: halves(totals) } : { auto_pad: 'SAME_UPPER' }
}

function explicitPadding(pad: unknown, axes: number): number[] | undefined {
  if (pad === 'valid' || typeof pad === 'number') {
    return new Array(2 * axes).fill(pad === 'valid' ? 0 : pad)
  }
  if (!Array.isArray(pad)) return undefined
  const inner = (pad as number[][]).slice(1, -1)
  return [0, 1].flatMap((side) => inner.map((both) => both[side]))
}

/** The zeros of the convolution that this is the transpose of. */
export function transposedPadding(
  { kernel: name, attrs: { pad } }: Call,
  image: readonly Size[],
  counts: readonly Size[],
  { kernel, strides }: Omit<Windows, 'dilations'>,
): number[] {
  const explicit = explicitPadding(pad, image.length)
  if (explicit) return explicit
  return halves(
    image.map((size, i) => {
      const total = add(subtract(multiply(add(counts[i], -1), strides[i]), size), kernel[i])
      if (typeof total === 'number') return Math.max(0, total)
      throw new ExportError(`${name}: padding "same" of ${format(size)}; make the image size a number`)
    }),
  )
}

const sameZeros = (size: number, windows: number, reach: number, stride: number) =>
  Math.max(0, (windows - 1) * stride + reach - size)

function halves(totals: readonly number[]): number[] {
  const before = totals.map((total) => Math.floor(total / 2))
  return [...before, ...totals.map((total, i) => total - before[i])]
}
