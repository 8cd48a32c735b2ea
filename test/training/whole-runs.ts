// Whole runs of a tiny network of two blocks, in a folder of the test file, and how two of them are compared.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect } from 'vitest'
import type { EpochMetrics } from '../../src/training/events.ts'
import type { TrainingRun } from '../../src/training/training-run.ts'
import { labelled } from './crystals.ts'

export const TINY = {
  num_layers: 2,
  model_dim: 16,
  head_num: 4,
  ff_dim: 16,
  embedding_dim: [8],
  value_pe_dist_real: 8,
}
export const OPTIONS = { epochs: 6, swa_epochs: 2, batch_size: 4, learning_rate: 0.01, radius: 4.5, seed: 3 }
export const TARGETS = [{ name: 'energy', unit: 'eV/atom' }]
export const crystals = labelled(24)

/** Runs in folders of their own within `folder()`, which goes when the tests of the file have ended. */
export function wholeRuns() {
  let folder: string
  let count = 0
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/crystal-onnx-run-`)
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
    await tf.setBackend('cpu')
  })
  function run(changes: Partial<TrainingRun> = {}): TrainingRun {
    return {
      data: { name: 'made up', crystals },
      targets: TARGETS,
      config: TINY,
      options: OPTIONS,
      runFolder: `${folder}/run-${count++}`,
      backend: 'wasm',
      ...changes,
    }
  }
  return { run, folder: () => folder }
}

/** What a run says in its metrics but how long it took and in how much memory. */
export function curve(history: readonly EpochMetrics[]) {
  return history.map(({ seconds: _, peak_memory_mb: __, ...rest }) => rest)
}

export function expectClose(a: unknown, b: unknown, tolerance: number): void {
  const numbersOf = (x: unknown) =>
    JSON.stringify(x)
      .match(/-?\d+(\.\d+)?(e-?\d+)?/g)!
      .map(Number)
  const [found, expected] = [numbersOf(a), numbersOf(b)]
  expect(found.length).toBe(expected.length)
  for (const [n, x] of expected.entries()) expect(Math.abs(found[n] - x)).toBeLessThanOrEqual(tolerance)
}
