// Which tensors of a batch a network of attention reads.

import type { TableTensorName } from '../../src/periodic/tensors.ts'
import type { Mode } from '../geometry.ts'
import { blockDomains, choosesByWeight, frameOfCell, type ModelConfig } from './config.ts'

/** The tensors of a batch that the network reads; a batch may hold more. */
export function inputNames(config: ModelConfig, mode: Mode): TableTensorName[] {
  const domains = blockDomains(config)
  const real = domains.some((domain) => domain === 'real' || domain === 'multihead')
  const reciprocal = domains.some((domain) => domain !== 'real')
  const framed = config.architecture === 'crystalframer'
  const reach = mode === 'published' && (framed || config.adaptive_cutoff_sigma !== 0)
  return [
    'species',
    'occupancy',
    ...(real ? (['pair', 'pair_start', 'pair_end', 'translation', 'image_mask'] as const) : []),
    ...(real && reach ? (['image_reach'] as const) : []),
    ...(mode === 'converged' && choosesByWeight(config) ? (['near'] as const) : []),
    ...(frameOfCell(config) ? (['frame'] as const) : []),
    ...(reciprocal ? (['partner', 'partner_mask', 'wave_cosine', 'wave_norm2'] as const) : []),
    'pool',
  ]
}
