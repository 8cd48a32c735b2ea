// CrystalFramer (Ito et al., ICLR 2025): Crystalformer whose value encoding also looks along three axes, a frame for every
// atom, head and block. Only that part is here; the network around it is models/attention/forward.ts.

import type * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import type { BlockContext } from '../attention/attention.ts'
import { type CrystalframerConfig, choosesByWeight } from '../attention/config.ts'
import type { Images } from '../attention/images.ts'
import { ANGULAR_PROJECTIONS } from '../attention/parameters.ts'
import type { ImageAttention } from '../attention/real-space.ts'
import { type AngularEncoding, angularEncoding } from './angular.ts'
import { directionsOf, framesOf, nearOf } from './frames/index.ts'
import { windowedImages } from './published-windows.ts'

/** What a block adds to its attended values for the images of a batch, [A, d]. */
export type ValueEncoding = (
  attention: ImageAttention,
  block: Pick<BlockContext, 'l' | 'parameter' | 'trace'>,
) => tf.Tensor2D

/**
 * The angular encoding of a batch, and its images with the windows of the published box where that is summed.
 * @param given frames [A, H, 3, 3] by block, instead of the network's own
 */
export function framedEncoding(
  inputs: Readonly<Record<string, tf.Tensor>>,
  images: Images,
  config: CrystalframerConfig,
  given: readonly tf.Tensor4D[] | undefined,
  angular: AngularEncoding = angularEncoding,
): { images: Images; encoding: ValueEncoding } {
  const directions = directionsOf(inputs.translation)
  const near = choosesByWeight(config) && inputs.near ? nearOf(directions, inputs.near) : undefined
  const windowed = images.reach !== undefined
  return {
    images: windowed ? windowedImages(images, directions.squared, config) : images,
    encoding: (attention, { l, parameter, trace }) => {
      const frames = given
        ? [given[l]]
        : scope('frames', () => framesOf({ ...attention, directions }, config, near, inputs.frame))
      trace('frames', frames[0])
      const projections = ANGULAR_PROJECTIONS.map((name) => parameter(`self_attn.${name}`))
      return scope('angular', () =>
        angular(frames, attention.weights, projections, directions, config, windowed),
      )
    },
  }
}
