// The settings of a run: validated and written when it starts, read back and compared when it is resumed.

import { rm } from 'node:fs/promises'
import { configure } from '../../models/registry.ts'
import type { Crystals } from '../data/crystals.ts'
import { targetFaults } from '../data/learnable.ts'
import { fitScaling, type TargetName } from '../data/scaling.ts'
import { DatasetError, TrainingError } from '../errors.ts'
import { learned } from '../math/transform.ts'
import { VERSION } from '../version.ts'
import { truncateMetrics } from './metrics.ts'
import { type TrainingOptionsInput, trainingOptions } from './options.ts'
import { findRunEvaluation } from './run-evaluation.ts'
import { memberFolder, readRunConfig, runPaths, type Settings, writeRunConfig } from './run-folder.ts'
import { type RunSplits, splitsOf } from './splits.ts'
import { exists } from './standing.ts'
import type { StartingPoint } from './start.ts'
import type { TrainingRun } from './training-run.ts'

/** The part of a TrainingRun that its settings come from. */
interface Given {
  readonly targets: TrainingRun['targets']
  readonly config?: Readonly<Record<string, unknown>>
  readonly options?: TrainingOptionsInput
  readonly from?: StartingPoint
  readonly runFolder: string
}

/** Crystals that are named in a message. */
const NAMED = 3

/** Validates what a new run was given and writes config.json. @throws TrainingError for what cannot be. */
export async function newSettings(run: Given, name: string, crystals: Crystals): Promise<Settings> {
  if (run.targets.length === 0)
    throw new TrainingError('no target to train on; name one property of the data')
  const { num_targets: _, ...network } = run.config ?? {}
  if (run.from) refuseOthers(network, run.from.config, 'the network to start from has')
  const config = configure({ ...run.from?.config, ...run.config, num_targets: run.targets.length })
  const options = trainingOptions(run.options)
  const splits = splitsOf(crystals, options)
  const paths = runPaths(run.runFolder)
  const targets = run.targets.map(targetOf)
  for (const target of targets) refuseUnlearnable(target, crystals, splits)
  const settings = {
    toolkit: VERSION,
    model: config,
    training: options,
    targets: fitScaling(splits.train, targets),
    data: {
      name,
      sha256: crystals.sha256(),
      train: splits.train.length,
      val: splits.val.length,
      test: splits.test.length,
    },
  }
  // What a process left that died in its first epoch, or a training that diverged there.
  for (const path of [paths.evaluation, paths.domain, paths.weights, paths.report])
    await rm(path, { force: true })
  const written = await writeRunConfig(paths.config, settings)
  await truncateMetrics(paths.metrics, 0)
  return written
}

/** A target with what is not said of it. */
function targetOf({ name, unit = '1', transform = 'none' }: TrainingRun['targets'][number]): TargetName {
  return { name, unit, ...(transform !== 'none' && { transform }) }
}

/** @throws DatasetError for a target that float32 cannot learn, or values that have no logarithm where that is learned. */
function refuseUnlearnable(
  target: TargetName,
  crystals: Crystals,
  { train }: Pick<RunSplits, 'train'>,
): void {
  const { name, transform } = target
  const column = crystals.valuesOf(name)
  const labelled = Array.from(column.keys()).filter((n) => !Number.isNaN(column[n]))
  const such = (places: readonly number[]) =>
    places.slice(0, NAMED).map((n) => `"${crystals.at(labelled[n]).id}"`)
  const values = labelled.map((n) => learned(column[n], target))
  const ofTrain = Array.from(train.valuesOf(name))
    .filter((value) => !Number.isNaN(value))
    .map((value) => learned(value, target))
  const without = values.flatMap((value, n) => (Number.isFinite(value) ? [] : [n]))
  if (without.length > 0) {
    const has = without.length === 1 ? '1 crystal has' : `${without.length} crystals have`
    const [first] = without
    throw new DatasetError(
      `${transform} of ${name}: ${has} no positive value (${such(without).join(', ')}; the first ${column[labelled[first]]}); ` +
        'leave such crystals out, or learn the value itself',
    )
  }
  const fault = targetFaults(transform ? `${transform} of ${name}` : name, ofTrain, values).find(
    ({ isFatal }) => isFatal,
  )
  if (!fault) return
  const ids = such(fault.values)
  throw new DatasetError(`${fault.message}${ids.length > 0 ? ` (such as ${ids.join(', ')})` : ''}`)
}

/** What can be in a folder: a network, an ensemble, or a sweep. */
const KINDS = {
  network: 'the run of a single network',
  ensemble: 'an ensemble',
  sweep: 'a sweep',
}

/** @throws TrainingError for a folder that holds a run of another kind. */
export async function refuseOtherKinds(runFolder: string, own: keyof typeof KINDS): Promise<void> {
  const { config, sweep } = runPaths(runFolder)
  const signs = { network: config, ensemble: memberFolder(runFolder, 0), sweep }
  for (const [kind, title] of Object.entries(KINDS)) {
    if (kind === own || !(await exists(signs[kind as keyof typeof KINDS]))) continue
    throw new TrainingError(`${runFolder} holds ${title} already; choose another folder`)
  }
}

/** @throws TrainingError when a new run in this folder would take something away. */
export async function refuseToReplace(runFolder: string): Promise<void> {
  const paths = runPaths(runFolder)
  await refuseOtherKinds(runFolder, 'network')
  if (await exists(`${paths.checkpoint}/state.json`)) {
    throw new TrainingError(`${runFolder} holds a run already; resume it, or choose another folder`)
  }
  if ((await exists(paths.weights)) && !(await findRunEvaluation(paths.evaluation))?.diverged) {
    throw new TrainingError(`${paths.weights} is there already; choose another folder`)
  }
}

/** The settings that the run was started with. @throws TrainingError when the data or a given setting differs. */
export async function resumedSettings(run: Given, crystals: Crystals): Promise<Settings> {
  const path = runPaths(run.runFolder).config
  const settings = await readRunConfig(path)
  if (settings.data.sha256 !== crystals.sha256()) {
    throw new TrainingError(`the data is not that of ${path} (its sha256 differs); resume with the same data`)
  }
  const [given, trained] = [run.targets, settings.targets].map((targets) =>
    targets.map((t) => t.name).join(', '),
  )
  if (given !== trained) {
    throw new TrainingError(`the targets are ${given}, the run in ${run.runFolder} learns ${trained}`)
  }
  for (const [t, { name, unit, transform = 'none' }] of settings.targets.entries()) {
    const given = run.targets[t]
    if (given.unit !== undefined && given.unit !== unit) {
      throw new TrainingError(`the unit of ${name} is ${given.unit}, the run in ${run.runFolder} has ${unit}`)
    }
    if (given.transform !== undefined && given.transform !== transform) {
      const [asked, learns] = [given.transform, transform].map((of) => (of === 'none' ? 'value' : of))
      throw new TrainingError(
        `the ${asked} of ${name} is asked for, the run in ${run.runFolder} learns its ${learns}`,
      )
    }
  }
  const stored = { ...settings.model, ...settings.training }
  const { num_targets: _, ...network } = run.config ?? {}
  refuseOthers({ ...network, ...run.options }, stored, `the run in ${run.runFolder} was started with`)
  return settings
}

/** @throws TrainingError for a setting that differs from what is there. */
function refuseOthers(given: object = {}, there: object, whose: string): void {
  for (const [key, value] of Object.entries(given)) {
    const [given, known] = [value, (there as Record<string, unknown>)[key]].map((x) => JSON.stringify(x))
    if (given === known) continue
    throw new TrainingError(`${key} is ${given}, ${whose} ${known}; leave it out, or start a new run`)
  }
}
