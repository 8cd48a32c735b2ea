// CrystalFramer (Ito et al., ICLR 2025): Crystalformer whose value encoding also looks along three axes, a frame for every
// atom, head and block, or along densities of axes (density.ts). That part is here; the network around it is
// models/attention/forward.ts.

import type * as tf from '@tensorflow/tfjs-core'
import { scope } from '../../src/scope.ts'
import type { Images } from '../attention/batch-images.ts'
import { type CrystalframerConfig, choosesByWeight, looksAlongDensities } from '../attention/config.ts'
import { attentionNetwork, type Encode } from '../attention/forward.ts'
import { ANGULAR_PROJECTIONS } from '../attention/parameters.ts'
import type { ForwardOptions, Inputs, Parameters } from '../network.ts'
import { type AngularEncoding, angularEncoding } from './angular.ts'
import { densityEncoding } from './density.ts'
import { directionsOf, framesOf, nearOf } from './frames/index.ts'
import { windowedImages } from './published-windows.ts'

export interface FramerOptions extends ForwardOptions {
  /** Frames by block, [A, H, 3, 3], instead of its own. */
  readonly frames?: readonly tf.Tensor4D[]
  /** Another implementation of the angular encoding, to compare with. */
  readonly angular?: AngularEncoding
}

/** The network: `attentionNetwork` with the angular encoding. Shows `layer0/frames`, too. */
export function crystalframer(
  parameters: Parameters,
  config: CrystalframerConfig,
  inputs: Inputs,
  { frames, angular, ...options }: FramerOptions = {},
): tf.Tensor2D {
  return attentionNetwork(parameters, config, inputs, { ...options, encode: framed(config, frames, angular) })
}

/** What `attentionNetwork` is to add for a CrystalFramer. */
export function framed(
  config: CrystalframerConfig,
  frames?: readonly tf.Tensor4D[],
  angular?: AngularEncoding,
): Encode {
  return (inputs, images) =>
    scope('directions', () =>
      looksAlongDensities(config)
        ? { images, encoding: densityEncoding(inputs.translation, config) }
        : framedEncoding(inputs, images, config, frames, angular),
    )
}

/**
 * The angular encoding of a batch, and its images with the windows of the published box where that is summed.
 * @param given frames [A, H, 3, 3] by block, instead of the network's own
 */
function framedEncoding(
  inputs: Inputs,
  images: Images,
  config: CrystalframerConfig,
  given: readonly tf.Tensor4D[] | undefined,
  angular: AngularEncoding = angularEncoding,
): ReturnType<Encode> {
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
