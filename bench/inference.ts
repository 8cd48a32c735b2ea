// Inference on one CPU thread: the neighbour-table graph beside a dense export of the same weights, in one process.

import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs-core'
import { exportCrystalModel } from '../exporters/crystal/export.ts'
import { exportOnnx } from '../exporters/onnx/export.ts'
import { modelConfig } from '../models/attention/config.ts'
import { initialiseWeights } from '../models/attention/initialise.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import { readSafetensors, type Weights } from '../models/safetensors.ts'
import { readModelFile } from '../runtimes/model-file.ts'
import { openGraph } from '../runtimes/node/graph.ts'
import { openSession } from '../runtimes/node/session.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { cartesianPositions } from '../src/periodic/lattice.ts'
import { prepareCrystal } from '../src/periodic/prepare.ts'
import { shared } from '../test/shared.ts'
import { DENSE_IMAGES, denseCrystalformer } from './dense.ts'
import { growingCells, mixes } from './workload.ts'

/** Radius of every figure, Å: 5 σ_max. */
export const RADIUS = 9.9
const CPU = { device: 'cpu', threads: 1 } as const

export interface MixResult {
  readonly mix: string
  readonly crystals: number
  readonly atoms: number
  /** ms a crystal, tables and packing included */
  readonly ms_per_crystal: number
  /** µs an atom of the graph alone */
  readonly run_us_per_atom: number
  readonly tables_us_per_atom: number
  /** share of the tables and packing in the run */
  readonly tables_share: number
  readonly dense_ms_per_crystal: number
  readonly ratio: number
}

export interface InferenceResult {
  readonly workload: string
  readonly weights: string
  readonly radius: number
  readonly session_ms: number
  /** what one thread of this machine gives for a product of two 512 × 512 matrices, in the same runtime */
  readonly gemm_gflops: number
  readonly nodes: number
  readonly mixes: readonly MixResult[]
  /** µs an atom, tables included, by cell size */
  readonly growing: readonly { readonly atoms: number; readonly us_per_atom: number }[]
}

export async function benchInference(
  passes: number,
  onProgress: (message: string) => void,
): Promise<InferenceResult> {
  const { weights, source } = fullSizeWeights()
  onProgress('exporting both graphs')
  const ours = await exportFullSize(weights)
  const dense = await exportDense(weights)
  const { inputs, card } = readModelFile(ours.bytes, 'bench.onnx')

  const gemm_gflops = await gemmSpeed()
  const created = performance.now()
  const runtime = await openGraph(ours.bytes, inputs, CPU)
  const session_ms = performance.now() - created
  const denseSession = await openSession(dense, CPU)

  // Generated crystals have symmetry, those of bench/crystals.json have none: bench/symmetry.ts measures it.
  const prepare = (s: Structure) => prepareCrystal(s, card.geometry, card.elements)
  /** One pass over the crystals in runs of about 100 atoms: milliseconds of tables and of the graph. */
  async function pass(crystals: readonly Structure[]): Promise<{ tables: number; run: number }> {
    const start = performance.now()
    const prepared = crystals.map(prepare)
    let tables = performance.now() - start
    let run = 0
    for (const group of groupAlike(prepared, card.max_atoms)) {
      const start = performance.now()
      const batch = packBatch(group.map((i) => prepared[i]))
      const packed = performance.now()
      await runtime.run(batch)
      tables += packed - start
      run += performance.now() - packed
    }
    return { tables, run }
  }
  async function best(
    crystals: readonly Structure[],
    times: number,
  ): Promise<{ tables: number; run: number }> {
    let least = await pass(crystals)
    for (let i = 0; i < times; i++) {
      const next = await pass(crystals)
      least = { tables: Math.min(least.tables, next.tables), run: Math.min(least.run, next.run) }
    }
    return least
  }

  const workload = mixes()
  const results: MixResult[] = []
  for (const { name, crystals } of workload.mixes) {
    onProgress(`mix ${name}: neighbour tables`)
    const sorted = [...crystals].sort((a, b) => a.frac.length - b.frac.length)
    const { tables, run } = await best(sorted, passes)
    onProgress(`mix ${name}: dense, one crystal a run`)
    const denseMs = await denseMilliseconds(denseSession, crystals)
    const atoms = crystals.reduce((sum, s) => sum + s.frac.length, 0)
    results.push({
      mix: name,
      crystals: crystals.length,
      atoms,
      ms_per_crystal: (tables + run) / crystals.length,
      run_us_per_atom: (run * 1000) / atoms,
      tables_us_per_atom: (tables * 1000) / atoms,
      tables_share: tables / run,
      dense_ms_per_crystal: denseMs / crystals.length,
      ratio: denseMs / (tables + run),
    })
  }

  const growing: { atoms: number; us_per_atom: number }[] = []
  for (const { atoms, crystal } of growingCells()) {
    onProgress(`cell of ${atoms} atoms`)
    const { tables, run } = await best([crystal], Math.max(passes, Math.ceil(300 / atoms)))
    growing.push({ atoms, us_per_atom: ((tables + run) * 1000) / atoms })
  }
  await runtime.release()
  await denseSession.release()
  return {
    workload: workload.source,
    weights: source,
    radius: RADIUS,
    session_ms,
    gemm_gflops,
    nodes: ours.report.nodes,
    mixes: results,
    growing,
  }
}

/** The yardstick for comparing machines, and the same machine on a busy day: GFLOP/s of a large matrix product. */
export async function gemmSpeed(): Promise<number> {
  const n = 512
  const { bytes } = await exportOnnx(
    ({ a, b }) => ({ prediction: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D) }),
    { a: { dtype: 'float32', shape: [n, n] }, b: { dtype: 'float32', shape: [n, n] } },
  )
  const session = await openSession(bytes, CPU)
  const matrix = { data: new Float32Array(n * n).fill(0.5), dims: [n, n] }
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 20; i++) {
    const start = performance.now()
    await session.run({ a: matrix, b: matrix })
    least = Math.min(least, performance.now() - start)
  }
  await session.release()
  return (2 * n ** 3) / (least * 1e6)
}

/** The full-size golden weights, or freshly initialised ones of the same size (the time is the same). */
export function fullSizeWeights(): { weights: Weights; source: string } {
  const path = shared('golden/weights/crystalformer_perturbed.safetensors')
  if (path) return { weights: readSafetensors(readFileSync(path), path).tensors, source: 'golden, full size' }
  const weights = initialiseWeights(modelConfig(), 1)
  for (const [name, tensor] of weights) if (name.endsWith('gauss_scale')) tensor.data.set([1, 0])
  return { weights, source: 'initialised, full size' }
}

/** The file of full-size weights whose speed is looked at: the output as it is, at the radius of every figure. */
export function exportFullSize(weights: Weights, config = inferConfig(weights)) {
  return exportCrystalModel({
    weights,
    config,
    geometry: { radius: RADIUS },
    targets: [{ name: 'output', unit: '1', mean: 0, std: 1 }],
  })
}

async function exportDense(weights: Weights): Promise<Uint8Array> {
  const config = inferConfig(weights)
  const parameters: Record<string, tf.Tensor> = {}
  for (const [name, { shape, data }] of weights) parameters[name] = tf.tensor(data, [...shape])
  const { bytes } = await exportOnnx(
    (inputs) => ({ prediction: denseCrystalformer(parameters, config, inputs) }),
    {
      species: { dtype: 'int32', shape: ['N'] },
      positions: { dtype: 'float32', shape: ['N', 3] },
      translations: { dtype: 'float32', shape: [DENSE_IMAGES, 3] },
    },
    { name: 'dense' },
  )
  tf.dispose(parameters)
  return bytes
}

/** Every crystal once, alone: the published layout cannot batch cells of different sizes without padding. */
async function denseMilliseconds(
  session: Awaited<ReturnType<typeof openSession>>,
  crystals: readonly Structure[],
): Promise<number> {
  let total = 0
  for (const crystal of crystals) {
    const start = performance.now()
    const n = crystal.frac.length
    await session.run({
      species: { data: Int32Array.from(crystal.species, ([o]) => o.element - 1), dims: [n] },
      positions: { data: Float32Array.from(cartesianPositions(crystal)), dims: [n, 3] },
      translations: { data: box(crystal), dims: [DENSE_IMAGES, 3] },
    })
    total += performance.now() - start
  }
  return total
}

/** Lattice vectors n·L with |n_m| ≤ 2, [125, 3]. */
function box({ lattice: [a, b, c] }: Structure): Float32Array {
  const out = new Float32Array(DENSE_IMAGES * 3)
  let at = 0
  for (let i = -2; i <= 2; i++)
    for (let j = -2; j <= 2; j++)
      for (let k = -2; k <= 2; k++) for (let x = 0; x < 3; x++) out[at++] = i * a[x] + j * b[x] + k * c[x]
  return out
}
