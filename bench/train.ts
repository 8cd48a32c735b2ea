// Steps of training at full size: loss, gradient, clipping and AdamW, on every engine that is here, beside the same step
// on WebAssembly with the kernels that tfjs ships, in the same process.

import { availableParallelism } from 'node:os'
import * as tf from '@tensorflow/tfjs'
import { NETWORKS } from '../models/networks.ts'
import { configure, networkOf } from '../models/registry.ts'
import type { Engine } from '../src/engines/engine.ts'
import { feedFor } from '../src/engines/feed-for.ts'
import { selectBackend } from '../src/engines/select.ts'
import { peakMemory } from '../src/training/fit.ts'
import { type GradientSource, localGradients, stepGradients } from '../src/training/gradients.ts'
import { trainingOptions } from '../src/training/options.ts'
import { disposeState, initialState } from '../src/training/state.ts'
import { optimiserStep, setStatistics } from '../src/training/step.ts'
import { threadedGradients } from '../src/training/threads/threaded.ts'
import { type Mix, mixes } from './workload.ts'

const BATCH = 32

export interface StepTime {
  readonly network: string
  readonly mix: string
  readonly atoms: number
  readonly engine: string
  readonly threads: number
  /** Fastest step, ms. */
  readonly ms: number
  /** Processor time of a step over all threads, least, ms: what a busy machine inflates less. */
  readonly cpu_ms: number
  /** Loss of the first step: the same for all engines. */
  readonly loss: number
  /** Largest memory of the process so far, MB. */
  readonly peak_memory_mb: number
}

interface DensityRatio extends Pick<StepTime, 'mix' | 'engine' | 'threads'> {
  readonly ratio: number
}

interface NativeRatio extends Pick<StepTime, 'network' | 'mix' | 'threads'> {
  readonly ratio: number
}

export interface TrainingTimes {
  readonly workload: string
  readonly radius: number
  readonly steps: StepTime[]
  /** Of steps that took turns: native code over WebAssembly, by the least processor time. */
  readonly native_ratios: readonly NativeRatio[]
  /** Of steps that took turns: densities of axes over max frames, by the least processor time. */
  readonly density_ratios: readonly DensityRatio[]
  /** Step of the stock kernels over ours on one thread, Crystalformer and the first mix. */
  readonly faster_than_stock: number
  readonly absent: readonly { readonly engine: string; readonly why: string }[]
}

export async function benchTraining(
  { steps: count, radius }: { steps: number; radius?: number },
  note: (message: string) => void,
): Promise<TrainingTimes> {
  await keepStockKernels()
  const { source, mixes: all } = mixes()
  const steps: StepTime[] = []
  const time = async (
    networks: readonly NamedNetwork[],
    mix: Mix,
    on: NamedEngine[],
    threads: number,
    count: number,
  ) => {
    const titles = [...networks, ...on].map(({ title }) => title).join(', ')
    note(`${mix.name}: ${titles}${threads > 1 ? `, ${threads} threads` : ''}`)
    const times = await timed(networks, mix, on, threads, count, radius)
    steps.push(...times)
    return times
  }
  const wasm = { title: 'wasm', engine: await selectBackend('wasm') }
  const absent: { engine: string; why: string }[] = []
  const native = await selectBackend('native').catch(String)
  if (typeof native === 'string') absent.push({ engine: 'native', why: native })
  const own = [wasm, ...(typeof native === 'string' ? [] : [{ title: 'native', engine: native }])]
  const native_ratios: NativeRatio[] = []
  const density_ratios: DensityRatio[] = []
  for (const networks of TURNS) {
    for (const mix of all) {
      for (const threads of new Set([1, availableParallelism()])) {
        const times = await time(networks, mix, own, threads, count)
        const find = (network: string, engine: string) =>
          times.find((step) => step.network === network && step.engine === engine)
        for (const { network, engine, cpu_ms } of times) {
          if (engine === 'native') {
            const ratio = cpu_ms / find(network, 'wasm')!.cpu_ms
            native_ratios.push({ network, mix: mix.name, threads, ratio })
          }
          if (network === DENSITY.title) {
            const ratio = cpu_ms / find(MAX.title, engine)!.cpu_ms
            density_ratios.push({ mix: mix.name, engine, threads, ratio })
          }
        }
      }
    }
  }
  for (const title of ['tensorflow', 'tensorflow-gpu'] as const) {
    const engine = await selectBackend(title).catch(String)
    if (typeof engine === 'string') absent.push({ engine: title, why: engine })
    else for (const networks of TURNS) await time(networks, all[0], [{ title, engine }], 1, count)
  }
  await time(TURNS[0], all[0], [{ title: STOCK, engine: { ...wasm.engine, heap: undefined } }], 1, 2)
  const { geometry } = networkAndGeometry(TURNS[0][0], radius)
  return {
    workload: `${BATCH} crystals of ${source}`,
    radius: geometry.images?.kind === 'sphere' ? geometry.images.radius : Number.NaN,
    steps,
    native_ratios,
    density_ratios,
    faster_than_stock: steps.at(-1)!.ms / steps[0].ms,
    absent,
  }
}

interface NamedNetwork {
  readonly title: string
  readonly config: Readonly<Record<string, unknown>>
}

const MAX: NamedNetwork = { title: 'crystalframer', config: { architecture: 'crystalframer' } }
const DENSITY: NamedNetwork = {
  title: 'crystalframer, densities',
  config: { architecture: 'crystalframer', frame_method: 'density' },
}
/** Networks that are compared with each other take turns. */
const TURNS: readonly (readonly NamedNetwork[])[] = NETWORKS.map(({ name }) =>
  name === MAX.title ? [MAX, DENSITY] : [{ title: name, config: { architecture: name } }],
)

interface NamedEngine {
  readonly title: string
  readonly engine: Engine
}

/** Steps of several networks on several engines, which take turns. */
async function timed(
  networks: readonly NamedNetwork[],
  mix: Mix,
  engines: readonly NamedEngine[],
  threads: number,
  count: number,
  radius: number | undefined,
): Promise<StepTime[]> {
  const runs = []
  for (const network of networks) {
    for (const on of engines) runs.push(await startRun(network, mix, on, threads, radius))
  }
  for (let n = 0; n <= count; n++) {
    for (const run of runs) await run.step()
  }
  const results = []
  for (const run of runs) results.push(await run.end())
  return results
}

async function startRun(
  network: NamedNetwork,
  mix: Mix,
  { title, engine }: NamedEngine,
  threads: number,
  radius: number | undefined,
) {
  const makeCurrent = () => (title === STOCK ? tf.setBackend(STOCK) : selectBackend(engine.name))
  await makeCurrent()
  const { config, geometry } = networkAndGeometry(network, radius)
  const options = trainingOptions()
  const feed = feedFor(engine, config, geometry)
  const crystals = mix.crystals.slice(0, BATCH).map(feed.prepare)
  const targets = Float32Array.from(crystals, (_, c) => Math.sin(c))
  const local = localGradients(feed, config, options)
  const source: GradientSource =
    threads > 1 ? await threadedGradients(local, engine.name, config, geometry, options, threads - 1) : local
  const state = initialState(config, 0, 1)
  const limits = { crystals: BATCH, atoms: Math.min(options.max_batch_atoms, feed.atoms) }
  const first = feed.upload(crystals.slice(0, 4))
  setStatistics(state.parameters, first, config)
  first.dispose()
  let [ms, cpu_ms] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  let loss: number | undefined
  return {
    step: async () => {
      await makeCurrent()
      const [started, before] = [performance.now(), process.cpuUsage()]
      const gradients = await stepGradients(source, state.parameters, { crystals, targets }, limits)
      await optimiserStep(engine, state.parameters, state.optimiser, gradients, options, 5e-4)
      const [now, { user, system }] = [performance.now(), process.cpuUsage(before)]
      if (loss === undefined) {
        // It compiles and allocates.
        loss = gradients.loss
        return
      }
      ms = Math.min(ms, now - started)
      cpu_ms = Math.min(cpu_ms, (user + system) / 1000)
    },
    end: async (): Promise<StepTime> => {
      disposeState(state)
      await source.close()
      const atoms = crystals.reduce((sum, crystal) => sum + crystal.atoms, 0)
      const peak_memory_mb = peakMemory()
      return {
        network: network.title,
        mix: mix.name,
        atoms,
        engine: title,
        threads,
        ms,
        cpu_ms,
        loss: loss!,
        peak_memory_mb,
      }
    },
  }
}

/** @param radius of sums that converge; that of other networks is their own */
function networkAndGeometry({ config: given }: NamedNetwork, radius: number | undefined) {
  const config = configure(given)
  const network = networkOf(config)
  const { geometry } = network.geometry(config, 'converged', network.calibration ? { radius } : {})
  return { config, geometry }
}

const STOCK = 'stock wasm'

/**
 * The wasm backend under another name, with its own kernels, before ours take their places. It lacks the sum of
 * segments, without which no gather has a gradient: in plain JavaScript, as an application would add it.
 */
async function keepStockKernels(): Promise<void> {
  await import('@tensorflow/tfjs-backend-wasm')
  tf.copyRegisteredKernels('wasm', STOCK)
  tf.registerBackend(STOCK, tf.findBackendFactory('wasm'))
  tf.registerKernel({
    kernelName: 'UnsortedSegmentSum',
    backendName: STOCK,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, segmentIds } = inputs as Record<string, tf.TensorInfo>
      const heap = backend as tf.KernelBackend & {
        makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo
        typedArrayFromHeap(info: tf.TensorInfo): Float32Array | Int32Array
      }
      const segments = (attrs as { numSegments: number }).numSegments
      const out = heap.makeOutput([segments, ...x.shape.slice(1)], 'float32')
      const [values, ids, sums] = [x, segmentIds, out].map((info) => heap.typedArrayFromHeap(info))
      const width = values.length / ids.length
      sums.fill(0)
      ids.forEach((segment, row) => {
        for (let c = 0; c < width; c++) sums[segment * width + c] += values[row * width + c]
      })
      return out
    },
  })
}
