// Several runs that differ in their settings: every combination of a grid, one after the other, each in a run folder of its
// own. Safe to repeat: what has ended stays, what was interrupted goes on.

import { createHash } from 'node:crypto'
import { configure } from '../../models/registry.ts'
import { TrainingError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { DivergedError } from './divergence.ts'
import { whileHolding } from './lock.ts'
import { isTrainingOption, trainingOptions } from './options.ts'
import { train } from './run.ts'
import { runPaths } from './run-folder.ts'
import { refuseOtherKinds } from './settings.ts'
import { exists } from './standing.ts'
import type { TrainingResult, TrainingRun } from './training-run.ts'
import { validationOf } from './validation.ts'

/** One combination of settings. */
export interface SweepPoint {
  /** `learning_rate=0.001,num_layers=2`: of its folder too */
  readonly name: string
  /** settings of the run and hyper-parameters of the network, by name */
  readonly settings: Readonly<Record<string, unknown>>
}

/** A run of a sweep that has come to its end, or why it did not. */
export interface SweepRun extends SweepPoint {
  /** where it is */
  readonly runFolder: string
  /** null where it diverged */
  readonly result: TrainingResult | null
  /** by which runs are compared, the smaller the better: the validation error in standard deviations, or else the last loss */
  readonly score: number
  /** null where it came to its end */
  readonly error: string | null
}

/** Combinations beyond which a grid was meant otherwise. */
const MOST_POINTS = 1000
/** Characters of a folder's name. */
const LONGEST_NAME = 120

/** Every combination of the values of a grid `{ name: [value, …], … }`, the last name changing first. @throws TrainingError */
export function sweepPoints(grid: Readonly<Record<string, unknown>>): SweepPoint[] {
  let combinations: Record<string, unknown>[] = [{}]
  for (const [name, values] of Object.entries(grid)) {
    if (!Array.isArray(values) || values.length === 0) {
      throw new TrainingError(
        `grid of a sweep: ${name} is ${JSON.stringify(values)}, expected a list of values, such as [0.001, 0.0005]`,
      )
    }
    combinations = combinations.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value })))
    if (combinations.length > MOST_POINTS) {
      throw new TrainingError(`grid of a sweep: more than ${MOST_POINTS} combinations; expected fewer values`)
    }
  }
  const points = combinations.map((settings) => ({ name: nameOf(settings), settings }))
  const twice = points.find(({ name }, n) => points.findIndex((other) => other.name === name) !== n)
  if (twice) throw new TrainingError(`grid of a sweep: ${twice.name} is there twice`)
  if (Object.keys(grid).length > 0) return points
  throw new TrainingError(
    'grid of a sweep: no setting is varied; expected {"learning_rate": [0.001, 0.0005]}',
  )
}

/** A point as a folder may be called, on any system. */
function nameOf(settings: Readonly<Record<string, unknown>>): string {
  const text = (value: unknown): string =>
    Array.isArray(value)
      ? value.map(text).join('-')
      : typeof value === 'string'
        ? value
        : JSON.stringify(value)
  const name = Object.entries(settings)
    .map(([key, value]) => `${key}=${text(value)}`)
    .join(',')
    .replace(/[^\w=,.+-]/g, '_')
  if (name.length <= LONGEST_NAME) return name
  const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16)
  return `${name.slice(0, LONGEST_NAME - digest.length - 1)}-${digest}`
}

/** Network and options with the settings of a point. The number of targets is not among them: it follows from those. */
export function settingsAt(
  { config = {}, options }: Pick<TrainingRun, 'config' | 'options'>,
  { settings }: SweepPoint,
): Required<Pick<TrainingRun, 'config' | 'options'>> {
  const { num_targets: _, ...network } = config
  const entries = Object.entries(settings)
  return {
    config: { ...network, ...Object.fromEntries(entries.filter(([key]) => !isTrainingOption(key))) },
    options: { ...options, ...Object.fromEntries(entries.filter(([key]) => isTrainingOption(key))) },
  }
}

/**
 * Trains every point, and writes `sweep.json`. A run that diverges is a row of the result; anything else that goes wrong ends
 * the sweep.
 * @param onRun told of every run when it begins, and when it ends with what came out
 * @throws TrainingError as `train`, and ConfigError before the first run for a setting that no network has
 */
export function trainSweep(
  run: TrainingRun,
  points: readonly SweepPoint[],
  onRun: (point: SweepPoint, ended?: SweepRun) => Promise<void> = async () => {},
): Promise<SweepRun[]> {
  return whileHolding(run, async (onEvent) => {
    await refuseOtherKinds(run.runFolder, 'sweep')
    const { sweep } = runPaths(run.runFolder)
    if (!run.resume && (await exists(sweep))) {
      throw new TrainingError(
        `${run.runFolder} holds a sweep already; resume it, also with more values in its grid, or choose another folder`,
      )
    }
    const runs = points.map((point) => ({
      ...{ ...run, onEvent, ...settingsAt(run, point) },
      runFolder: `${run.runFolder}/${point.name}`,
    }))
    for (const { config, options } of runs) {
      configure(config)
      trainingOptions(options)
    }
    const ended: SweepRun[] = []
    for (const [n, point] of points.entries()) {
      await onRun(point)
      const one = await trainPoint(point, runs[n])
      ended.push(one)
      await writeWhole(sweep, `${JSON.stringify(ended.map(shortened), null, 2)}\n`)
      await onRun(point, one)
    }
    return ended
  })
}

async function trainPoint(point: SweepPoint, run: TrainingRun): Promise<SweepRun> {
  const { runFolder } = run
  try {
    const result = await train(run)
    const { val, history } = result
    const score = val ? validationOf(val.targets).error : history.at(-1)!.loss
    return { ...point, runFolder, result, score, error: null }
  } catch (error) {
    if (!(error instanceof TrainingError && error.cause instanceof DivergedError)) throw error
    return { ...point, runFolder, result: null, score: Number.POSITIVE_INFINITY, error: error.message }
  }
}

/** Runs of a sweep, the best first. */
export function ranked(runs: readonly SweepRun[]): SweepRun[] {
  return runs.toSorted((a, b) => a.score - b.score)
}

/** As a line of `sweep.json` and of --json: without crystals and weights. */
export function shortened({ name, settings, runFolder, result, error }: SweepRun) {
  const { val = null, test = null } = result ?? {}
  return {
    ...{ run: runFolder, point: name, settings },
    weights: result?.chosen.which ?? null,
    epochs: result?.epochs ?? null,
    val: val && { n: val.n, targets: val.targets },
    test: test && { n: test.n, targets: test.targets },
    error,
  }
}
