// One task from data to figures: train, export every network, predict the test split with the exported files.

import { dirname, join } from 'node:path'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { countParameters } from '../../models/registry.ts'
import { load } from '../../runtimes/node/load.ts'
import { loadDataset } from '../../src/data/dataset.ts'
import type { LabelledCrystal } from '../../src/data/labelled.ts'
import { writeWhole } from '../../src/files.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import type { OnEvent } from '../../src/training/events.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import { readRunConfig, runPaths } from '../../src/training/run-folder.ts'
import type { TrainingResult } from '../../src/training/training-run.ts'
import type { AccuracyTask } from './tasks.ts'

export interface AccuracyResult {
  readonly task: string
  readonly network: string
  readonly target: string
  readonly unit: string
  readonly goal: number | null
  readonly crystals: { readonly train: number; readonly val: number; readonly test: number }
  readonly members: number
  /** Of cross-validation; train and val are then what one member has. */
  readonly folds?: number
  readonly parameters: number
  readonly epochs: number
  readonly steps: number
  readonly seed: number
  readonly threads: number
  /** Of training, over all members: what the epochs took. */
  readonly minutes: number
  /** Mean absolute errors of the weights in TensorFlow.js, of the mean over members. */
  readonly val_mae: number
  readonly test_mae: number
  /** Of the exported files, by onnxruntime. */
  readonly onnx: { readonly test_mae: number; readonly device: string; readonly bytes: number }
}

/**
 * Trains where that is not done yet (an interrupted run goes on), exports, and evaluates.
 * @param folder of the task's run; the one that it starts from lies beside it
 */
export async function measure(
  task: AccuracyTask,
  dataFile: string,
  folder: string,
  { threads, onEvent }: { readonly threads: number; readonly onEvent: OnEvent },
): Promise<AccuracyResult> {
  const runs = await trained(task, dataFile, folder, { threads, onEvent })
  const test = await loadDataset(dataFile, { target: task.target, split: 'test' })
  const exported = await Promise.all(runs.members.map(({ runFolder }) => exportRun(runFolder)))
  const predicted: (readonly number[])[] = []
  let device = ''
  for (const { file } of exported) {
    const { values, device: used } = await predictAll(file, test)
    predicted.push(values)
    device = used
  }
  const error = (crystal: LabelledCrystal, c: number) =>
    Math.abs(
      predicted.reduce((sum, values) => sum + values[c], 0) / predicted.length - crystal.targets[task.target],
    )
  const [first] = runs.members
  const { data } = await readRunConfig(runPaths(first.runFolder).config)
  const sum = (of: (member: TrainingResult) => number) => runs.members.reduce((total, m) => total + of(m), 0)
  return {
    task: task.name,
    network: first.config.architecture,
    ...{ target: task.target, unit: task.unit, goal: task.goal },
    crystals: { train: data.train, val: data.val, test: data.test },
    members: task.members,
    ...(task.folds === undefined ? {} : { folds: task.folds }),
    parameters: countParameters(first.config),
    epochs: first.epochs,
    steps: first.history.at(-1)!.steps,
    seed: first.options.seed,
    threads,
    minutes: sum((m) => m.history.reduce((seconds, epoch) => seconds + epoch.seconds, 0)) / 60,
    val_mae: runs.val,
    test_mae: runs.test,
    onnx: {
      test_mae: test.map(error).reduce((a, b) => a + b, 0) / test.length,
      device,
      bytes: exported[0].bytes,
    },
  }
}

/** The networks of a task, and the errors of the mean of their predictions. */
async function trained(
  task: AccuracyTask,
  data: string,
  runFolder: string,
  { threads, onEvent }: { readonly threads: number; readonly onEvent: OnEvent },
) {
  const run = {
    data,
    targets: [{ name: task.target, unit: task.unit }],
    config: task.config,
    from: task.from === undefined ? undefined : await readRun(join(dirname(runFolder), task.from)),
    options: task.options,
    runFolder,
    threads,
    // What has not begun is started all the same.
    resume: true,
    onEvent,
  }
  const ensemble = task.members > 1 ? await trainEnsemble(run, task.members, task.folds) : undefined
  const single = ensemble ? undefined : await train(run)
  const { val, test } = (ensemble ?? single)!
  return {
    members: ensemble?.members ?? [single!],
    // Every crystal of the tasks has its target.
    val: val!.targets[0].mae!,
    test: test!.targets[0].mae!,
  }
}

/** The run as a file model.onnx in its folder. */
async function exportRun(folder: string): Promise<{ file: string; bytes: number }> {
  const { bytes } = await exportCrystalModel(await readRun(folder))
  const file = `${folder}/model.onnx`
  await writeWhole(file, bytes)
  return { file, bytes: bytes.length }
}

/** @param file of a model, or the name of one that comes with the package */
export async function predictAll(file: string, crystals: readonly LabelledCrystal[]) {
  const model = await load(file, { engine: 'onnxruntime' })
  try {
    const values: number[] = []
    for await (const outcome of model.predictMany(crystals.map(({ structure }) => structure))) {
      if (outcome.error) throw outcome.error
      values[outcome.index] = outcome.value
    }
    return { values, device: model.device }
  } finally {
    await model.dispose()
  }
}
