// What atoms see of their surroundings by the fused kernels: features of every head and atom as the attention weighs images,
// radial ones and those of directions, and their gradients. Kernels without a tape: fused-attention.ts has the operation.

import * as tf from '@tensorflow/tfjs-core'
import type { AngularCells } from '../../models/crystalframer/angular-cells.ts'
import { run } from './kernels.ts'
import type { RadialWindows, UploadedImages } from './uploaded-images.ts'

/** Features of images, and how they become values. */
export interface Encoding {
  readonly radial: RadialWindows | undefined
  readonly directions: DirectionEncoding | undefined
  /** [H, dk, features]: of K radial ones, then of directions */
  readonly projection: tf.Tensor
}

/** The encoding of directions in a block: in frames, or along densities of axes. */
export type DirectionEncoding = FrameEncoding | DensityEncoding

/** Along the axes of frames. */
interface FrameEncoding {
  readonly cells: AngularCells
  /** [H, dk, 3, Ka]; the factor c_ang and that of a mean over frames are in it */
  readonly projection: tf.Tensor
  /** [n, A, H, 3, 3] for attention weights [F, H]: the features of n frames are summed; constants of the gradient */
  readonly frames: (weights: tf.Tensor2D) => tf.Tensor
}

/** Along one density of axes, or two. */
interface DensityEncoding {
  /** L */
  readonly degree: number
  readonly densities: number
  /** [1, H, dk, densities·(L + 1)], with the factor c_ang */
  readonly projection: tf.Tensor
}

/** The projection of the features of directions, [H, dk, features]. */
export function projectionOf(directions: DirectionEncoding): tf.Tensor {
  const { projection } = directions
  if ('degree' in directions) return tf.reshape(projection, projection.shape.slice(1))
  const { cells } = directions
  const [heads, channels, axes, count] = projection.shape
  const rows = tf.reshape(projection, [-1, count!]) as tf.Tensor2D
  const polynomials = tf.tensor2d(cells.polynomials, [count!, 8 * cells.count])
  return tf.reshape(tf.matMul(rows, polynomials), [heads!, channels!, axes! * 8 * cells.count])
}

/**
 * Σ_f P_f b(f): features of every head and atom, [H, A, features], and what their gradient needs: the frames that they
 * were taken in, or the sums over images that densities are made of.
 */
export function profileOf(weights: tf.Tensor2D, images: UploadedImages, encoding: Encoding) {
  const { heap, pairStart } = images
  const { directions } = encoding
  const frames = directions && 'frames' in directions ? directions.frames(weights) : undefined
  const { size, lists, features, scratch } = profileArguments(weights, images, encoding, frames)
  const [atoms, heads] = [pairStart.size - 1, weights.shape[1]]
  const out = { z: [heads, atoms, features] }
  const z = run(heap, 'profile_forward', size, [weights, ...lists], out, scratch).z as tf.Tensor3D
  if (!directions || !('degree' in directions)) return { z, kept: frames }
  const along = densityArguments(weights, images, directions, features)
  const sums = { sums: [atoms, 2, (directions.degree + 1) ** 2, heads] }
  const given = [weights, ...along.lists, z]
  return { z, kept: run(heap, 'densities_forward', along.size, given, sums, along.scratch).sums }
}

/**
 * Adds to the gradient of the weights what comes by their features, for the gradient dz of those.
 * @param kept of `profileOf`
 */
export function addProfileGradient(
  dWeights: tf.Tensor,
  weights: tf.Tensor,
  dz: tf.Tensor,
  kept: tf.Tensor | undefined,
  images: UploadedImages,
  encoding: Encoding,
): void {
  const { directions } = encoding
  const inDensities = directions && 'degree' in directions
  const frames = inDensities ? undefined : kept
  const { size, lists, features, scratch } = profileArguments(weights, images, encoding, frames)
  run(images.heap, 'profile_backward', size, [weights, ...lists, dz, dWeights], {}, scratch)
  if (!inDensities) return
  const along = densityArguments(weights, images, directions, features)
  const given = [weights, ...along.lists, kept!, dz, dWeights]
  run(images.heap, 'densities_backward', along.size, given, {}, along.scratch)
}

function profileArguments(
  weights: tf.Tensor,
  { pairStart, imageStart, unit }: UploadedImages,
  { radial, directions, projection }: Encoding,
  frames: tf.Tensor | undefined,
) {
  const [atoms, heads] = [pairStart.size - 1, weights.shape[1]!]
  const {
    count: cells,
    least,
    perUnit,
    absolute,
  } = directions && 'cells' in directions ? directions.cells : NO_CELLS
  const { count, width } = radial ?? { count: 0, width: 0 }
  const frameCount = frames?.shape[0] ?? 0
  const features = projection.shape[2]!
  // Where there are no such features the kernel reads none of these.
  const nothing = pairStart
  return {
    size: [atoms, heads, features, count, width, frameCount, cells, least, perUnit, Number(absolute)],
    lists: [
      ...[pairStart, imageStart, radial?.start ?? nothing, radial?.basis ?? nothing],
      ...[unit ?? nothing, frames ?? nothing],
    ],
    features,
    scratch: 8 * (features + 9 * frameCount),
  }
}

const NO_CELLS = { count: 0, least: 0, perUnit: 0, absolute: false }

/** @param features of an atom and head; those of densities are the last */
function densityArguments(
  weights: tf.Tensor,
  { pairStart, imageStart, unit, mostImages }: UploadedImages,
  { degree, densities }: DensityEncoding,
  features: number,
) {
  const [functions, rows] = [degree + 1, (degree + 1) ** 2]
  const first = features - densities * functions
  return {
    size: [pairStart.size - 1, weights.shape[1]!, mostImages, features, first, degree, densities],
    lists: [pairStart, imageStart, unit!],
    scratch: 25 * mostImages + rows * (mostImages + 24) + functions * (degree + 18),
  }
}
