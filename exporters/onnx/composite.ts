// Composite kernels: a function of tensors that is one step of the exported graph although it is several tfjs kernels,
// with a gradient of its own. For what tfjs composes poorly and ONNX has an operator for, such as LayerNorm.

import * as tf from '@tensorflow/tfjs-core'
import { recording } from '../../src/scope.ts'
import type { Lowering } from './lower/lowering.ts'

/**
 * A function of tensors that becomes one step of an exported graph.
 * @typeParam A the attributes: plain numbers, strings and arrays of them.
 */
export interface CompositeKernel<A = Readonly<Record<string, unknown>>> {
  /** The name in the graph and in messages, CamelCase like a kernel. */
  readonly name: string
  /** What it computes, of tfjs kernels; runs inside `tf.tidy`. */
  readonly forward: (inputs: readonly tf.Tensor[], attrs: A) => tf.Tensor
  /** The gradient with respect to each input, given that of the output. */
  readonly gradient: (dy: tf.Tensor, inputs: readonly tf.Tensor[], attrs: A) => tf.Tensor[]
  /** The same function in ONNX. Its inputs are named '0', '1', … */
  readonly lower: Lowering
}

/** A function that becomes a graph inside a node. */
export type InnerFunction = (args: readonly tf.Tensor[]) => tf.Tensor[]

/** What a recording keeps of a function that becomes one step: it is not differentiated there. */
export interface RecordedStep extends Pick<CompositeKernel, 'name' | 'lower'> {
  /** Names of its inputs, in order; '0', '1', … by default. */
  readonly inputs?: readonly string[]
  /** Whether tfjs itself runs it step by step along axis 1 of the first input, so that it costs far more than its result. */
  readonly stepwise?: boolean
  /** Functions inside of it, of all its inputs but the first, by the attribute that holds the graph of each. */
  readonly graphs?: Readonly<Record<string, InnerFunction>>
}

/** A step of which a recording runs the function, to know what it gives. */
export interface RunStep extends RecordedStep, Pick<CompositeKernel, 'forward'> {}

/**
 * Turns a composite kernel into a function that runs on every backend, is differentiable, and is recorded as one step.
 */
export function composite<A extends Readonly<Record<string, unknown>>>(
  kernel: CompositeKernel<A>,
): (inputs: readonly tf.Tensor[], attrs: A) => tf.Tensor {
  return (inputs, attrs) => {
    const session = recording()
    if (session) return session.composite(kernel, inputs, attrs) as tf.Tensor
    const differentiable = tf.customGrad((...args) => {
      const save = args.pop() as unknown as tf.GradSaveFunc
      const tensors = args as unknown as tf.Tensor[]
      save(tensors)
      return {
        value: tf.tidy(() => kernel.forward(tensors, attrs)),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => kernel.gradient(dy, saved, attrs),
      }
    })
    return differentiable(...inputs)
  }
}
