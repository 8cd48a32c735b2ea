// Kernels that take images at places of their own: crops of boxes, projective transforms, rotation. A place is a row and a
// column, and becomes an index into all pixels of all images.

import { backend_util } from '@tensorflow/tfjs-core'
import { ExportError } from '../../../src/errors.ts'
import { cast, positions, reshape } from '../build.ts'
import type { Builder } from '../builder.ts'
import { quantityValue } from '../quantities.ts'
import { add, type Size, volume } from '../sizes.ts'
import type { Value } from '../values.ts'
import { input, type Lowering, number, numbers, text } from './lowering.ts'

/** Arithmetic of float32, numbers as they stand. */
function calculator(g: Builder) {
  const valued = (x: Value | number) => (typeof x === 'number' ? g.scalar(x, 'float32') : x)
  const two = (op: string) => (a: Value | number, b: Value | number) => g.op(op, [valued(a), valued(b)])
  return {
    ...{ add: two('Add'), subtract: two('Sub'), multiply: two('Mul'), divide: two('Div') },
    ...{ least: two('Min'), most: two('Max'), below: two('Less'), upTo: two('LessOrEqual') },
    ...{ equal: two('Equal'), from: two('GreaterOrEqual') },
    floor: (x: Value) => g.op('Floor', [x]),
    both: (a: Value, b: Value) => g.op('And', [a, b]),
    where: (condition: Value, a: Value | number, b: Value | number) =>
      g.op('Where', [condition, valued(a), valued(b)]),
    size: (size: Size) => quantityValue(g, size, 'float32'),
  }
}

/** JavaScript rounds halves up. */
const rounded = (g: Builder, x: Value) => g.op('Floor', [g.op('Add', [x, g.scalar(0.5, 'float32')])])

/** The pixels at whole rows and columns, limited to the image; the places broadcast to [n, rows, columns]. */
function pixelsAt(g: Builder, images: Value, image: Value, row: Value, column: Value): Value {
  const [batch, height, width, channels] = images.shape
  const within = (place: Value, size: Size) => {
    const { least, most, size: sized } = calculator(g)
    return cast(g, least(most(place, 0), sized(add(size, -1))), 'int32')
  }
  const whole = (size: Size) => quantityValue(g, size, 'int32')
  const line = g.op('Add', [g.op('Mul', [image, whole(height)]), within(row, height)])
  const index = g.op('Add', [g.op('Mul', [line, whole(width)]), within(column, width)])
  return g.op('Gather', [reshape(g, images, [volume([batch, height, width]), channels]), index], { axis: 0 })
}

/** Boxes [n, 4] of corners (y, x) from 0 to 1, each with the number of its image, to crops of one size. */
export const CropAndResize: Lowering = (g, call) => {
  const images = cast(g, input(call, 'image'), 'float32')
  const indices = cast(g, input(call, 'boxInd'), 'int32')
  const [batch, height, width] = images.shape
  const [rows, columns] = numbers(call, 'cropSize')
  const [count] = call.outputs[0].shape
  const { add: plus, subtract, multiply, divide, floor, upTo, both, from, where, below, size } = calculator(g)
  const [y1, x1, y2, x2] = g.ops('Split', [input(call, 'boxes'), g.sizes([1, 1, 1, 1])], { axis: 1 })
  const along = (low: Value, high: Value, pixels: Size, steps: number): Value => {
    const last = size(add(pixels, -1))
    if (steps === 1) return multiply(multiply(plus(low, high), 0.5), last)
    const step = divide(multiply(subtract(high, low), last), steps - 1)
    const places = g.constant(
      Float32Array.from({ length: steps }, (_, i) => i),
      [1, steps],
    )
    return plus(multiply(low, last), multiply(places, step))
  }
  const y = reshape(g, along(y1, y2, height, rows), [count, rows, 1])
  const x = reshape(g, along(x1, x2, width, columns), [count, 1, columns])
  const onImage = (place: Value, pixels: Size) => both(from(place, 0), upTo(place, size(add(pixels, -1))))
  const inside = both(onImage(y, height), onImage(x, width))
  const image = reshape(
    g,
    g.op('Max', [g.op('Min', [indices, quantityValue(g, add(batch, -1), 'int32')]), g.scalar(0, 'int32')]),
    [count, 1, 1],
  )
  const at = (row: Value, column: Value) => pixelsAt(g, images, image, row, column)
  const apart = (value: Value) => reshape(g, value, [...value.shape, 1])
  const blend = (a: Value, b: Value, share: Value) => plus(a, multiply(subtract(b, a), apart(share)))
  const ceil = (place: Value) => g.op('Ceil', [place])
  const bilinear = () => {
    const [top, left] = [floor(y), floor(x)]
    const across = (row: Value) => blend(at(row, left), at(row, ceil(x)), subtract(x, left))
    return blend(across(top), across(ceil(y)), subtract(y, top))
  }
  const crops = text(call, 'method') === 'bilinear' ? bilinear() : at(rounded(g, y), rounded(g, x))
  const outside = number(call, 'extrapolationValue', 0)
  const filled = where(apart(inside), crops, outside)
  // A box of an image that is not there stays empty.
  const known = below(cast(g, indices, 'float32'), size(batch))
  return where(reshape(g, known, [count, 1, 1, 1]), filled, 0)
}

/** What lies at a coordinate beyond the edge: limited to it, mirrored or repeated. */
function mapped(g: Builder, place: Value, pixels: Size, mode: string): Value {
  if (mode === 'constant') return place
  const { add: plus, subtract, multiply, divide, floor, least, most, below, where, size } = calculator(g)
  const [count, last] = [size(pixels), size(add(pixels, -1))]
  const limited = (x: Value) => least(most(x, 0), last)
  if (mode === 'nearest') return limited(place)
  const negative = below(place, 0)
  const beyond = below(last, place)
  const without = (x: Value, period: Value) => floor(divide(x, period))
  const opposite = g.op('Neg', [place])
  if (mode === 'wrap') {
    const period = most(last, 1)
    const up = plus(place, multiply(count, plus(without(opposite, period), 1)))
    const down = subtract(place, multiply(count, without(place, period)))
    return limited(where(negative, up, where(beyond, down, place)))
  }
  const period = multiply(count, 2)
  const low = plus(place, multiply(period, without(opposite, period)))
  const up = where(below(low, g.op('Neg', [count])), plus(low, period), subtract(g.op('Neg', [low]), 1))
  const high = subtract(place, multiply(period, without(place, period)))
  const down = where(below(high, count), high, subtract(subtract(period, high), 1))
  return limited(where(negative, up, where(beyond, down, place)))
}

/** Each pixel (x, y) of the result from ((a0·x + a1·y + a2)/k, (b0·x + b1·y + b2)/k), k = c0·x + c1·y + 1. */
export const Transform: Lowering = (g, call) => {
  const images = cast(g, input(call, 'image'), 'float32')
  const transforms = input(call, 'transforms')
  const [batch, height, width] = images.shape
  const [, rows, columns] = call.outputs[0].shape
  const { add: plus, subtract, multiply, divide, floor, upTo, both, from, where, equal, size } = calculator(g)
  const parts = g.ops('Split', [transforms, g.sizes(new Array(8).fill(1))], { axis: 1 })
  const [a0, a1, a2, b0, b1, b2, c0, c1] = parts.map((part) => reshape(g, part, [transforms.shape[0], 1, 1]))
  const [x, y] = [positions(g, [1, 1, columns], 2), positions(g, [1, rows, 1], 1)]
  const sum = (m: Value, n: Value) => plus(multiply(m, x), multiply(n, y))
  const scale = plus(sum(c0, c1), 1)
  const infinite = equal(scale, 0)
  const divisor = where(infinite, 1, scale)
  const mode = text(call, 'fillMode')
  const column = mapped(g, divide(plus(sum(a0, a1), a2), divisor), width, mode)
  const row = mapped(g, divide(plus(sum(b0, b1), b2), divisor), height, mode)
  const image = cast(g, positions(g, [batch, 1, 1], 0), 'int32')
  const fill = number(call, 'fillValue', 0)
  const apart = (value: Value) => reshape(g, value, [...value.shape, 1])
  const onImage = (place: Value, pixels: Size) => both(from(place, 0), upTo(place, size(add(pixels, -1))))
  const at = (r: Value, c: Value) =>
    where(apart(both(onImage(r, height), onImage(c, width))), pixelsAt(g, images, image, r, c), fill)
  const bilinear = () => {
    const [top, left] = [floor(row), floor(column)]
    const [bottom, right] = [plus(top, 1), plus(left, 1)]
    const blend = (p: Value, q: Value, before: Value, after: Value) =>
      plus(multiply(apart(before), p), multiply(apart(after), q))
    const across = (r: Value) =>
      blend(at(r, left), at(r, right), subtract(right, column), subtract(column, left))
    return blend(across(top), across(bottom), subtract(bottom, row), subtract(row, top))
  }
  const nearest = text(call, 'interpolation') === 'nearest'
  const pixels = nearest ? at(rounded(g, row), rounded(g, column)) : bilinear()
  return cast(g, where(apart(infinite), fill, pixels), call.outputs[0].dtype)
}

/** Turned about a centre; which pixel comes from which is known beforehand, so that it is one Gather. */
export const RotateWithOffset: Lowering = (g, call) => {
  const images = input(call, 'image')
  const [batch, height, width, channels] = images.shape
  if (typeof height !== 'number' || typeof width !== 'number' || typeof channels !== 'number') {
    throw new ExportError('RotateWithOffset: images of open size; make height, width and channels numbers')
  }
  const { center, fillValue } = call.attrs as {
    center: number | [number, number]
    fillValue: number | number[]
  }
  const [x0, y0] = backend_util.getImageCenter(center, height, width)
  const [sin, cos] = [Math.sin(number(call, 'radians')), Math.cos(number(call, 'radians'))]
  const from = Int32Array.from({ length: height * width }, (_, n) => {
    const [dx, dy] = [(n % width) - x0, Math.floor(n / width) - y0]
    const [x, y] = [Math.round(dx * cos - dy * sin + x0), Math.round(dx * sin + dy * cos + y0)]
    return x >= 0 && x < width && y >= 0 && y < height ? y * width + x : -1
  })
  const pixels = reshape(g, images, [batch, height * width, channels])
  const turned = g.op(
    'Gather',
    [
      pixels,
      g.constant(
        from.map((n) => Math.max(n, 0)),
        [height * width],
      ),
    ],
    {
      axis: 1,
    },
  )
  const inside = g.constant(
    Uint8Array.from(from, (n) => Number(n >= 0)),
    [height * width, 1],
  )
  // Of a colour, the fourth channel is opacity.
  const fill = Array.from({ length: channels }, (_, channel) =>
    typeof fillValue === 'number' ? fillValue : channel === 3 ? 255 : fillValue[channel],
  )
  const { dtype } = call.outputs[0]
  const filling =
    dtype === 'float32'
      ? g.constant(Float32Array.from(fill), [channels])
      : g.constant(Int32Array.from(fill), [channels])
  return reshape(g, g.op('Where', [inside, turned, filling]), images.shape)
}
