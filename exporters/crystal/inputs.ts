// The inputs of an exported crystal model: the tensors of a Batch (src/periodic/types.ts), with A atoms, E species a
// site, S slots, M images a slot, C crystals and J partners left open; or, where the graph makes the images itself, B
// cells of N atoms and T translations.

import type { Cells } from '../../models/batch-of-cells.ts'
import type { Mode } from '../../models/geometry.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import type { InputSpec } from '../onnx/options.ts'

/** Specifications of the inputs that this network reads, in the order of the graph. */
export function inputSpecs(
  config: NetworkConfig,
  mode: Mode,
  { reciprocal }: Pick<GeometrySpec, 'reciprocal'>,
): Record<string, InputSpec> {
  // Half of the grid |n_m| ≤ R: n and −n have the same cosine.
  const waves = reciprocal ? ((2 * reciprocal.range + 1) ** 3 + 1) / 2 : 0
  const specs: Record<string, InputSpec> = {
    species: { dtype: 'int32', shape: ['A', 'E'] },
    occupancy: { dtype: 'float32', shape: ['A', 'E'] },
    pair: { dtype: 'int32', shape: ['A', 'S'] },
    pair_start: { dtype: 'int32', shape: ['A', 'A'] },
    pair_end: { dtype: 'int32', shape: ['A', 'A'] },
    translation: { dtype: 'float32', shape: ['A', 'M', 'S', 3] },
    image_mask: { dtype: 'float32', shape: ['A', 'M', 'S'] },
    image_reach: { dtype: 'float32', shape: ['A', 'M', 'S'] },
    near: { dtype: 'int32', shape: ['A', 'N'] },
    partner: { dtype: 'int32', shape: ['A', 'J'] },
    partner_mask: { dtype: 'float32', shape: ['A', 'J'] },
    wave_cosine: { dtype: 'float32', shape: ['A', waves, 'J'] },
    wave_norm2: { dtype: 'float32', shape: ['A', waves] },
    frame: { dtype: 'float32', shape: ['A', 3, 3] },
    pool: { dtype: 'float32', shape: ['C', 'A'] },
  }
  return Object.fromEntries(
    networkOf(config)
      .inputNames(config, mode)
      .map((name) => [name, specs[name]]),
  )
}

/** Specifications of the inputs of a graph that makes the images itself. */
export const CELL_INPUTS: Readonly<Record<keyof Cells, InputSpec>> = {
  species: { dtype: 'int32', shape: ['B', 'N'] },
  frac: { dtype: 'float32', shape: ['B', 'N', 3] },
  lattice: { dtype: 'float32', shape: ['B', 3, 3] },
  atom_mask: { dtype: 'float32', shape: ['B', 'N'] },
  translations: { dtype: 'float32', shape: ['T', 3] },
}
