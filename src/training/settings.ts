// The settings of a run: validated and written when it starts, read back and compared when it is resumed.

import { mkdir } from 'node:fs/promises'
import { modelConfig } from '../../models/config.ts'
import { fitScaling, type LabelledCrystal, type SplitCrystals } from '../data/index.ts'
import { TrainingError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { hasCheckpoint } from './checkpoint.ts'
import { truncateMetrics } from './metrics.ts'
import { type TrainingOptionsInput, trainingOptions } from './options.ts'
import { dataHash, type RunConfig, readRunConfig, runPaths, writeRunConfig } from './runFolder.ts'

export type Settings = Omit<RunConfig, 'format'>

/** The part of a TrainingRun that its settings come from. */
interface Given {
  readonly targets: readonly { readonly name: string; readonly unit: string }[]
  readonly config?: Readonly<Record<string, unknown>>
  readonly options?: TrainingOptionsInput
  readonly runFolder: string
}

/** Validates what a new run was given and writes config.json. @throws TrainingError when the folder holds a run. */
export async function newSettings(
  run: Given,
  name: string,
  crystals: readonly LabelledCrystal[],
  splits: SplitCrystals,
): Promise<Settings> {
  if (run.targets.length === 0)
    throw new TrainingError('no target to train on; name one property of the data')
  const config = modelConfig({ ...run.config, num_targets: run.targets.length })
  const options = trainingOptions(run.options)
  const paths = runPaths(run.runFolder)
  await mkdir(run.runFolder, { recursive: true })
  if (await hasCheckpoint(paths.checkpoint)) {
    throw new TrainingError(`${run.runFolder} holds a run already; resume it, or choose another folder`)
  }
  const settings = {
    toolkit: VERSION,
    model: config,
    training: options,
    targets: fitScaling(splits.train, run.targets),
    data: {
      name,
      sha256: dataHash(crystals),
      train: splits.train.length,
      val: splits.val.length,
      test: splits.test.length,
    },
  }
  await writeRunConfig(paths.config, settings)
  // A process that died in its first epoch may have left some.
  await truncateMetrics(paths.metrics, 0)
  return settings
}

/** The settings that the run was started with. @throws TrainingError when the data or a given setting differs. */
export async function resumedSettings(run: Given, crystals: readonly LabelledCrystal[]): Promise<Settings> {
  const path = runPaths(run.runFolder).config
  const settings = await readRunConfig(path)
  if (settings.data.sha256 !== dataHash(crystals)) {
    throw new TrainingError(`the data is not that of ${path} (its sha256 differs); resume with the same data`)
  }
  const [asked, trained] = [run.targets, settings.targets].map((targets) =>
    targets.map((t) => t.name).join(', '),
  )
  if (asked !== trained) {
    throw new TrainingError(`the targets are ${asked}, the run in ${run.runFolder} learns ${trained}`)
  }
  const given = { ...run.config, ...run.options } as Record<string, unknown>
  const stored = { ...settings.model, ...settings.training } as Record<string, unknown>
  for (const [key, value] of Object.entries(given)) {
    if (JSON.stringify(value) === JSON.stringify(stored[key])) continue
    throw new TrainingError(
      `${key} is ${JSON.stringify(value)}, the run in ${run.runFolder} was started with ` +
        `${JSON.stringify(stored[key])}; leave it out to resume, or start a new run`,
    )
  }
  return settings
}
