// The inputs of an exported crystal model: the tensors of a batch (src/periodic/tensors.ts), whose sizes are left open but
// for the number of waves.

import type { Mode } from '../../models/geometry.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import { BATCH_TENSORS, CELL_TENSORS, type TensorRow } from '../../src/periodic/tensors.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import type { InputSpec } from '../onnx/options.ts'

/** Specifications of the inputs that this network reads, in the order of the table. */
export function inputSpecs(
  config: NetworkConfig,
  mode: Mode,
  { reciprocal }: GeometrySpec,
): Record<string, InputSpec> {
  const names: readonly string[] = networkOf(config).inputNames(config, mode)
  // Half of the grid |n_m| ≤ R: n and −n have the same cosine.
  const waves = reciprocal ? ((2 * reciprocal.range + 1) ** 3 + 1) / 2 : 0
  const rows = Object.entries<TensorRow>(BATCH_TENSORS).filter(([name]) => names.includes(name))
  return specsOf(rows, waves)
}

/** Specifications of the inputs of a graph that makes the images itself. */
export const CELL_INPUTS = specsOf(Object.entries(CELL_TENSORS), 0)

function specsOf(rows: readonly (readonly [string, TensorRow])[], waves: number): Record<string, InputSpec> {
  return Object.fromEntries(
    rows.map(([name, { dtype, dims }]) => [
      name,
      { dtype, shape: dims.map((size) => (size === 'K' ? waves : size)) },
    ]),
  )
}
