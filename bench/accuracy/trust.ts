// `npm run accuracy -- trust`: what verdict and interval are worth. A network on formation energies, and an ensemble with it,
// trained without some elements, some pairs of elements and some prototypes, are judged on the test split and on what was
// left out.

import { join } from 'node:path'

import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import { CHEMISTRIES, keysOf, leftOutKeys } from '../../src/data/chemistry.ts'
import { loadDataset } from '../../src/data/dataset.ts'
import type { LabelledCrystal, Split } from '../../src/data/labelled.ts'
import { coverageOf, SHOWN_LEVELS } from '../../src/math/coverage.ts'
import { mean } from '../../src/math/mean.ts'
import { preset } from '../../src/training/options.ts'
import { readEnsemble } from '../../src/training/read-ensemble.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import type { TrainingRun } from '../../src/training/training-run.ts'

export const TRUST = { name: 'trust', data: 'mp_megnet_subset.jsonl.gz', target: 'e_form', unit: 'eV/atom' }

/** Of the train split, by each kind of chemistry. */
const LEFT_OUT = 0.04
/** Seeds of the networks; the first one is also judged alone. */
const MEMBERS = [1, 2, 3]
const OPTIONS = { ...preset('mp').options, batch_size: 64, radius: 8, epochs: 30, swa_epochs: 10 }

/** What came out on some crystals. */
export interface TrustRow {
  /** networks whose mean is judged */
  readonly members: number
  readonly crystals: string
  readonly n: number
  /** of the score, for errors above their 90 % quantile */
  readonly auroc: number
  readonly outside: number
  /** null where there is none */
  readonly mae_inside: number | null
  readonly mae_outside: number | null
  /** by level: share of the true values in the interval, and the mean of half its width */
  readonly coverage: readonly (readonly [level: number, share: number, halfWidth: number])[]
}

/** Trains where that is not done yet, exports, and judges with the exported file. */
export async function measureTrust(
  dataFile: string,
  runFolder: string,
  options: Pick<TrainingRun, 'threads' | 'onEvent'>,
): Promise<TrustRow[]> {
  const all = await loadDataset(dataFile, { target: [TRUST.target] })
  const learned = all.filter(({ split }) => split === 'train')
  const keys = CHEMISTRIES.map((kind) => leftOutKeys(learned, kind, LEFT_OUT))
  const isLeftOut = (crystal: LabelledCrystal, n: number) =>
    keysOf(crystal, CHEMISTRIES[n]).some((key) => keys[n].has(key))
  const left = all.filter((crystal) => CHEMISTRIES.some((_, n) => isLeftOut(crystal, n)))
  const known = all.filter((crystal) => crystal.split === 'test' || !left.includes(crystal))
  const folders = MEMBERS.map((seed) => join(runFolder, `seed-${seed}`))
  for (const [n, folder] of folders.entries()) {
    await train({
      data: { name: 'mp_megnet_subset, chemistry left out', crystals: known },
      targets: [{ name: TRUST.target, unit: TRUST.unit }],
      config: { architecture: 'crystalformer' },
      options: { ...OPTIONS, seed: MEMBERS[n] },
      runFolder: folder,
      resume: true,
      ...options,
    })
  }
  const samples = (of: Split) =>
    known
      .filter(({ split }) => split === of)
      .map(({ structure, targets }) => ({ structure, values: [targets[TRUST.target]] }))
  const one = await exportCrystalModel(await readRun(folders[0]))
  const together = await exportCrystalModel({
    ...(await readEnsemble(folders)),
    domainData: { learned: samples('train'), heldOut: samples('val') },
  })
  const test = all.filter(({ split }) => split === 'test')
  const sets: [string, LabelledCrystal[]][] = [
    ['test split, of known chemistry', test.filter((crystal) => !left.includes(crystal))],
    ['test split, whole', test],
    ['left out', left],
    ...CHEMISTRIES.map((kind, n): [string, LabelledCrystal[]] => [
      `left out by ${kind}`,
      left.filter((crystal) => isLeftOut(crystal, n)),
    ]),
  ]
  return [
    ...(await judge(one.bytes, 1, all, sets)),
    ...(await judge(together.bytes, MEMBERS.length, all, sets)),
  ]
}

/** What a file says of the crystals of each set. */
async function judge(
  bytes: Uint8Array,
  members: number,
  all: readonly LabelledCrystal[],
  sets: readonly (readonly [name: string, crystals: readonly LabelledCrystal[]])[],
): Promise<TrustRow[]> {
  const model = await load(bytes)
  try {
    const judged = await Promise.all(
      SHOWN_LEVELS.map(async (level) => {
        const byId = new Map<string, Prediction>()
        for await (const outcome of model.predictMany(
          all.map(({ structure }) => structure),
          { level },
        )) {
          if (outcome.error) throw outcome.error
          byId.set(all[outcome.index].id, outcome)
        }
        return byId
      }),
    )
    return sets.map(([name, crystals]) => ({ members, ...rowOf(name, crystals, judged) }))
  } finally {
    await model.dispose()
  }
}

function rowOf(
  name: string,
  crystals: readonly LabelledCrystal[],
  judged: readonly ReadonlyMap<string, Prediction>[],
): Omit<TrustRow, 'members'> {
  const found = crystals.map(({ id, targets }) => {
    const actual = targets[TRUST.target]
    const at = judged.map((byId) => byId.get(id)!)
    return { actual, at, error: Math.abs(at[0].value - actual), ...at[0].domain! }
  })
  const errors = found.map(({ error }) => error)
  const large = [...errors].sort((a, b) => a - b)[Math.floor(0.9 * errors.length)]
  return {
    crystals: name,
    n: crystals.length,
    auroc: auroc(found.map(({ score, error }) => ({ score, isPositive: error > large }))),
    outside: mean(found.map(({ inside }) => (inside ? 0 : 1))),
    mae_inside: meanError(found.filter(({ inside }) => inside)),
    mae_outside: meanError(found.filter(({ inside }) => !inside)),
    coverage: SHOWN_LEVELS.map((level, l) => {
      const { coverage, half_width } = coverageOf(
        found.map(({ at, actual }) => ({
          actual,
          low: at[l].interval!.low[0],
          high: at[l].interval!.high[0],
        })),
      )
      return [level, coverage, half_width] as const
    }),
  }
}

function meanError(found: readonly { readonly error: number }[]): number | null {
  return found.length === 0 ? null : mean(found.map(({ error }) => error))
}

/** Chance that a positive one has the larger score, by ranks. */
function auroc(list: readonly { readonly score: number; readonly isPositive: boolean }[]): number {
  const sorted = [...list].sort((a, b) => a.score - b.score)
  const positives = sorted.filter(({ isPositive }) => isPositive).length
  const ranks = sorted.reduce((sum, { isPositive }, n) => sum + (isPositive ? n + 1 : 0), 0)
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (list.length - positives))
}
