// Whole runs of a tiny CrystalFramer: it learns, stops and resumes, and a seed gives one run; with frames that the fused
// kernel takes and with those that it does not.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EpochMetrics, TrainingEvent } from '../../src/training/events.ts'
import { train } from '../../src/training/run.ts'
import type { TrainingRun } from '../../src/training/training-run.ts'
import { labelled } from './crystals.ts'

/** A resumed run repeats the same float32 operations. */
const RESUMED = 1e-6

const TINY = {
  architecture: 'crystalframer',
  num_layers: 1,
  model_dim: 16,
  head_num: 4,
  ff_dim: 16,
  embedding_dim: [8],
  value_pe_dist_real: 8,
  value_pe_angle_real: 8,
  value_pe_angle_wscale: 1,
} as const
const OPTIONS = { epochs: 4, swa_epochs: 1, batch_size: 4, learning_rate: 0.01, radius: 3.6, seed: 3 }
const crystals = labelled(12)

let folder: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/crystal-onnx-frames-`)
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await tf.setBackend('cpu')
})

describe.each(['max', 'weighted_pca', 'density'] as const)('%s frames', (frame_method) => {
  const run = (changes: Partial<TrainingRun> = {}): TrainingRun => ({
    data: { name: 'made up', crystals },
    targets: [{ name: 'energy', unit: 'eV/atom' }],
    config: { ...TINY, frame_method },
    options: OPTIONS,
    runFolder: `${folder}/run-${count++}`,
    backend: 'wasm',
    ...changes,
  })

  it('learns, and is the same run for the same seed', async () => {
    const longer = { ...OPTIONS, epochs: 8 }
    const [first, again] = [await train(run({ options: longer })), await train(run({ options: longer }))]
    expect(first.history[7].loss).toBeLessThan(0.7 * first.history[0].loss)
    expect(losses(again.history)).toEqual(losses(first.history))
    const other = await train(run({ options: { ...OPTIONS, epochs: 2, seed: 4 } }))
    expect(losses(other.history)).not.toEqual(losses(first.history).slice(0, 2))
  })

  it('goes on where it was stopped', async () => {
    const full = await train(run())
    const controller = new AbortController()
    const onEvent = (event: TrainingEvent) => {
      if (event.type === 'epoch' && event.metrics.epoch === 2) controller.abort()
    }
    const stopped = run({ signal: controller.signal, onEvent })
    await expect(train(stopped)).rejects.toThrow(/abort/i)
    const { signal: _, onEvent: __, ...settings } = stopped
    const resumed = await train({ ...settings, resume: true })
    const [found, expected] = [losses(resumed.history), losses(full.history)]
    expect(found.length).toBe(OPTIONS.epochs)
    for (const [epoch, loss] of expected.entries()) {
      expect(Math.abs(found[epoch] - loss)).toBeLessThanOrEqual(RESUMED)
    }
  })
})

function losses(history: readonly EpochMetrics[]): number[] {
  return history.map(({ loss }) => loss)
}
