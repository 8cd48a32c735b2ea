// Which feed a network has on an engine.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import { ofAllAtoms } from '../periodic/unique.ts'
import type { Engine } from './engine.ts'
import { type Feed, plainFeed } from './feed.ts'
import { canFuse, fusedFeed } from './fused-feed.ts'

/** The fused kernels' flat list of images where there is a heap for it and they compute the network; else padded tensors. */
export function feedFor({ heap }: Pick<Engine, 'heap'>, config: NetworkConfig, geometry: GeometrySpec): Feed {
  const all = ofAllAtoms(geometry)
  const attention = networkOf(config).attention?.(config)
  return heap && attention && canFuse(attention, all)
    ? fusedFeed(heap, attention, all)
    : plainFeed(config, all)
}
