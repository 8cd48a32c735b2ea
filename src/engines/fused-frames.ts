// Frames of a CrystalFramer from the image list of the fused kernels: the choices of models/crystalframer/frames, without tensors of
// the size of padded images. Constants of the gradient: to be called where nothing is taped.

import * as tf from '@tensorflow/tfjs-core'
import { type CrystalframerConfig, frameSigns } from '../../models/attention/config.ts'
import type { ProductList } from '../../models/crystalframer/frames/product-list.ts'
import { signatureBeside, signatureOfAll } from '../../models/crystalframer/frames/signature-lists.ts'
import { imageWeights } from './fused-attention.ts'
import { run } from './kernels.ts'
import type { UploadedImages } from './uploaded-images.ts'

let lists: readonly ProductList[] | undefined

/**
 * The frames of every atom and head, [n, A, H, 3, 3] with axes as rows.
 * @param weights attention weights [F, H]
 * @param a −ρ/2r0² [A, H], Å⁻²
 * @param cell frames of the cell [A, 3, 3], for the methods that take them
 */
export function framesOfImages(
  weights: tf.Tensor2D,
  a: tf.Tensor,
  images: UploadedImages,
  config: CrystalframerConfig,
  cell: tf.Tensor | undefined,
): tf.Tensor {
  const [atoms, heads] = a.shape as [number, number]
  return tf.tidy(() => {
    if (cell) return tf.tile(tf.reshape(cell, [1, atoms, 1, 3, 3]), [1, 1, heads, 1, 1])
    const nearest = config.frame_method === 'max_static'
    const first = nearest ? gaussianWeights(a, images) : weights
    const second = nearest ? gaussianWeights(tf.fill([atoms, heads], -1), images) : weights
    const signs = frameSigns(config)
    const { heap, pairStart, imageStart, unit, mostImages } = images
    lists ??= [signatureOfAll(), signatureBeside()]
    const numbers = [atoms, heads, mostImages, signs.length, Number(config.ties !== 'first')]
    return run(
      heap,
      'image_frames',
      [...numbers, ...lists.flatMap(({ slots, factors }) => [slots, factors.length])],
      [
        ...[weights, first, second, pairStart, imageStart, unit!],
        ...lists.flatMap(({ places, factors }) => [tf.tensor1d(places, 'int32'), tf.tensor1d(factors)]),
      ],
      { frames: [signs.length, atoms, heads, 3, 3] },
      51 * (mostImages + 8) + 8 * lists.reduce((sum, { slots }) => sum + slots, 0),
    ).frames
  })
}

/** Weights ∝ exp(a·r²) [F, H], without scores. */
function gaussianWeights(a: tf.Tensor, images: UploadedImages): tf.Tensor2D {
  const [atoms, heads] = a.shape as [number, number]
  // The kernel takes products of queries and keys by fours.
  const none = tf.zeros([atoms, 4 * heads])
  return imageWeights(none, none, a, images)
}
