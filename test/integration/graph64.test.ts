// Exported graphs evaluated in float64 against the golden vectors, and against the float64 program of the networks: the
// recorder, the lowerings and the optimiser lose nothing but what float32 constants lose.

import { describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import type { CrystalExportOptions } from '../../exporters/crystal/exported-file.ts'
import { graphInFloat64 } from '../../exporters/crystal/graph64.ts'
import { modelConfig } from '../../models/attention/config.ts'
import { referenceForward } from '../../models/reference/forward.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { describeGoldens } from '../golden/describe-goldens.ts'
import {
  FRAMED_CASES,
  FULL_CASES,
  type GoldenCase,
  goldenStructures,
  goldenWeights,
  TINY_CASES,
} from '../golden/goldens.ts'
import { livelyWeights } from '../models/lively.ts'

/** Constants of a graph are float32, half a unit in the last place off: −1/2r0², centres and widths of Gaussians. */
const F32_CONSTANTS = 3e-8
/** What the radius of the default error bound leaves out of the wide Gaussians of the tiny weights: a tenth at 1e-9. */
const NEGLECTED = 5e-8
/** Images and Gaussians below e⁻²⁵ are cut off where float32 could not see them (docs/mathematics.md §7). */
const CUT_OFF = 5e-11

const UNIT = { name: 'y', unit: '1', mean: 0, std: 1 }
const crystals = goldenStructures()
const golden = [crystals.get('NaCl_prim')!]

/** Predictions of an exported file, standardised like the golden ones. */
async function exported(options: Omit<CrystalExportOptions, 'targets' | 'golden'>) {
  const { bytes, card } = await exportCrystalModel({ ...options, targets: [UNIT], golden })
  const graph = graphInFloat64(bytes)
  return (name: string) => graph(prepareCrystal(crystals.get(name)!, card.geometry, card.elements))[0]
}

const named = (names: readonly string[], cases: readonly GoldenCase[]) =>
  cases.filter(({ name }) => names.includes(name))
const COMPARED = [
  ...TINY_CASES,
  ...named(['cf_real_adaptive', 'converged_cf_real'], FULL_CASES),
  ...named(['tiny_cfr_max', 'tiny_cfr_lattice', 'tiny_converged_cfr_max', 'converged_cfr_max'], FRAMED_CASES),
]
/** The published box of a skewed cell, and that of large ones, take long. */
const isQuick = (name: string) => !name.startsWith('TiO2_skewed') && crystals.get(name)!.frac.length <= 5
/** Ties between directions of a symmetric crystal are each program's own to break. */
const isCertain = ({ config }: GoldenCase, name: string) =>
  config.architecture === 'crystalformer' || name.endsWith('_rattled')

describeGoldens(COMPARED, (compared, values) => {
  it('gives the golden values', async () => {
    const { config, mode, weights } = compared
    const predict = await exported({ weights: goldenWeights(weights, config), config, mode })
    const names = [...crystals.keys()].filter(
      (name) => values.has(`${name}/pred`) && isQuick(name) && isCertain(compared, name),
    )
    expect(names.length).toBeGreaterThan(1)
    const tolerance = compared.name === 'tiny_converged_cfr_max' ? NEGLECTED : F32_CONSTANTS
    for (const name of names) {
      const [expected] = values.get(`${name}/pred`)!
      expect.soft(Math.abs(predict(name) - expected), name).toBeLessThan(tolerance)
    }
  })
})

describe('a network whose constants float32 holds exactly', () => {
  const powersOfTwo = {
    model_dim: 32,
    head_num: 2,
    ff_dim: 64,
    embedding_dim: [32],
    num_layers: 2,
    scale_real: [2],
    scale_reci: [2],
    gauss_lb_real: 0.5,
    positive_func_beta: 0.125,
    value_pe_dist_real: 32,
    value_pe_dist_max: -8,
  }

  it.each([
    ['real', { mode: 'published' }],
    ['real', { geometry: { radius: 16 } }],
    ['real', { geometry: { radius: 16 }, inGraph: true }],
    ['reci', {}],
    ['multihead', { mode: 'published' }],
  ] as const)('%s %j', async (domain, options) => {
    const config = modelConfig({ ...powersOfTwo, domain })
    const weights = livelyWeights(config, 3)
    const predict = await exported({ weights, config, ...options })
    // numbers of atoms whose inverse float32 holds
    for (const name of ['NaCl_prim', 'Si_diamond_rattled', 'NaCl_conv']) {
      const mode = 'mode' in options ? options.mode : 'converged'
      const { value } = referenceForward(weights, config, crystals.get(name)!, mode)
      expect(Math.abs(predict(name) - value[0]), name).toBeLessThan(domain === 'reci' ? 1e-14 : CUT_OFF)
    }
  })
})
