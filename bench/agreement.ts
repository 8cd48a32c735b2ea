// The fused engine beside onnxruntime on many random crystals, triclinic, of any elements: how far
// apart are their values, as a share of the standard deviation of the target, which the card of the file has?

import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { mean } from '../src/math/mean.ts'
import { refuseOverlap } from '../src/periodic/closest.ts'
import { randomCrystal } from '../test/periodic/crystals.ts'
import { framedWeights } from './crystalframer.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'

/** Atoms of a cell at most. */
const ATOMS = 8
/** Crystals between two reports of progress. */
const REPORT = 1000
/** Differences are counted above each. */
export const STEPS = [1e-6, 1e-5, 1e-4] as const

export interface Agreement {
  readonly network: string
  readonly crystals: number
  /** standard deviation of the values; this and the following in standard deviations of the target */
  readonly spread: number
  /** differences */
  readonly largest: number
  readonly mean: number
  /** crystals above each of STEPS */
  readonly above: readonly number[]
  /** numbers of the crystals that differ most, the worst first */
  readonly worst: readonly number[]
}

export async function benchAgreement(
  count: number,
  onProgress: (message: string) => void,
): Promise<Agreement[]> {
  const plain = fullSizeWeights()
  const networks = { Crystalformer: plain.weights, CrystalFramer: framedWeights('crystalframer').weights }
  const results: Agreement[] = []
  for (const [network, weights] of Object.entries(networks)) {
    const { bytes } = await exportFullSize(weights)
    const open = (engine: 'fused' | 'onnxruntime') => load(bytes, { device: 'cpu', engine, threads: 1 })
    const [fused, graph] = await Promise.all([open('fused'), open('onnxruntime')])
    const values = await Promise.all([
      valuesOf(fused, count, () => {}),
      valuesOf(graph, count, (done) => onProgress(`${network}: ${done} of ${count} crystals`)),
    ])
    await Promise.all([fused.dispose(), graph.dispose()])
    const found = compare(...values, fused.card.targets[0].std)
    onProgress(
      `${network}: at most ${found.largest.toExponential(1)}, in the mean ${found.mean.toExponential(1)}`,
    )
    results.push({ network, crystals: count, ...found })
  }
  return results
}

/** Random crystals whose atoms are as far apart as those of a crystal can be. */
function* crystals(count: number): Generator<Structure> {
  for (let seed = 0; count > 0; seed++) {
    const crystal = randomCrystal(seed, 1 + (seed % ATOMS))
    try {
      refuseOverlap(crystal)
    } catch {
      continue
    }
    yield crystal
    count--
  }
}

async function valuesOf(model: Model, count: number, report: (done: number) => void): Promise<Float64Array> {
  const values = new Float64Array(count)
  for await (const outcome of model.predictMany(crystals(count))) {
    if (outcome.error) throw outcome.error
    values[outcome.index] = outcome.value
    if ((outcome.index + 1) % REPORT === 0) report(outcome.index + 1)
  }
  return values
}

function compare(a: Float64Array, b: Float64Array, std: number): Omit<Agreement, 'network' | 'crystals'> {
  const middle = mean(b)
  const differences = a.map((value, n) => Math.abs(value - b[n]) / std)
  const order = [...differences.keys()].sort((m, n) => differences[n] - differences[m])
  return {
    spread: Math.sqrt(mean(b.map((value) => (value - middle) ** 2))) / std,
    largest: differences[order[0]],
    mean: mean(differences),
    above: STEPS.map((step) => differences.filter((value) => value > step).length),
    worst: order.slice(0, 5),
  }
}
