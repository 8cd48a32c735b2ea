// Recurrent layers of tfjs as one step of a recording each: what their cells do over a whole sequence, instead of the
// kernels of every time step. They need not know how many steps there are.

import * as tf from '@tensorflow/tfjs-core'
import { recording } from '../../src/scope.ts'
import type { RunStep } from './composite.ts'
import { recurrent } from './lower/recurrent.ts'

type Tensors = tf.Tensor | tf.Tensor[]
type Call = (inputs: Tensors, kwargs: Record<string, unknown>) => Tensors

interface Weight {
  read(): tf.Tensor
}
interface Activation {
  getClassName(): string
}

/** What recurrent layers of tfjs keep to themselves. */
export interface RecurrentLayer {
  call: Call
  readonly cell?: {
    getClassName(): string
    readonly units: number
    readonly activation: Activation
    readonly recurrentActivation?: Activation
    readonly kernel: Weight
    readonly recurrentKernel: Weight
    readonly bias?: Weight
  }
  readonly returnSequences?: boolean
  readonly returnState?: boolean
  readonly goBackwards?: boolean
  readonly stateful?: boolean
}

const OPERATORS: Readonly<Record<string, string>> = { LSTMCell: 'LSTM', GRUCell: 'GRU', SimpleRNNCell: 'RNN' }

/** ONNX's names of the activations, with the defaults of their numbers. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  elu: 'Elu',
  hardSigmoid: 'HardSigmoid',
  linear: 'Affine',
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  softsign: 'Softsign',
  tanh: 'Tanh',
}

/**
 * `call` of a recurrent layer while a recording runs. A layer that ONNX has no operator for, or that keeps its state
 * between calls, is called as ever: step by step.
 */
export function recurrentCall(layer: RecurrentLayer): Call {
  const original = layer.call.bind(layer)
  return (inputs, kwargs) => recordedLayer(layer, inputs, kwargs ?? {}) ?? original(inputs, kwargs)
}

function recordedLayer(
  layer: RecurrentLayer,
  inputs: Tensors,
  { mask, initialState }: Record<string, unknown>,
): Tensors | undefined {
  const session = recording()
  const { cell } = layer
  const op = cell && OPERATORS[cell.getClassName()]
  const [x] = [inputs].flat()
  if (!session || !cell || !op || layer.stateful || x.rank !== 3) return undefined
  const activations = activationsOf(op, cell)
  if (!activations) return undefined
  const [state, cellState] = (initialState as tf.Tensor[] | undefined) ?? []
  const tensors = {
    ...{ x, kernel: cell.kernel.read(), recurrentKernel: cell.recurrentKernel.read() },
    ...(cell.bias && { bias: cell.bias.read() }),
    ...(mask ? { mask: mask as tf.Tensor } : {}),
    ...(state && { state }),
    ...(cellState && { cell: cellState }),
  }
  const step: RunStep = {
    name: op,
    inputs: Object.keys(tensors),
    stepwise: true,
    forward: ([sequence], attrs) => likeResult(sequence, cell.units, attrs.part === 'sequence'),
    lower: recurrent,
  }
  const given = Object.values(tensors)
  const part = (name: 'sequence' | 'last' | 'cell') =>
    session.composite(step, given, {
      part: name,
      backwards: layer.goBackwards ?? false,
      activations,
    }) as tf.Tensor
  const output = part(layer.returnSequences ? 'sequence' : 'last')
  if (!layer.returnState) return output
  return [output, part('last'), ...(op === 'LSTM' ? [part('cell')] : [])]
}

/** In the order of ONNX, or undefined where it lacks one. */
function activationsOf(op: string, cell: NonNullable<RecurrentLayer['cell']>): string[] | undefined {
  const own = ACTIVATIONS[cell.activation.getClassName()]
  const gates = cell.recurrentActivation && ACTIVATIONS[cell.recurrentActivation.getClassName()]
  const all = op === 'RNN' ? [own] : op === 'GRU' ? [gates, own] : [gates, own, own]
  return all.every((name) => name !== undefined) ? all : undefined
}

/** A tensor of the sizes of the result: nobody asks for its numbers while it is recorded. */
function likeResult(sequence: tf.Tensor, units: number, whole: boolean): tf.Tensor {
  const rows = tf.sum(sequence, 2, true)
  if (whole) return tf.mul(rows, tf.zeros([1, 1, units]))
  return tf.mul(tf.sum(rows, 1), tf.zeros([1, units]))
}
