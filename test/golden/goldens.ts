// The golden vectors: which file was made with which configuration, and how to read one. How they were made stands in
// test/fixtures/golden/README.md; the large ones are optional reference material (test/shared.ts).

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type ModelConfig, modelConfig } from '../../models/attention/config.ts'
import { parameterShapes } from '../../models/attention/parameters.ts'
import type { Mode } from '../../models/geometry.ts'
import { readSafetensors, readSafetensors64, type Weights } from '../../models/safetensors.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { shared } from '../shared.ts'

const TINY = {
  model_dim: 32,
  head_num: 4,
  ff_dim: 64,
  embedding_dim: [32],
  num_layers: 2,
  value_pe_dist_real: 32,
}
/** The published pure-PyTorch path sums a fixed box; the CUDA path an adaptive one. */
const FIXED_BOX = { adaptive_cutoff_sigma: 0 }

export interface GoldenCase {
  readonly name: string
  readonly config: ModelConfig
  readonly mode: Mode
  readonly weights: string
}

const published = (name: string, input: object, weights: string): GoldenCase => ({
  name,
  config: modelConfig(input),
  mode: 'published',
  weights,
})
const tiny = (name: string, input: object) =>
  published(name, { ...TINY, ...input }, 'crystalformer_tiny_perturbed')
const full = (name: string, input: object) => published(name, input, 'crystalformer_perturbed')

export const TINY_CASES: readonly GoldenCase[] = [
  tiny('tiny_cf_real_adaptive', {}),
  tiny('tiny_cf_real_box2', FIXED_BOX),
  tiny('tiny_cf_reci', { domain: 'reci' }),
  tiny('tiny_cf_multihead_cuda', { domain: 'multihead' }),
  tiny('tiny_cf_real_box4', { ...FIXED_BOX, lattice_range: 4 }),
  tiny('tiny_cf_real-reci', { domain: 'real-reci', ...FIXED_BOX }),
  // the pure-PyTorch path has no ψ in its real-space half
  tiny('tiny_cf_multihead_torch', { domain: 'multihead', value_pe_dist_real: 0, ...FIXED_BOX }),
  tiny('tiny_cf_simplified_adaptive', { value_pe_dist_real: 0 }),
  { ...tiny('tiny_converged_cf_real', {}), mode: 'converged' },
]

export const FULL_CASES: readonly GoldenCase[] = [
  full('cf_real_adaptive', {}),
  full('cf_real_box2', FIXED_BOX),
  full('cf_real_box4', { ...FIXED_BOX, lattice_range: 4 }),
  full('cf_reci', { domain: 'reci' }),
  full('cf_real-reci', { domain: 'real-reci', ...FIXED_BOX }),
  full('cf_multihead_torch', { domain: 'multihead', value_pe_dist_real: 0, ...FIXED_BOX }),
  full('cf_multihead_cuda', { domain: 'multihead' }),
  full('cf_simplified_adaptive', { value_pe_dist_real: 0 }),
  { ...full('converged_cf_real', {}), mode: 'converged' },
]

const framed = (name: string, input: object, weights = 'crystalframer_perturbed') =>
  published(name, { architecture: 'crystalframer', ties: 'first', ...input }, weights)
const tinyFramed = (name: string, input: object) =>
  framed(name, { ...TINY, value_pe_angle_real: 32, ...input }, 'crystalframer_tiny_perturbed')
const STATIC = { frame_method: 'max_static', static_axis: 'farthest' }
const PCA = { frame_method: 'weighted_pca' }
const UNIT_PCA = { ...PCA, pca_unit_vectors: true }

/** The lightweight network of the paper, but for its fewer Gaussians. */
const LIGHT_BASES = { value_pe_angle_wscale: 1, value_pe_angle_coef: 6, value_pe_dist_coef: 1.5 }
export const LIGHT = { value_pe_angle_real: 16, ...LIGHT_BASES }

/** Frames of the published CUDA kernels, and of an independent program where those have defects. */
export const FRAMED_CASES: readonly GoldenCase[] = [
  tinyFramed('tiny_cfr_max', {}),
  tinyFramed('tiny_cfr_max_s1', { value_pe_angle_wscale: 1 }),
  tinyFramed('tiny_cfr_lattice', { frame_method: 'lattice' }),
  tinyFramed('tiny_cfr_max_light', LIGHT_BASES),
  tinyFramed('tiny_cfr_max_static', STATIC),
  tinyFramed('tiny_cfr_pca', { frame_method: 'pca' }),
  tinyFramed('tiny_cfr_weighted_pca_fixed', PCA),
  tinyFramed('tiny_cfr_weighted_pca_paper', UNIT_PCA),
  { ...tinyFramed('tiny_converged_cfr_max', {}), mode: 'converged' },
  framed('cfr_max', {}),
  framed('cfr_max_light', LIGHT, 'crystalframer_light_perturbed'),
  framed('cfr_max_static', STATIC),
  framed('cfr_lattice', { frame_method: 'lattice' }),
  framed('cfr_pca', { frame_method: 'pca' }),
  framed('npref_cfr_weighted_pca_fixed', PCA),
  framed('npref_cfr_weighted_pca_paper', UNIT_PCA),
  { ...framed('converged_cfr_max', {}), mode: 'converged' },
]

const fixtures = fileURLToPath(new URL('../fixtures/golden', import.meta.url))

/** The crystals of the golden files by name. */
export function goldenStructures(): Map<string, Structure> {
  const raw = JSON.parse(readFileSync(`${fixtures}/structures.json`, 'utf8')) as Record<
    string,
    { lattice: number[][]; frac: number[][]; z: number[] }
  >
  return new Map(
    Object.entries(raw).map(([name, { lattice, frac, z }]) => [
      name,
      structure({ lattice, frac, species: z, name }),
    ]),
  )
}

/** Reference values of a case as float64 by `STRUCTURE/NAME`, or undefined where the file is not on this machine. */
export function goldenValues(name: string): ReadonlyMap<string, Float64Array> | undefined {
  const path = place(`out/${name}.f64.safetensors`)
  if (path === undefined) return undefined
  const { tensors } = readSafetensors64(readFileSync(path), path)
  return new Map([...tensors].map(([key, tensor]) => [key, tensor.data]))
}

/**
 * Weights of a case. The vectors of every domain were made with one weights file, whose ψ the published loader
 * ignores where a block has none: only the tensors of the architecture are kept.
 */
export function goldenWeights(file: string, config: ModelConfig): Weights {
  const path = place(`weights/${file}.safetensors`)!
  const { tensors } = readSafetensors(readFileSync(path), path)
  return new Map([...parameterShapes(config).keys()].map((name) => [name, tensors.get(name)!]))
}

/** A file of the committed fixtures, or of the optional reference material. */
function place(path: string): string | undefined {
  const committed = `${fixtures}/${path.slice(path.lastIndexOf('/') + 1)}`
  return existsSync(committed) ? committed : shared(`golden/${path}`)
}

/** Largest |a − b|; infinite when a value is missing or not a number. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let n = 0; n < a.length; n++) {
    const difference = Math.abs(a[n] - b[n])
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
  }
  return largest
}
