// A training step on a backend that was just set up, beside the same step on WebAssembly.

import { configure, networkOf } from '../../../models/registry.ts'
import { generateIonicDataset } from '../../data/ionic/generate.ts'
import type { BackendName } from '../../engines/engine.ts'
import { feedFor } from '../../engines/feed-for.ts'
import { selectBackend } from '../../engines/select.ts'
import { localGradients } from '../gradients.ts'
import { trainingOptions } from '../options.ts'
import { disposeState, initialState } from '../state.ts'
import { optimiserStep, setStatistics } from '../step.ts'

/** Two steps from the same weights on two backends: float32 rounding. */
const SAME = 1e-4
const STEPS = 3

/** What to tell whoever set it up. @throws Error when its losses are not those of WebAssembly. */
export async function prove(name: BackendName): Promise<string> {
  const [found, expected] = [await losses(name), await losses('wasm')]
  const shown = (values: readonly number[]) => values.map((x) => x.toFixed(5)).join(', ')
  if (!found.every((x, n) => Math.abs(x - expected[n]) < SAME)) {
    throw new Error(`the losses of ${STEPS} steps are ${shown(found)}, on wasm ${shown(expected)}`)
  }
  return `backend ${name}: the losses of ${STEPS} training steps are ${shown(found)}, as on wasm`
}

async function losses(name: BackendName): Promise<number[]> {
  const engine = await selectBackend(name)
  const config = configure({
    num_layers: 2,
    model_dim: 32,
    head_num: 4,
    ff_dim: 64,
    value_pe_dist_real: 16,
  })
  const { geometry } = networkOf(config).geometry(config, 'converged', { radius: 5 })
  const options = trainingOptions({ learning_rate: 1e-3 })
  const feed = feedFor(engine, config, geometry)
  const source = localGradients(feed, config, options)
  const crystals = [...generateIonicDataset({ count: 4, seed: 1 })].map((c) => feed.prepare(c.structure))
  const targets = Float32Array.of(0.5, -1, 1, -0.5)
  const state = initialState(config, 1, 1)
  const batch = feed.upload(crystals)
  setStatistics(state.parameters, batch, config)
  batch.dispose()
  const found: number[] = []
  for (let n = 0; n < STEPS; n++) {
    const gradients = await source.ofMicroBatch(state.parameters, { crystals, targets }, crystals.length)
    const { loss } = await optimiserStep(engine, state.parameters, state.optimiser, gradients, options, 1e-3)
    found.push(loss)
  }
  disposeState(state)
  return found
}
