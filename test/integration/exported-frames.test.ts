// Every frame method, densities of axes, and every rule for ties from weights to a file that checks itself, with the smallest built-in golden
// samples.

import { expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { modelConfig } from '../../models/attention/config.ts'
import { loadHere, TARGET } from '../exporters/crystal/exported.ts'
import { livelyWeights } from '../models/lively.ts'

/** Float32 against float64. */
const F32 = 1e-5
const SMALL = {
  architecture: 'crystalframer',
  num_layers: 2,
  model_dim: 16,
  head_num: 2,
  ff_dim: 16,
  embedding_dim: [8],
  value_pe_dist_real: 16,
  value_pe_angle_real: 16,
} as const

const SMALLEST = builtIn().filter(({ frac }) => frac.length <= 2)
/** For the principal axes of the atoms of a cell: those of two are any axes around the line through them. */
const SIX_ATOMS = builtIn().filter(({ frac }) => frac.length === 6)

it.each([
  { frame_method: 'max', ties: 'canonical' },
  { frame_method: 'max', ties: 'average' },
  { frame_method: 'max_static', ties: 'average' },
  { frame_method: 'weighted_pca', ties: 'canonical' },
  { frame_method: 'weighted_pca', ties: 'average', pca_unit_vectors: true },
  { frame_method: 'pca', ties: 'average' },
  { frame_method: 'lattice', ties: 'average' },
  { frame_method: 'density', density_degree: 5, density_axes: 1 },
])('%o', async (method) => {
  const config = modelConfig({ ...SMALL, ...method })
  const { bytes, report, card } = await exportCrystalModel({
    weights: livelyWeights(config, 7),
    config,
    targets: [TARGET],
    golden: method.frame_method === 'pca' ? SIX_ATOMS : SMALLEST,
  })
  expect(report.golden.max_rel).toBeLessThan(F32)
  expect(card.config).toMatchObject(method)
  const model = await loadHere(bytes)
  expect(model.device).toBe('cpu')
  await model.dispose()
})
