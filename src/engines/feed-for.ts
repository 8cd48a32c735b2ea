// Which feed a network has on an engine.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { GeometrySpec } from '../periodic/types.ts'
import type { Engine } from './engine.ts'
import { type Feed, plainFeed } from './feed.ts'
import { canFuse, fusedFeed } from './fused-feed.ts'

/**
 * Atoms of a batch on a CPU: its crystals are then so alike that hardly anything is padding, and an operation still has
 * enough to do. Of CGCNN on real crystals, a step of 64 takes half the time that it takes with 256 atoms in given order.
 */
const CPU_ATOMS = 64

/** The fused kernels' flat list of images where there is a heap for it and they compute the network; else padded tensors. */
export function feedFor({ heap }: Pick<Engine, 'heap'>, config: NetworkConfig, geometry: GeometrySpec): Feed {
  const attention = networkOf(config).attention?.(config)
  return heap && attention && canFuse(attention, geometry)
    ? fusedFeed(heap, attention, geometry)
    : plainFeed(config, geometry, heap && CPU_ATOMS)
}
