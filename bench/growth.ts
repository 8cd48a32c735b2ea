// What an atom costs in cells of 30 to 20,000 of them, tables and run together, one thread: both networks, on every engine
// that takes the cell. All of them take turns, and every time stands beside that of 30 atoms in the same pass.

import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import { LimitError } from '../src/errors.ts'
import { median } from '../src/math/median.ts'
import { framedWeights } from './crystalframer.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'
import { type GrowingCell, growingCells } from './workload.ts'

/** Repeats of a cell of five atoms. */
const REPEATS: readonly (readonly [number, number, number])[] = [
  [3, 2, 1],
  [5, 2, 2],
  [5, 4, 3],
  [10, 5, 4],
  [10, 10, 6],
  [20, 10, 10],
  [20, 20, 10],
]
/** Atoms of a pass of small cells at least: one cell is over before the clock has seen it. */
const ATOMS = 1000

export interface Growth {
  readonly network: string
  readonly engine: string
  /** by atoms in the cell; the ratio to the smallest in the same pass, median over the passes. Undefined: too large. */
  readonly cells: readonly {
    readonly atoms: number
    readonly us_per_atom?: number
    readonly ratio?: number
  }[]
}

export async function benchGrowth(
  { passes, largest }: { passes: number; largest: number },
  onProgress: (message: string) => void,
): Promise<Growth[]> {
  const cells = growingCells(REPEATS).filter(({ atoms }) => atoms <= largest)
  const plain = fullSizeWeights()
  const networks = { Crystalformer: plain.weights, CrystalFramer: framedWeights('crystalframer').weights }
  const results: Growth[] = []
  for (const [network, weights] of Object.entries(networks)) {
    const { bytes } = await exportFullSize(weights)
    for (const engine of ['fused', 'onnxruntime'] as const) {
      const model = await load(bytes, { device: 'cpu', engine, threads: 1, worker: false })
      const seen = cells.map((): number[] => [])
      for (let pass = 0; pass < passes; pass++) {
        for (const [n, cell] of cells.entries()) {
          onProgress(`${network}, ${engine}, pass ${pass + 1} of ${passes}, ${cell.atoms} atoms`)
          const us = await timeAtom(model, cell)
          if (us !== undefined) seen[n].push(us)
        }
      }
      await model.dispose()
      const ratios = seen.map((times) => times.map((us, pass) => us / seen[0][pass]))
      results.push({
        network,
        engine: model.deviceReport,
        cells: cells.map(({ atoms }, n) =>
          seen[n].length === 0
            ? { atoms }
            : { atoms, us_per_atom: median(seen[n]), ratio: median(ratios[n]) },
        ),
      })
    }
  }
  return results
}

/** µs of processor time; undefined for a cell that the engine refuses as too large. */
async function timeAtom(model: Model, { atoms, crystal }: GrowingCell): Promise<number | undefined> {
  const times = Math.ceil(ATOMS / atoms)
  try {
    await model.predict(crystal)
    const before = process.cpuUsage()
    for (let k = 0; k < times; k++) await model.predict(crystal)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / (times * atoms)
  } catch (error) {
    if (error instanceof LimitError) return undefined
    throw error
  }
}
