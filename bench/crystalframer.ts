// CrystalFramer beside Crystalformer on one CPU thread, and its angular encoding in three ways: in the whole network, and
// alone on every device that is here. Everything takes turns in one process; docs/decisions/007.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { inputSpecs } from '../exporters/crystal/inputs.ts'
import { withParameters } from '../exporters/crystal/tensors.ts'
import { exportOnnx } from '../exporters/onnx/export.ts'
import {
  type CrystalframerConfig,
  type ModelConfig,
  type ModelConfigInput,
  modelConfig,
} from '../models/attention/config.ts'
import { geometryOf } from '../models/attention/geometry.ts'
import { initialiseWeights } from '../models/attention/initialise.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import type { AngularEncoding } from '../models/crystalframer/angular.ts'
import { ELEMENT_TABLE } from '../models/elements.ts'
import { networkOf } from '../models/registry.ts'
import { readSafetensors, type Weights } from '../models/safetensors.ts'
import { openSession } from '../runtimes/node/session.ts'
import { type Feeds, type Session, sessionOf } from '../runtimes/session.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { prepareCrystal } from '../src/periodic/prepare.ts'
import { asDensity } from '../test/models/as-density.ts'
import { shared } from '../test/shared.ts'
import { ANGULAR, type AngularName } from './angular.ts'
import { fullSizeWeights, gemmSpeed, RADIUS } from './inference.ts'
import { mixes } from './workload.ts'

const CPU = { device: 'cpu', threads: 1 } as const
/** Atoms and images of the angular encoding alone: a small run at 9.9 Å. */
const ALONE = { atoms: 4, images: 264 }

const OWN: AngularName = '4 + 8 factors'
const MAX = 'CrystalFramer'
const DENSITY = 'CrystalFramer, densities'
const FRAMED: Record<string, ModelConfigInput> = {
  crystalframer: { architecture: 'crystalframer' },
  crystalframer_light: {
    architecture: 'crystalframer',
    value_pe_angle_real: 16,
    value_pe_angle_wscale: 1,
    value_pe_angle_coef: 6,
    value_pe_dist_coef: 1.5,
  },
}

export interface NetworkResult {
  readonly network: string
  readonly nodes: number
  /** µs of processor time an atom, by mix */
  readonly us_per_atom: Readonly<Record<string, number>>
}

export interface AloneResult {
  readonly device: string
  /** µs an atom and block, by how it is made; undefined where the device is not here */
  readonly us_per_atom: Readonly<Record<AngularName, number>> | undefined
  readonly why?: string
}

export interface CrystalframerResult {
  readonly workload: string
  readonly weights: string
  readonly radius: number
  readonly gemm_gflops: number
  readonly networks: readonly NetworkResult[]
  /** densities of axes over max frames, which take turns, by mix */
  readonly density_ratio: Readonly<Record<string, number>>
  readonly alone: readonly AloneResult[]
}

interface Network {
  readonly name: string
  readonly config: ModelConfig
  readonly weights: Weights
  readonly angular?: AngularEncoding
}

export async function benchCrystalframer(
  passes: number,
  onProgress: (message: string) => void,
): Promise<CrystalframerResult> {
  const plain = fullSizeWeights()
  const own = framedWeights('crystalframer')
  const light = framedWeights('crystalframer_light')
  const networks: Network[] = [
    { name: 'Crystalformer', weights: plain.weights, config: inferConfig(plain.weights) },
    { name: MAX, ...own },
    { name: 'CrystalFramer, lightweight', ...light },
    { name: DENSITY, ...asDensity(own.config as CrystalframerConfig, own.weights) },
    ...Object.entries(ANGULAR)
      .filter(([name]) => name !== OWN)
      .map(([name, angular]) => ({ name: `CrystalFramer, ${name}`, ...own, angular })),
  ]
  const { source, mixes: all } = mixes()
  const gemm_gflops = await gemmSpeed()
  const opened: { session: Session; nodes: number }[] = []
  for (const network of networks) {
    onProgress(`exporting ${network.name}`)
    const { bytes, nodes } = await exported(network)
    opened.push({ session: await openSession(bytes, CPU), nodes })
  }
  // What a network does not read is left out when it runs.
  const { geometry } = geometryOf(own.config, 'converged', { radius: RADIUS })
  const times = networks.map((): Record<string, number> => ({}))
  for (const { name, crystals } of all) {
    onProgress(`mix ${name}`)
    const prepared = crystals.map((crystal) => prepareCrystal(crystal, geometry, ELEMENT_TABLE))
    const atoms = crystals.reduce((sum, { frac }) => sum + frac.length, 0)
    for (const architecture of ['crystalformer', 'crystalframer'] as const) {
      const own = networks.flatMap(({ config }, n) => (config.architecture === architecture ? [n] : []))
      for (const group of groupAlike(prepared, networkOf({ architecture }).limits.runAtoms)) {
        const { tensors } = packBatch(group.map((n) => prepared[n]))
        const sessions = own.map((n) => opened[n].session)
        const least = await takingTurns(sessions, tensors, passes, processorTime)
        for (const [at, us] of least.entries()) {
          const time = times[own[at]]
          time[name] = (time[name] ?? 0) + us / atoms
        }
      }
    }
  }
  for (const { session } of opened) await session.release()
  onProgress('the angular encoding alone')
  const [max, density] = [MAX, DENSITY].map((name) => times[networks.findIndex((own) => own.name === name)])
  return {
    workload: source,
    weights: own.source,
    radius: RADIUS,
    gemm_gflops,
    networks: networks.map(({ name }, n) => ({
      network: name,
      nodes: opened[n].nodes,
      us_per_atom: times[n],
    })),
    density_ratio: Object.fromEntries(all.map(({ name }) => [name, density[name] / max[name]])),
    alone: await encodingAlone(own.config as CrystalframerConfig, passes),
  }
}

/** The golden weights of full size, or freshly initialised ones (the time is the same). */
export function framedWeights(name: string): { weights: Weights; config: ModelConfig; source: string } {
  const path = shared(`golden/weights/${name}_perturbed.safetensors`)
  if (path) {
    const { tensors } = readSafetensors(readFileSync(path), path)
    return { weights: tensors, config: inferConfig(tensors, FRAMED[name]), source: 'golden, full size' }
  }
  const config = modelConfig(FRAMED[name])
  const weights = initialiseWeights(config, 1)
  for (const [key, tensor] of weights) if (key.endsWith('gauss_scale')) tensor.data.set([1, 0])
  return { weights, config, source: 'initialised, full size' }
}

async function exported({
  weights,
  config,
  angular,
}: Network): Promise<{ bytes: Uint8Array; nodes: number }> {
  const options = { radius: RADIUS, angular }
  return withParameters(weights, (parameters) =>
    exportOnnx(
      (inputs) => ({ prediction: networkOf(config).forward(parameters, config, inputs, options) }),
      inputSpecs(config, 'converged', {}),
    ),
  )
}

/** Least time of every session in µs, one after another in every pass. */
async function takingTurns(
  sessions: readonly Session[],
  feeds: Feeds,
  passes: number,
  clock: () => number,
): Promise<number[]> {
  const least = sessions.map(() => Number.POSITIVE_INFINITY)
  for (let pass = 0; pass < passes; pass++) {
    for (const [n, session] of sessions.entries()) {
      const start = clock()
      await session.run(feeds)
      least[n] = Math.min(least[n], clock() - start)
    }
  }
  return least
}

/** µs of this process on any processor: others on a busy machine do not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** The angular encoding of one block as a graph of its own, on every device. */
async function encodingAlone(config: CrystalframerConfig, passes: number): Promise<AloneResult[]> {
  const { head_num: heads, model_dim: d, value_pe_angle_real: count } = config
  const { images } = ALONE
  const graphs: Uint8Array[] = []
  for (const angular of Object.values(ANGULAR)) {
    const { bytes } = await exportOnnx(
      ({ frames, weights, unit }) => {
        const other = tf.cast(tf.greater(tf.sum(tf.square(unit), 1, true), 0.5), 'float32') as tf.Tensor3D
        const projections = [0, 1, 2].map((axis) =>
          tf.randomUniform([1, heads, d / heads, count], -1, 1, 'float32', axis + 1),
        )
        const directions = {
          unit: unit as tf.Tensor3D,
          other,
        }
        const encoded = angular(
          [frames as tf.Tensor4D],
          weights as tf.Tensor3D,
          projections,
          directions,
          config,
          false,
        )
        return { prediction: encoded }
      },
      {
        frames: { dtype: 'float32', shape: ['A', heads, 3, 3] },
        weights: { dtype: 'float32', shape: ['A', heads, images] },
        unit: { dtype: 'float32', shape: ['A', 3, images] },
      },
    )
    graphs.push(bytes)
  }
  const feeds = surroundings(heads)
  const results: AloneResult[] = []
  for (const [device, open] of Object.entries(DEVICES)) {
    const clock = device.startsWith('webgpu') ? () => performance.now() * 1000 : processorTime
    try {
      const sessions: Session[] = []
      for (const bytes of graphs) sessions.push(await open(bytes))
      const least = await takingTurns(sessions, feeds, passes, clock)
      for (const session of sessions) await session.release()
      const named = Object.keys(ANGULAR).map((name, n) => [name, least[n] / ALONE.atoms])
      results.push({ device, us_per_atom: Object.fromEntries(named) as Record<AngularName, number> })
    } catch (cause) {
      results.push({ device, us_per_atom: undefined, why: (cause as Error).message })
    }
  }
  return results
}

/** A software driver that somebody chose is named: its times compare with each other only. */
const DRIVER = process.env.VK_ICD_FILENAMES

const DEVICES: Readonly<Record<string, (bytes: Uint8Array) => Promise<Session>>> = {
  cpu: (bytes) => openSession(bytes, CPU),
  wasm: async (bytes) => {
    const ort = await import('onnxruntime-web/wasm')
    ort.env.wasm.numThreads = 1
    return sessionOf(await ort.InferenceSession.create(bytes), ort.Tensor, 'wasm')
  },
  [`webgpu${DRIVER ? ` (${basename(DRIVER)})` : ''}`]: (bytes) =>
    openSession(bytes, { device: 'webgpu', threads: 1 }),
}

/** Random frames, directions and weights between 1 and e^−25. */
function surroundings(heads: number): Feeds {
  const { atoms, images } = ALONE
  const noise = (n: number) => {
    const x = Math.sin(n * 12.9898) * 43758.5453
    return x - Math.floor(x)
  }
  const direction = (n: number) => {
    const z = 2 * noise(2 * n) - 1
    const azimuth = 2 * Math.PI * noise(2 * n + 1)
    return [Math.sqrt(1 - z * z) * Math.cos(azimuth), Math.sqrt(1 - z * z) * Math.sin(azimuth), z]
  }
  const unit = new Float32Array(atoms * 3 * images)
  for (let n = 0; n < atoms * images; n++) {
    const first = Math.floor(n / images) * 3 * images + (n % images)
    for (const [c, x] of direction(n).entries()) unit[first + c * images] = x
  }
  const axes = Array.from({ length: atoms * heads * 3 }, (_, n) => direction(n + 10 ** 6)).flat()
  return {
    frames: { data: Float32Array.from(axes), dims: [atoms, heads, 3, 3] },
    weights: {
      data: Float32Array.from({ length: atoms * heads * images }, (_, n) => Math.exp(-25 * noise(n + 0.5))),
      dims: [atoms, heads, images],
    },
    unit: { data: unit, dims: [atoms, 3, images] },
  }
}
