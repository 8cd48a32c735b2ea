// From runs to the file that the package comes with: exported in fewer bits with what it was made of, and judged by
// what the file itself predicts on the test split.

import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import type { Provenance } from '../../runtimes/card-provenance.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { LabelledCrystal, Split } from '../../src/data/labelled.ts'
import type { Packing } from '../../src/math/fewer-bits.ts'
import { mean } from '../../src/math/mean.ts'
import { readEnsemble } from '../../src/training/read-ensemble.ts'
import { readRun } from '../../src/training/read-run.ts'
import { STAGES, type Stage, type StageName } from './recipe.ts'
import { stageFolder } from './train.ts'

/** Of the interval that predictions are shown with. */
const LEVEL = 0.9

/** What a file is worth on crystals that nobody has learned from. */
export interface Figures {
  readonly crystals: number
  /** of the first target, in its unit */
  readonly mae: number
  readonly bias: number
  readonly outside: number
  /** null where there is none */
  readonly mae_inside: number | null
  readonly mae_outside: number | null
  /** share of the true values in the interval of 90 %, and the mean of half its width */
  readonly coverage: number
  readonly half_width: number
  /** share told rightly, where the second target says which of two kinds a crystal is */
  readonly told?: number
}

/**
 * The finished file of a stage.
 * @param precision of its weights
 * @param crystals of all splits: those held out are predictions that the rounding may not move, and an ensemble's domain is of
 * what it was shown together
 */
export async function modelFile(
  folder: string,
  stage: StageName,
  precision: Packing,
  provenance: Provenance | undefined,
  crystals: readonly LabelledCrystal[],
): Promise<Uint8Array> {
  const { members }: Stage = STAGES[stage]
  const run = stageFolder({ folder }, stage)
  const of = (split: Split) => crystals.filter((crystal) => crystal.split === split)
  const options = { provenance, precision, gate: of('val').map(({ structure }) => structure) }
  // One network shows what its atoms attend to on the page.
  if (members === undefined) {
    return (await exportCrystalModel({ ...(await readRun(run)), ...options, outputs: ['attention'] })).bytes
  }
  const source = await readEnsemble([run])
  const samples = (split: Split) =>
    of(split).map(({ structure, targets }) => ({
      structure,
      values: source.targets.map(({ name }) => targets[name] ?? null),
    }))
  const domainData = { learned: samples('train'), heldOut: samples('val') }
  return (await exportCrystalModel({ ...source, ...options, domainData })).bytes
}

/** Judges a file by the crystals of a split. */
export async function figuresOf(
  bytes: Uint8Array,
  crystals: readonly LabelledCrystal[],
): Promise<{ readonly figures: Figures; readonly predictions: readonly Prediction[] }> {
  const { predictions, names } = await predicted(bytes, crystals)
  const [target, kind] = names
  const error = (n: number) => predictions[n].value - crystals[n].targets[target]
  const all = crystals.map((_, n) => n)
  const absolute = (of: readonly number[]) =>
    of.length === 0 ? null : mean(of.map((n) => Math.abs(error(n))))
  const inside = all.filter((n) => predictions[n].domain?.inside)
  const outside = all.filter((n) => !predictions[n].domain?.inside)
  const halfWidth = (n: number) => {
    const { low, high } = predictions[n].interval!
    return (high[0] - low[0]) / 2
  }
  const told = all.filter((n) => predictions[n].values[1] > 0.5 === crystals[n].targets[kind] > 0.5)
  const figures = {
    crystals: crystals.length,
    mae: absolute(all)!,
    bias: mean(all.map(error)),
    outside: outside.length / crystals.length,
    ...{ mae_inside: absolute(inside), mae_outside: absolute(outside) },
    coverage: all.filter((n) => Math.abs(error(n)) <= halfWidth(n)).length / crystals.length,
    half_width: mean(all.map(halfWidth)),
    ...(kind !== undefined && { told: told.length / crystals.length }),
  }
  return { figures, predictions }
}

async function predicted(bytes: Uint8Array, crystals: readonly LabelledCrystal[]) {
  const model = await load(bytes)
  try {
    const predictions: Prediction[] = []
    const structures = crystals.map(({ structure }) => structure)
    for await (const outcome of model.predictMany(structures, { level: LEVEL })) {
      if (outcome.error) throw outcome.error
      predictions[outcome.index] = outcome
    }
    return { predictions, names: model.card.targets.map(({ name }) => name) }
  } finally {
    await model.dispose()
  }
}
