// Models for the pages: golden weights, published mode, so that every prediction has a value of the published code.

import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import type { Card } from '../../runtimes/card.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { type GoldenCase, goldenStructures, goldenValues, goldenWeights } from '../golden/goldens.ts'

export interface GoldenModel {
  readonly bytes: Uint8Array
  readonly card: Card
  /** crystals, and what the published code gives for them in float64 */
  readonly crystals: readonly {
    readonly name: string
    readonly structure: Structure
    readonly value: number
  }[]
}

/** The network's own output, unscaled. */
const TARGET = { name: 'output', unit: '1', mean: 0, std: 1 }

/** @param crystals which of the golden crystals, by name */
export async function goldenModel(
  { name, config, mode, weights }: GoldenCase,
  crystals: (name: string) => boolean = () => true,
): Promise<GoldenModel> {
  const { bytes, card } = await exportCrystalModel({
    weights: goldenWeights(weights, config),
    config,
    mode,
    targets: [TARGET],
    golden: builtIn().slice(1, 3),
  })
  const values = goldenValues(name)!
  return {
    bytes,
    card,
    crystals: [...goldenStructures()]
      .filter(([crystal]) => values.has(`${crystal}/pred`) && crystals(crystal))
      .map(([name, structure]) => ({ name, structure, value: values.get(`${name}/pred`)![0] })),
  }
}
