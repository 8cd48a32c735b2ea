// A function of tensors that the gradient sees as a constant. tfjs has no stop_gradient, and comparisons have none of
// their own: taping them would make every gradient fail.

import * as tf from '@tensorflow/tfjs-core'

/** `make(inputs)`, tensors of one shape, with a gradient of zero. */
export function constantOf<T extends tf.Tensor>(
  inputs: readonly tf.Tensor[],
  make: (inputs: readonly tf.Tensor[]) => readonly T[],
): T[] {
  // By shape: the inputs themselves are gone when the gradient is made.
  const shapes = inputs.map(({ shape }) => shape)
  let count = 0
  const stacked = tf.customGrad((...given) => {
    const made = make(given.slice(0, inputs.length) as tf.Tensor[])
    count = made.length
    return {
      value: made.length === 1 ? made[0] : tf.concat(made as unknown as tf.Tensor[], 0),
      gradFunc: () => shapes.map((shape) => tf.zeros(shape)),
    }
  })(...inputs)
  return count === 1 ? [stacked as T] : (tf.split(stacked, count, 0) as T[])
}
