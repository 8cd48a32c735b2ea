// Kernels that move blocks of an image into channels or into the batch, and back.

import { ExportError } from '../../../src/errors.ts'
import { reshape, slice, transpose } from '../build.ts'
import { add, floorDivide, multiply, type Shape, type Size } from '../sizes.ts'
import { type Call, input, type Lowering, number, numbers, text } from './lowering.ts'

/** [n, h, w, b·b·c] to [n, h·b, w·b, c]. */
export const DepthToSpace: Lowering = (g, call) => {
  const x = input(call, 'x')
  const block = number(call, 'blockSize')
  if (text(call, 'dataFormat') !== 'NHWC')
    throw new ExportError('DepthToSpace: only dataFormat NHWC can be exported')
  const [batch, height, width] = x.shape
  const channels = call.outputs[0].shape[3]
  const apart = reshape(g, x, [batch, height, width, block, block, channels])
  return reshape(g, transpose(g, apart, [0, 1, 3, 2, 4, 5]), [
    batch,
    multiply(height, block),
    multiply(width, block),
    channels,
  ])
}

const pairs = ({ attrs }: Call, name: string) => attrs[name] as readonly (readonly Size[])[]

/** [n, …s, c] with zeros around to [n·Πb, …s/b, c]: every image of the result has one element of each block. */
export const SpaceToBatchND: Lowering = (g, call) => {
  const x = input(call, 'x')
  const blocks = numbers(call, 'blockShape')
  const paddings = pairs(call, 'paddings')
  const m = blocks.length
  const around = x.shape.map((_, axis) => paddings[axis - 1] ?? [0, 0])
  const padded = around.every((both) => both.every((n) => n === 0))
    ? x
    : g.op(
        'Pad',
        [x, g.sizes([0, 1].flatMap((side) => around.map((both) => both[side]))), g.scalar(0, x.dtype)],
        { mode: 'constant' },
      )
  const [batch, ...rest] = padded.shape
  const inner = rest.slice(m)
  const split = rest.slice(0, m).flatMap((size, i) => [floorDivide(size, blocks[i]), blocks[i]])
  const apart = reshape(g, padded, [batch, ...split, ...inner])
  const spatial = blocks.map((_, i) => 1 + 2 * i)
  const order = [...spatial.map((axis) => axis + 1), 0, ...spatial, ...inner.map((_, i) => 1 + 2 * m + i)]
  return reshape(g, transpose(g, apart, order), call.outputs[0].shape)
}

/** The way back; `crops` are cut off at the end. */
export const BatchToSpaceND: Lowering = (g, call) => {
  const x = input(call, 'x')
  const blocks = numbers(call, 'blockShape')
  const crops = pairs(call, 'crops')
  const m = blocks.length
  const { shape } = call.outputs[0]
  const [batch] = shape
  const spatial = x.shape.slice(1, 1 + m)
  const inner = x.shape.slice(1 + m)
  const apart = reshape(g, x, [...blocks, batch, ...spatial, ...inner])
  const order = [m, ...blocks.flatMap((_, i) => [m + 1 + i, i]), ...inner.map((_, i) => 2 * m + 1 + i)]
  const whole: Shape = [batch, ...spatial.map((size, i) => multiply(size, blocks[i])), ...inner]
  const joined = reshape(g, transpose(g, apart, order), whole)
  const starts = whole.map((_, axis) => crops[axis - 1]?.[0] ?? 0)
  return slice(
    g,
    joined,
    starts,
    starts.map((start, axis) => add(start, shape[axis])),
  )
}
