// `npm run accuracy -- taught`: what a teacher is worth. The models that come with the package, which one has taught, beside
// the same network that has seen the crystals of the data alone, over several seeds. All are judged as exported files, by
// onnxruntime, on the test split.

import { join } from 'node:path'
import type { PretrainedName } from '../../models/pretrained/addresses.ts'
import { loadDataset } from '../../src/data/dataset.ts'
import { mean } from '../../src/math/mean.ts'
import type { OnEvent } from '../../src/training/events.ts'
import { DATA, STAGES } from '../pretrained/recipe.ts'
import { measure, predictAll } from './run.ts'

export const TAUGHT = { name: 'taught', data: DATA.file } as const

const SHIPPED = [
  ['formation-energy', DATA.energy],
  ['formation-energy-small', DATA.energy],
  ['band-gap', DATA.gap],
] as const satisfies [PretrainedName, { name: string; unit: string }][]

export interface TaughtRow {
  readonly network: string
  readonly teacher: boolean
  readonly target: string
  readonly unit: string
  /** mean absolute errors on the test split, one a seed */
  readonly test: readonly number[]
}

/** @param onRows told of the rows so far after every network */
export async function measureTaught(
  dataFile: string,
  folder: string,
  seeds: number,
  options: { readonly threads: number; readonly onEvent: OnEvent },
  onRows: (rows: readonly TaughtRow[]) => Promise<void>,
): Promise<void> {
  const rows: TaughtRow[] = []
  for (const [network, { name: target, unit }] of SHIPPED) {
    rows.push({ network, teacher: true, target, unit, test: [await errorOf(network, dataFile, target)] })
    await onRows(rows)
  }
  const { config, options: settings } = STAGES.untaught
  const { name: target, unit } = DATA.energy
  const test: number[] = []
  rows.push({ network: 'crystalformer', teacher: false, target, unit, test })
  for (let seed = 1; seed <= seeds; seed++) {
    const task = { name: `untaught-${seed}`, data: dataFile, target, unit, config, members: 1, goal: null }
    const run = { ...task, options: { ...settings, seed } }
    test.push((await measure(run, dataFile, join(folder, task.name), options)).onnx.test_mae)
    await onRows(rows)
  }
}

/** Mean absolute error of a model of the package on the test split. */
async function errorOf(name: PretrainedName, dataFile: string, target: string): Promise<number> {
  const crystals = await loadDataset(dataFile, { target, split: 'test' })
  const { values } = await predictAll(name, crystals)
  return mean(crystals.map(({ targets }, c) => Math.abs(values[c] - targets[target])))
}
