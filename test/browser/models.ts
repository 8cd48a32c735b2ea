// Models for the pages: golden weights, published mode, so that every prediction has a value of the published code.

import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import type { CrystalExportOptions } from '../../exporters/crystal/exported-file.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { modelConfig } from '../../models/attention/config.ts'
import type { Card } from '../../runtimes/card.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import {
  FRAMED_CASES,
  type GoldenCase,
  goldenStructures,
  goldenValues,
  goldenWeights,
  TINY_CASES,
} from '../golden/goldens.ts'

const named = (cases: readonly GoldenCase[], name: string) => cases.find((golden) => golden.name === name)!

/** Networks that the fused engine computes too: over all images, and with ties broken as ours are. */
export const CONVERGED_FORMER = named(TINY_CASES, 'tiny_converged_cf_real')
const framed = named(FRAMED_CASES, 'tiny_converged_cfr_max')
export const CONVERGED_FRAMER: GoldenCase = {
  ...framed,
  config: modelConfig({ ...framed.config, ties: 'canonical' }),
}

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
  options: Partial<CrystalExportOptions> = {},
): Promise<GoldenModel> {
  const { bytes, card } = await exportCrystalModel({
    weights: goldenWeights(weights, config),
    config,
    mode,
    targets: [TARGET],
    golden: builtIn().slice(1, 3),
    ...options,
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
