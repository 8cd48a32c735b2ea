// The gradient of a step does not depend on how its crystals are divided: into micro-batches, or between threads.

import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { feedFor } from '../../src/engines/feed-for.ts'
import { selectBackend } from '../../src/engines/select.ts'
import { type GradientSource, localGradients, stepGradients } from '../../src/training/gradients.ts'
import { initialState } from '../../src/training/state.ts'
import { setStatistics } from '../../src/training/step.ts'
import { threadedGradients } from '../../src/training/threads/threaded.ts'
import { CRYSTALS, numbers } from './crystals.ts'

/** Sums of the same float32 numbers in another order, relative to the largest gradient. */
const F32 = 3e-6

const config = modelConfig({ num_layers: 2, model_dim: 16, head_num: 4, ff_dim: 16, value_pe_dist_real: 8 })
const { geometry } = geometryOf(config, 'converged', { radius: 5 })
const WHOLE = { crystals: 100, atoms: 1000 }

let engine: Engine
let local: GradientSource
let threaded: GradientSource
const structures = [...CRYSTALS, ...CRYSTALS, CRYSTALS[1]]
const targets = numbers(9, 2 * structures.length)
const many = modelConfig({ ...config, num_targets: 2 })

beforeAll(async () => {
  engine = await selectBackend('wasm')
  local = localGradients(feedFor(engine, many, geometry), many, { loss: 'l1' })
  threaded = await threadedGradients(local, 'wasm', many, geometry, { loss: 'l1' }, 1)
})
afterAll(async () => {
  await threaded.close()
  await tf.setBackend('cpu')
})

async function gradients(source: GradientSource, limits = WHOLE, given = structures) {
  const feed = feedFor(engine, many, geometry)
  const { parameters } = initialState(many, 5, 1)
  const crystals = given.map(feed.prepare)
  const batch = feed.upload(crystals)
  setStatistics(parameters, batch, many)
  batch.dispose()
  const { loss, gradients } = await stepGradients(
    source,
    parameters,
    { crystals, targets: targets.subarray(0, 2 * given.length) },
    limits,
  )
  const found = new Map<string, ArrayLike<number>>([['loss', [loss]]])
  for (const [name, gradient] of gradients) found.set(name, gradient.dataSync())
  return found
}

function expectSame(
  found: ReadonlyMap<string, ArrayLike<number>>,
  expected: ReadonlyMap<string, ArrayLike<number>>,
) {
  const all = [...expected].filter(([name]) => name !== 'loss').flatMap(([, values]) => Array.from(values))
  const scale = Math.max(...all.map(Math.abs))
  for (const [name, values] of expected) {
    const other = found.get(name)!
    for (let i = 0; i < values.length; i++) {
      if (!(Math.abs(other[i] - values[i]) <= F32 * scale)) expect(other[i], `${name}[${i}]`).toBe(values[i])
    }
  }
}

describe('the gradient of a step', () => {
  it('is the sum over its micro-batches', async () => {
    const whole = await gradients(local)
    expectSame(await gradients(local, { crystals: 2, atoms: 1000 }), whole)
    expectSame(await gradients(local, { crystals: 100, atoms: 6 }), whole)
  })

  it('is the sum over threads, the same numbers every time', async () => {
    const found = await gradients(threaded)
    expectSame(found, await gradients(local))
    expect(await gradients(threaded)).toEqual(found)
    expectSame(
      await gradients(threaded, { crystals: 3, atoms: 9 }),
      await gradients(local, { crystals: 3, atoms: 9 }),
    )
  })

  it('needs no helper for a single crystal', async () => {
    const one = CRYSTALS.slice(1, 2)
    expect(await gradients(threaded, WHOLE, one)).toEqual(await gradients(local, WHOLE, one))
  })

  it('names the failure of a thread', async () => {
    const broken = await threadedGradients(local, 'wasm', many, geometry, { loss: 'l1' }, 1)
    await broken.close()
    await expect(gradients(broken)).rejects.toThrow(/a thread of training failed: it ended with code 1/)
  })
})
