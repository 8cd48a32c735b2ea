// What TensorFlow.js only gives with a promise, since its size depends on values: the places of what is true. Here they are
// given at once, and are exported; while a function is recorded nobody asks how many there are.

import * as tf from '@tensorflow/tfjs-core'
import { recording } from '../../src/scope.ts'
import type { RecordedStep } from './composite.ts'
import { Where } from './lower/where.ts'

const WHERE: RecordedStep = { name: 'Where', lower: Where }

/**
 * Where a tensor is true, like `tf.whereAsync`, at once, and in functions that are exported. How many there are is a size of
 * its own in the file, `places`.
 * @param condition bool, rank 1 or more
 * @returns int32, one row for each that is true, in row-major order: shape [places, rank]
 * @throws RangeError for a scalar
 */
export function trueIndices(condition: tf.Tensor): tf.Tensor2D {
  if (condition.rank === 0)
    throw new RangeError('trueIndices of a scalar: it has no places; expected rank 1 or more')
  const session = recording()
  const flags = tf.cast(condition, 'bool')
  if (!session?.depends(flags)) return tf.kernel_impls.whereImpl(flags.shape, flags.dataSync())
  const { symbol, size } = session.count('places')
  const like = tf.zeros([size, condition.rank], 'int32')
  const [places] = session.nesting(WHERE, [flags], [like], { counted: symbol }) as tf.Tensor2D[]
  return places
}

/**
 * The entries of `x` where `mask` is true, like `tf.booleanMaskAsync`, at once, and in functions that are exported.
 * @param x rank 1 or more
 * @param mask bool; its shape is that of the axes of `x` from `axis` on
 * @returns the axes of the mask become one of as many entries as are true
 * @throws RangeError where the mask does not fit
 */
export function booleanMask(x: tf.Tensor, mask: tf.Tensor, axis = 0): tf.Tensor {
  const end = axis + mask.rank
  const masked = x.shape.slice(axis, end)
  if (mask.rank === 0 || String(masked) !== String(mask.shape)) {
    throw new RangeError(
      `booleanMask: a mask [${mask.shape}] at axis ${axis} of a tensor [${x.shape}]; expected the shape of its axes from there on`,
    )
  }
  return tf.tidy(() => {
    const count = masked.reduce((product, size) => product * size, 1)
    const flat = tf.reshape(x, [...x.shape.slice(0, axis), count, ...x.shape.slice(end)])
    const rows = tf.reshape(trueIndices(tf.reshape(mask, [count])), [-1])
    return tf.gather(flat, rows, axis)
  })
}
