// Does memory grow? Ten thousand predictions and two hundred times opening and disposing a model, each in a process of
// its own, with and without the worker thread: resident memory at every tenth of the way.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { mean } from '../src/math/mean.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'

export interface MemoryCounts {
  readonly predictions: number
  readonly cycles: number
}

export interface MemoryRun {
  readonly what: 'predictions' | 'cycles'
  readonly times: number
  readonly worker: boolean
  /** resident memory at 1/10, 2/10 … 10/10 of the way, MB */
  readonly megabytes: readonly number[]
  /** mean of the last three over that of the second to the fourth: the first tenth is the warm-up */
  readonly growth: number
}

const PROGRAM = fileURLToPath(new URL('./memory-process.ts', import.meta.url))

/** The full-size network on generated crystals, one CPU thread. */
export async function benchMemory(
  { predictions, cycles }: MemoryCounts,
  onProgress: (message: string) => void,
): Promise<MemoryRun[]> {
  const folder = await mkdtemp(join(tmpdir(), 'crystal-onnx-memory-'))
  try {
    const { weights } = fullSizeWeights()
    const { bytes } = await exportFullSize(weights)
    const file = join(folder, 'model.onnx')
    await writeFile(file, bytes)
    const runs: MemoryRun[] = []
    for (const worker of [true, false]) {
      for (const [what, times] of [
        ['predictions', predictions],
        ['cycles', cycles],
      ] as const) {
        onProgress(`${times} ${what} ${worker ? 'in a worker' : 'in the calling thread'}`)
        const megabytes = await inProcess(file, what, times, worker)
        const growth = mean(megabytes.slice(-3)) / mean(megabytes.slice(1, 4))
        runs.push({ what, times, worker, megabytes, growth })
      }
    }
    return runs
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function inProcess(file: string, what: string, times: number, worker: boolean): Promise<number[]> {
  const program = [
    '--expose-gc',
    '--import',
    'tsx',
    PROGRAM,
    file,
    what,
    String(times),
    worker ? 'worker' : 'thread',
  ]
  const { stdout } = await promisify(execFile)(process.execPath, program)
  return JSON.parse(stdout)
}
