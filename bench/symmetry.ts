// What symmetry saves: predictions of real crystals with one atom of each orbit, beside the same with all atoms, neighbour
// tables included. The mixes of the other benchmarks have no symmetry.

import type { ModelConfig } from '../models/attention/config.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import type { Weights } from '../models/safetensors.ts'
import type { Card } from '../runtimes/card.ts'
import { readModelFile } from '../runtimes/model-file.ts'
import { openNode } from '../runtimes/node/open.ts'
import { predictMany } from '../runtimes/predict.ts'
import type { Runtime } from '../runtimes/runtime.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { readDataset } from '../src/data/dataset.ts'
import { goldenStructures } from '../test/golden/goldens.ts'
import { shared } from '../test/shared.ts'
import { framedWeights } from './crystalframer.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'

const DATA = ['data/mp_megnet_subset.jsonl.gz', 'data/jarvis_exfoliation.jsonl.gz']
/** One crystal of so many, so that the sample is not the beginning of a sorted file. */
const EVERY = 5
const CRYSTALS = 300
const HERE = { engine: 'onnxruntime', device: 'cpu', threads: 1, worker: false } as const

export interface SymmetryResult {
  readonly network: string
  readonly data: string
  readonly crystals: number
  readonly atoms: number
  /** µs of processor time an atom of the cells */
  readonly all_us_per_atom: number
  readonly unique_us_per_atom: number
  /** largest change of an output, whose standard deviation is about 1 */
  readonly largest_change: number
}

export async function benchSymmetry(
  passes: number,
  onProgress: (message: string) => void,
): Promise<SymmetryResult[]> {
  const plain = fullSizeWeights()
  const networks: [string, { weights: Weights; config: ModelConfig }][] = [
    ['Crystalformer', { ...plain, config: inferConfig(plain.weights) }],
    ['CrystalFramer', framedWeights('crystalframer')],
  ]
  const sets = await crystalsOf()
  const results: SymmetryResult[] = []
  for (const [network, { weights, config }] of networks) {
    onProgress(`exporting ${network}`)
    const { bytes } = await exportFullSize(weights, config)
    const { card, inputs, outputs } = readModelFile(bytes, 'bench.onnx')
    const { symmetry: _, ...geometry } = card.geometry
    const open = (card: Card) => openNode({ bytes, card, inputs, outputs }, HERE)
    const runtimes = { all: await open({ ...card, geometry }), unique: await open(card) }
    for (const [data, crystals] of sets) {
      onProgress(`${network}, ${data}`)
      const atoms = crystals.reduce((sum, { frac }) => sum + frac.length, 0)
      const predict = async (runtime: Runtime) => {
        const values: number[] = []
        const start = process.cpuUsage()
        for await (const { index, value } of predictMany(card, runtime, crystals)) values[index] = value!
        const { user, system } = process.cpuUsage(start)
        return { values, us: (user + system) / atoms }
      }
      const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
      let change = 0
      for (let pass = 0; pass < passes; pass++) {
        const [all, unique] = [await predict(runtimes.all), await predict(runtimes.unique)]
        least[0] = Math.min(least[0], all.us)
        least[1] = Math.min(least[1], unique.us)
        change = Math.max(...all.values.map((value, n) => Math.abs(value - unique.values[n])))
      }
      results.push({
        network,
        data,
        crystals: crystals.length,
        atoms,
        all_us_per_atom: least[0],
        unique_us_per_atom: least[1],
        largest_change: change,
      })
    }
    await runtimes.all.dispose()
    await runtimes.unique.dispose()
  }
  return results
}

/** Real crystals where the reference material is here, else those of the golden vectors. */
async function crystalsOf(): Promise<[string, Structure[]][]> {
  const sets: [string, Structure[]][] = []
  for (const name of DATA) {
    const path = shared(name)
    if (path === undefined) continue
    const crystals: Structure[] = []
    let read = 0
    for await (const { structure } of readDataset(path)) {
      if (read++ % EVERY === 0) crystals.push(structure)
      if (crystals.length === CRYSTALS) break
    }
    sets.push([name.replace(/^data\/|\.jsonl\.gz$/g, ''), crystals])
  }
  if (sets.length > 0) return sets
  return [['golden structures', [...goldenStructures().values()]]]
}
