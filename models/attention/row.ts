// What the rows of Crystalformer and CrystalFramer have in common.

import { type ExtraOutput, QUICK_TRAINING } from '../network.ts'
import { blockDomains, type ModelConfig } from './config.ts'
import { geometryOf } from './geometry.ts'
import { initialiseWeights } from './initialise.ts'
import { inputNames } from './inputs.ts'
import { checkTrained, headLayers, inferConfig, isTrainable, parameterShapes } from './parameters.ts'

export const attentionRow = {
  describe: ({ num_layers: blocks }: ModelConfig) => `${blocks} blocks`,
  parameterShapes,
  isTrainable,
  initialise: initialiseWeights,
  lastLayer: (config: ModelConfig) => headLayers(config).at(-1)!.name,
  checkTrained,
  inferConfig,
  modes: ['converged', 'published'],
  geometry: geometryOf,
  sumsOverImages: ({ num_layers: blocks }: ModelConfig) => blocks,
  inputNames,
  lacks,
  calibration: {
    traced: '/rho',
    lowerBound: ({ gauss_lb_real: bound }: ModelConfig) => bound,
  },
} as const

/** The network that learns in minutes on a laptop. */
export const QUICK = {
  config: {
    num_layers: 2,
    model_dim: 64,
    head_num: 4,
    ff_dim: 128,
    embedding_dim: [64],
    value_pe_dist_real: 32,
  },
  training: QUICK_TRAINING,
} as const

/** As published: the network with its defaults. @param swa_epochs those of `epochs` in which weights are averaged */
export function published(batch_size: number, epochs: number, swa_epochs: number) {
  return { config: {}, training: { batch_size, epochs, swa_epochs } }
}

function lacks(config: ModelConfig, output: ExtraOutput): string | undefined {
  const inRealSpace = blockDomains(config).some((domain) => domain === 'real' || domain === 'multihead')
  if (output !== 'attention' || inRealSpace) return undefined
  return `domain ${config.domain}: a network without heads in real space has no attention over images to give`
}
