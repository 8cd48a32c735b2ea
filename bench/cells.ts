// Large cells on onnxruntime, one thread: the whole graph at once, where there is memory for it, and in stages, part by
// part. Both take turns in one process; processor time of packing and runs, without neighbour tables.

import type { ModelConfig } from '../models/attention/config.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import type { Weights } from '../models/safetensors.ts'
import { stagesOf } from '../runtimes/in-stages.ts'
import { readModelFile } from '../runtimes/model-file.ts'
import { openSession } from '../runtimes/node/session.ts'
import { OUTPUT } from '../runtimes/runtime.ts'
import { feedsOf } from '../runtimes/session.ts'
import { median } from '../src/math/median.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { prepareCrystal, type TableCrystal } from '../src/periodic/prepare.ts'
import { framedWeights } from './crystalframer.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'
import { growingCells } from './workload.ts'

const CPU = { device: 'cpu', threads: 1 } as const
/** Cells of 100, 1000, 3000 and 10,000 atoms. */
const REPEATS = [
  [5, 2, 2],
  [10, 5, 4],
  [10, 10, 6],
  [20, 10, 10],
] as const
/** Atoms of a part. */
const PART = 32
/** A larger cell is not run whole: the scores of all pairs of 10,000 atoms are 3 GB, several times. */
const LARGEST_WHOLE = 4096

export interface CellResult {
  readonly network: string
  readonly atoms: number
  readonly whole_us_per_atom: number | undefined
  readonly parts_us_per_atom: number
  /** parts beside the smallest cell at once, the median over the passes */
  readonly growth: number
  /** of the two predictions, which are about 1 */
  readonly difference: number | undefined
}

export async function benchCells(
  passes: number,
  onProgress: (message: string) => void,
): Promise<CellResult[]> {
  const plain = fullSizeWeights()
  const networks = {
    crystalformer: { ...plain, config: inferConfig(plain.weights) },
    crystalframer: framedWeights('crystalframer'),
  }
  const results: CellResult[] = []
  for (const [network, { weights, config }] of Object.entries(networks)) {
    onProgress(`exporting ${network}`)
    results.push(...(await timesOf(network, weights, config, passes, onProgress)))
  }
  return results
}

async function timesOf(
  network: string,
  weights: Weights,
  config: ModelConfig,
  passes: number,
  onProgress: (message: string) => void,
): Promise<CellResult[]> {
  const { bytes } = await exportFullSize(weights, config)
  const model = { ...readModelFile(bytes), bytes }
  const { geometry, elements } = model.card
  const cells = growingCells(REPEATS).map(
    ({ crystal }) => prepareCrystal(crystal, geometry, elements) as TableCrystal,
  )
  const session = await openSession(bytes, CPU)
  const stages = stagesOf(model, (graph) => openSession(graph, CPU), PART)!
  const whole = (cell: TableCrystal) => session.run(feedsOf(packBatch([cell]), model.inputs), [OUTPUT])
  const seen = cells.map(() => ({ whole: [] as number[], parts: [] as number[], values: [] as number[] }))
  for (let pass = 0; pass < passes; pass++) {
    for (const [n, cell] of cells.entries()) {
      onProgress(`${network}, ${cell.atoms} atoms, pass ${pass + 1} of ${passes}`)
      const times = seen[n]
      const ways = cell.atoms > LARGEST_WHOLE ? (['parts'] as const) : (['parts', 'whole'] as const)
      for (const way of ways) {
        const begin = process.cpuUsage()
        const given = await (way === 'whole' ? whole(cell) : stages.run(cell, [OUTPUT]))
        const { user, system } = process.cpuUsage(begin)
        times[way].push((user + system) / cell.atoms)
        times.values.push(given[OUTPUT].data[0])
      }
    }
  }
  await session.release()
  await stages.release()
  const [{ whole: smallest }] = seen
  return cells.map(({ atoms }, n) => {
    const { whole, parts, values } = seen[n]
    const isWhole = whole.length > 0
    return {
      ...{ network, atoms },
      whole_us_per_atom: isWhole ? median(whole) : undefined,
      parts_us_per_atom: median(parts),
      growth: median(parts.map((us, pass) => us / smallest[pass])),
      difference: isWhole ? Math.abs(values[1] - values[0]) : undefined,
    }
  })
}
