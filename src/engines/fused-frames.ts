// Frames of a CrystalFramer from the image list of the fused kernels: the choices of models/crystalframer/frames, without tensors of
// the size of padded images. Constants of the gradient: to be called where nothing is taped.

import * as tf from '@tensorflow/tfjs-core'
import { type CrystalframerConfig, frameSigns } from '../../models/attention/config.ts'
import { SHORTEST } from '../../models/crystalframer/frames/last-axis.ts'
import { imageWeights } from './fused-attention.ts'
import { run } from './heap.ts'
import type { UploadedImages } from './image-list.ts'
import { polynomialProducts } from './signature-products.ts'

/** Log weights within this of the best are tied (models/crystalframer/frames/choose.ts); here a factor of the weights. */
const TIED = Math.exp(-1e-3)
/** Less total weight than this is none. */
const SMALLEST_TOTAL = 1e-30
const MONOMIALS = 34

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
    const signature =
      config.ties === 'first' ? undefined : polynomialProducts(images.heap, meansOf(weights, images, atoms))
    return tf.stack(
      frameSigns(config).map((sign) => {
        const e1 = best(first, images, atoms, sign, signature?.ofAll)
        const beside = best(second, images, atoms, sign, signature?.besides(e1), e1)
        return run(
          images.heap,
          'framesOf',
          [atoms * heads, SHORTEST],
          [e1, beside],
          { frame: [atoms, heads, 3, 3] },
          0,
        ).frame
      }),
    )
  })
}

/** Weights ∝ exp(a·r²) [F, H], without scores. */
function gaussianWeights(a: tf.Tensor, images: UploadedImages): tf.Tensor2D {
  const [atoms, heads] = a.shape as [number, number]
  // The kernel takes products of queries and keys by fours.
  const none = tf.zeros([atoms, 4 * heads])
  return imageWeights(none, none, a, images)
}

/** Means of the monomials of degree 1 to 4 of the directions of an atom's images, [A, H, 34]. */
function meansOf(weights: tf.Tensor2D, { heap, pairStart, imageStart, unit }: UploadedImages, atoms: number) {
  const heads = weights.shape[1]
  return run(
    heap,
    'directionMeans',
    [atoms, heads, SMALLEST_TOTAL],
    [weights, pairStart, imageStart, unit!],
    { means: [atoms, heads, MONOMIALS] },
    heads * (1 + MONOMIALS) + 55,
  ).means
}

/** The direction of the image of largest rank [F, H], beside e1 if that is given; [A, H, 3]. */
function best(
  rank: tf.Tensor2D,
  { heap, pairStart, imageStart, unit, mostImages }: UploadedImages,
  atoms: number,
  sign: number,
  polynomial: tf.Tensor | undefined,
  e1?: tf.Tensor3D,
): tf.Tensor3D {
  const heads = rank.shape[1]
  const degree = polynomial ? (e1 ? 4 : 5) : 0
  const nothing = pairStart
  return run(
    heap,
    'bestDirections',
    [atoms, heads, e1 ? 1 : 0, degree, polynomial ? TIED : 1, sign],
    [rank, pairStart, imageStart, unit!, e1 ?? nothing, polynomial ?? nothing],
    { direction: [atoms, heads, 3] },
    heads * (mostImages + 2) + 55,
  ).direction as tf.Tensor3D
}
