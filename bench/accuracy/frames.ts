// Which frames learn best: Crystalformer, max frames and densities of axes with the same budget, over several seeds. Each
// run is a task of its own, in a folder of its own: what was finished before is not trained again.

import { join } from 'node:path'
import { median } from '../../src/math/median.ts'
import type { OnEvent } from '../../src/training/events.ts'
import { type AccuracyResult, measure } from './run.ts'
import { type AccuracyTask, TASKS } from './tasks.ts'

export const FRAMES = { name: 'frames' } as const

const DENSITY = { architecture: 'crystalframer', frame_method: 'density' } as const
const NETWORKS: Readonly<Record<string, AccuracyTask['config']>> = {
  crystalformer: { architecture: 'crystalformer' },
  max: { architecture: 'crystalframer' },
  'density-6': { ...DENSITY, density_degree: 6 },
  'density-8': { ...DENSITY, density_degree: 8 },
  'density-12': { ...DENSITY, density_degree: 12 },
  'density-8-one': { ...DENSITY, density_degree: 8, density_axes: 1 },
}

/** Of the tasks in tasks.ts: data, target and settings. */
const LEARNED = ['e_form-72', 'gap', 'exfoliation']
/** What a network of few crystals is trained longer by. */
const SMALL_DATA = { exfoliation: 4 } as Readonly<Record<string, number>>

export interface FramesBudget {
  readonly seeds: number
  /** of e_form and gap; a third of them is averaged over */
  readonly epochs: number
}

export interface FramesRow {
  readonly task: string
  readonly unit: string
  readonly network: string
  readonly parameters: number
  readonly epochs: number
  /** errors by seed */
  readonly val: readonly number[]
  readonly test: readonly number[]
  /** median over the seeds, of epochs with their validation */
  readonly ms_a_step: number
}

/** Tasks of a budget, seed by seed, so that a comparison of fewer seeds is there first. */
export function framesTasks({ seeds, epochs: budget }: FramesBudget): AccuracyTask[] {
  return Array.from({ length: seeds }, (_, n) => n + 1).flatMap((seed) =>
    LEARNED.flatMap((name) => {
      const { from: _, folds: __, ...task } = TASKS.find((own) => own.name === name)!
      const epochs = budget * (SMALL_DATA[name] ?? 1)
      return Object.entries(NETWORKS).map(([network, config]) => ({
        ...{ ...task, config, members: 1, goal: null },
        name: `${name.replace(/-.*/, '')}-${network}-${epochs}-${seed}`,
        options: {
          ...task.options,
          learning_rate: undefined,
          seed,
          epochs,
          swa_epochs: Math.ceil(epochs / 3),
        },
      }))
    }),
  )
}

/** @param onResults told of the rows so far after every run */
export async function measureFrames(
  budget: FramesBudget,
  dataFile: (name: string) => string,
  folder: string,
  options: { readonly threads: number; readonly onEvent: OnEvent },
  onResults: (rows: readonly FramesRow[], last: AccuracyResult) => Promise<void>,
): Promise<void> {
  const results: { task: AccuracyTask; result: AccuracyResult }[] = []
  for (const task of framesTasks(budget)) {
    const result = await measure(task, dataFile(task.data), join(folder, task.name), options)
    results.push({ task, result })
    await onResults(rowsOf(results), result)
  }
}

/** A row for all seeds. */
function rowsOf(results: readonly { task: AccuracyTask; result: AccuracyResult }[]): FramesRow[] {
  const withoutSeed = ({ task }: (typeof results)[number]) => task.name.replace(/-\d+$/, '')
  return [...new Set(results.map(withoutSeed))].map((name) => {
    const group = results.filter((own) => withoutSeed(own) === name)
    const [{ task, result }] = group
    const network = Object.keys(NETWORKS).find((name) => NETWORKS[name] === task.config)!
    return {
      ...{ task: result.target, unit: task.unit, network, parameters: result.parameters },
      epochs: result.epochs,
      val: group.map((own) => own.result.val_mae),
      test: group.map((own) => own.result.onnx.test_mae),
      ms_a_step: median(group.map((own) => (own.result.minutes * 60_000) / own.result.steps)),
    }
  })
}
