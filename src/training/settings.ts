// The settings of a run: validated and written when it starts, read back and compared when it is resumed.

import { modelConfig } from '../../models/config.ts'
import { fitScaling, type LabelledCrystal, type SplitCrystals } from '../data/index.ts'
import { TrainingError } from '../errors.ts'
import { makeFolder } from '../files.ts'
import { VERSION } from '../version.ts'
import { hasCheckpoint } from './checkpoint.ts'
import { truncateMetrics } from './metrics.ts'
import { type TrainingOptionsInput, trainingOptions } from './options.ts'
import { dataHash, type RunConfig, readRunConfig, runPaths, writeRunConfig } from './runFolder.ts'
import type { StartingPoint } from './start.ts'

export type Settings = Omit<RunConfig, 'format'>

/** The part of a TrainingRun that its settings come from. */
interface Given {
  readonly targets: readonly { readonly name: string; readonly unit: string }[]
  readonly config?: Readonly<Record<string, unknown>>
  readonly options?: TrainingOptionsInput
  readonly from?: StartingPoint
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
  const { num_targets: _, ...network } = run.config ?? {}
  if (run.from) refuseOthers(network, run.from.config, 'the network to start from has')
  const config = modelConfig({ ...run.from?.config, ...run.config, num_targets: run.targets.length })
  const options = trainingOptions(run.options)
  const paths = runPaths(run.runFolder)
  await makeFolder(run.runFolder)
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
  const stored = { ...settings.model, ...settings.training }
  refuseOthers({ ...run.config, ...run.options }, stored, `the run in ${run.runFolder} was started with`)
  return settings
}

/** @throws TrainingError for a setting that differs from what is there. */
function refuseOthers(given: object = {}, there: object, whose: string): void {
  for (const [key, value] of Object.entries(given)) {
    const [asked, known] = [value, (there as Record<string, unknown>)[key]].map((x) => JSON.stringify(x))
    if (asked === known) continue
    throw new TrainingError(`${key} is ${asked}, ${whose} ${known}; leave it out, or start a new run`)
  }
}
