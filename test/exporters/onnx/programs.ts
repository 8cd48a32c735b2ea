// Random programs: kernels put together as a seed says, over inputs with open sizes. Which kernels, and along which axes,
// does not depend on the sizes; the numbers that JavaScript makes of them do.

import * as tf from '@tensorflow/tfjs'
import { randomNumbers, type TestFunction, type TestInput } from './session.ts'

export interface Program {
  readonly inputs: Readonly<Record<string, TestInput>>
  readonly fn: TestFunction
  /** The kernels, for messages. */
  readonly steps: readonly string[]
}

/** A size as a program knows it: a number, a symbol, or a text that is the same for what is always equal. */
type Known = number | string

interface Step {
  readonly name: string
  readonly shape: readonly Known[]
  readonly apply: (x: tf.Tensor, inputs: Record<string, tf.Tensor>) => tf.Tensor
}

interface Chooser {
  /** A whole number below n. */
  below(n: number): number
  pick<T>(from: readonly T[]): T
}

/** A step that goes on from a tensor of this shape, or undefined where that cannot be. */
type Maker = (shape: readonly Known[], choose: Chooser) => Step | undefined

const MOST_AXES = 4

const keeping =
  (name: string, apply: (x: tf.Tensor) => tf.Tensor): Maker =>
  (shape) => ({ name, shape, apply })

/** Products and sums grow: what follows sees numbers below one. */
const bounded = (x: tf.Tensor) => tf.div(x, tf.add(tf.abs(x), 1))

const alongAxis =
  (make: (shape: readonly Known[], axis: number, choose: Chooser) => Step | undefined): Maker =>
  (shape, choose) =>
    shape.length > 0 ? make(shape, choose.below(shape.length), choose) : undefined

const symbolic = (size: Known) => size === 'A' || size === 'B'

const MAKERS: readonly Maker[] = [
  keeping('tanh', tf.tanh),
  keeping('relu', tf.relu),
  keeping('sigmoid', tf.sigmoid),
  keeping('leaky where', (x) => tf.where(tf.greater(x, 0), x, tf.mul(x, 0.1))),
  keeping('square', (x) => bounded(tf.square(x))),
  keeping('residual', (x) => bounded(tf.add(x, tf.sin(x)))),
  keeping('gated', (x) => tf.mul(x, tf.sigmoid(tf.sub(x, 0.5)))),
  alongAxis((shape, axis) => ({
    name: `less its mean along ${axis}`,
    shape,
    apply: (x) => tf.sub(x, tf.mean(x, axis, true)),
  })),
  alongAxis((shape, axis, choose) => {
    const [name, reduce] = choose.pick([
      ['sum', (x: tf.Tensor) => bounded(tf.sum(x, axis, true))],
      ['max', (x: tf.Tensor) => tf.max(x, axis, true)],
    ] as const)
    return { name: `${name} along ${axis}`, shape: shape.with(axis, 1), apply: reduce }
  }),
  (shape) => (shape.length > 0 ? { name: 'softmax', shape, apply: (x) => tf.softmax(x) } : undefined),
  (shape, choose) => {
    const perm = [...shape.keys()].sort(() => choose.below(2) - 0.5)
    return {
      name: `transpose ${perm}`,
      shape: perm.map((axis) => shape[axis]),
      apply: (x) => tf.transpose(x, perm),
    }
  },
  alongAxis((shape, axis) => {
    if (axis + 1 >= shape.length) return undefined
    const merged = `(${shape[axis]}*${shape[axis + 1]})`
    return {
      name: `axes ${axis} and ${axis + 1} merged`,
      shape: shape.toSpliced(axis, 2, merged),
      apply: (x) => tf.reshape(x, x.shape.toSpliced(axis, 2, x.shape[axis] * x.shape[axis + 1])),
    }
  }),
  (shape, choose) => {
    if (shape.length >= MOST_AXES) return undefined
    const axis = choose.below(shape.length + 1)
    return {
      name: `axis ${axis} added`,
      shape: shape.toSpliced(axis, 0, 1),
      apply: (x) => tf.expandDims(x, axis),
    }
  },
  (shape) => {
    if (shape.length < 2) return undefined
    const rows = shape.at(-2)!
    return {
      name: 'product with itself',
      shape: [...shape.slice(0, -2), rows, rows],
      apply: (x) => bounded(tf.matMul(x, x, false, true)),
    }
  },
  (shape) => {
    const width = shape.at(-1)
    if (shape.length < 2 || typeof width !== 'number') return undefined
    return {
      name: 'dense',
      shape: shape.with(-1, 3),
      apply: (x) => {
        const weights = Array.from({ length: width * 3 }, (_, i) => Math.sin(i + 1))
        const kernel = tf.reshape(tf.tensor1d(weights), [...x.shape.slice(0, -2).map(() => 1), width, 3])
        return tf.matMul(x, tf.tile(kernel, [...x.shape.slice(0, -2), 1, 1]))
      },
    }
  },
  alongAxis((shape, axis) => {
    if (!symbolic(shape[axis])) return undefined
    const rest = (x: tf.Tensor) => x.shape.map((size, a) => (a === axis ? size - 1 : size))
    return {
      name: `all but the first along ${axis}`,
      shape: shape.with(axis, `(${shape[axis]}-1)`),
      apply: (x) =>
        tf.slice(
          x,
          x.shape.map((_, a) => (a === axis ? 1 : 0)),
          rest(x),
        ),
    }
  }),
  alongAxis((shape, axis) => {
    if (!symbolic(shape[axis])) return undefined
    return {
      name: `every second along ${axis}`,
      shape: shape.with(axis, `ceil(${shape[axis]}/2)`),
      apply: (x) =>
        tf.stridedSlice(
          x,
          x.shape.map(() => 0),
          x.shape,
          x.shape.map((_, a) => (a === axis ? 2 : 1)),
        ),
    }
  }),
  alongAxis((shape, axis) => ({
    name: `twice along ${axis}`,
    shape: shape.with(axis, `(2*${shape[axis]})`),
    apply: (x) => tf.concat([x, tf.neg(x)], axis),
  })),
  alongAxis((shape, axis) => ({
    name: `zeros around ${axis}`,
    shape: shape.with(axis, `(${shape[axis]}+3)`),
    apply: (x) =>
      tf.pad(
        x,
        x.shape.map((_, a): [number, number] => (a === axis ? [1, 2] : [0, 0])),
      ),
  })),
  alongAxis((shape, axis) => ({
    name: `running sum along ${axis}`,
    shape,
    apply: (x) => bounded(tf.cumsum(x, axis)),
  })),
  alongAxis((shape, axis) => ({ name: `reversed along ${axis}`, shape, apply: (x) => tf.reverse(x, axis) })),
  alongAxis((shape, axis) =>
    symbolic(shape[axis])
      ? { name: `divided by size ${axis}`, shape, apply: (x) => tf.div(x, x.shape[axis]) }
      : undefined,
  ),
  (shape) => {
    if (!symbolic(shape.at(-1) ?? 0)) return undefined
    return {
      name: 'times its places',
      shape,
      apply: (x) => bounded(tf.mul(x, tf.range(0, x.shape.at(-1)!))),
    }
  },
  (shape) => {
    const [rows, columns] = shape.slice(-2)
    if (shape.length < 2 || rows !== columns || !symbolic(rows)) return undefined
    return {
      name: 'causal',
      shape,
      apply: (x) => tf.mul(x, tf.linalg.bandPart(tf.ones(x.shape.slice(-2)), -1, 0)),
    }
  },
  (shape) => {
    if (shape[0] !== 'A') return undefined
    return {
      name: 'segments',
      shape: shape.with(0, 'B'),
      apply: (x, { of, b }) => bounded(tf.unsortedSegmentSum(x, of as tf.Tensor1D, b.shape[0])),
    }
  },
  (shape) => {
    if (shape[0] !== 'B') return undefined
    return {
      name: 'gathered',
      shape: shape.with(0, 'A'),
      apply: (x, { of }) => tf.gather(x, of as tf.Tensor1D),
    }
  },
]

const START: readonly (readonly Known[])[] = [['A', 4], ['A', 'B'], ['B', 3, 'A'], ['A', 'A'], ['A']]
const FEWEST = 4
const MOST = 9

/** The same program for the same seed. */
export function program(seed: number): Program {
  const random = randomNumbers(seed)
  const choose: Chooser = {
    below: (n) => Math.floor(random() * n),
    pick: (from) => from[Math.floor(random() * from.length)],
  }
  const start = choose.pick(START)
  const count = FEWEST + choose.below(MOST - FEWEST + 1)
  const steps: Step[] = []
  let shape = start
  while (steps.length < count) {
    const step = choose.pick(MAKERS)(shape, choose)
    if (!step) continue
    steps.push(step)
    shape = step.shape
  }
  return {
    inputs: {
      x: { dtype: 'float32', shape: start },
      b: { dtype: 'float32', shape: ['B'] },
      of: {
        dtype: 'int32',
        shape: ['A'],
        values: (n, { B }) => Int32Array.from({ length: n }, (_, i) => (i * 5) % B),
      },
    },
    fn: (inputs) => steps.reduce((x, step) => step.apply(x, inputs), inputs.x),
    steps: steps.map(({ name }) => name),
  }
}
