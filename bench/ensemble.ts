// What the members of an ensemble cost together, beside one of them, on both engines: tables and what is made of the images
// are shared. Processor time of predictions one by one, one thread, in turns.

import { exportCrystalModel } from '../exporters/crystal/export.ts'
import { goldenStructures } from '../exporters/crystal/golden.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import { joinMembers } from '../models/join-members.ts'
import type { Weights } from '../models/safetensors.ts'
import type { Model } from '../runtimes/model.ts'
import { load } from '../runtimes/node/load.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { median } from '../src/math/median.ts'
import { fullSizeWeights, RADIUS } from './inference.ts'
import { mixes } from './workload.ts'

/** Of every mix. */
const CRYSTALS = 40

export interface EnsembleCost {
  readonly engine: string
  readonly mix: string
  readonly members: number
  /** of one network and of all, tables included */
  readonly one_us_per_atom: number
  readonly all_us_per_atom: number
  /** median over the passes of their ratio, over the number of members */
  readonly share: number
  /** of the files */
  readonly bytes: { readonly one: number; readonly all: number }
}

export async function benchEnsemble(
  { passes, members }: { passes: number; members: number },
  onProgress: (message: string) => void,
): Promise<EnsembleCost[]> {
  const { weights } = fullSizeWeights()
  const target = { name: 'output', unit: '1', mean: 0, std: 1 }
  const member = (n: number) => ({
    weights: scaled(weights, 1 + n / 1000),
    config: inferConfig(weights),
    targets: [target],
  })
  const shape = { geometry: { radius: RADIUS }, golden: goldenStructures().slice(1, 3) }
  onProgress(`exporting one network, and ${members} in one file`)
  const one = await exportCrystalModel({ ...member(0), ...shape })
  const all = await exportCrystalModel({
    ...joinMembers(Array.from({ length: members }, (_, n) => member(n))),
    ...shape,
  })
  const results: EnsembleCost[] = []
  for (const engine of ['fused', 'onnxruntime'] as const) {
    const open = (bytes: Uint8Array) => load(bytes, { device: 'cpu', engine, threads: 1, worker: false })
    const models = [await open(one.bytes), await open(all.bytes)]
    for (const { name, crystals } of mixes().mixes) {
      onProgress(`${engine}, ${name}`)
      const times = [[], []] as number[][]
      for (let pass = 0; pass <= passes; pass++) {
        for (const [n, model] of models.entries()) {
          const us = await timeAtom(model, crystals.slice(0, CRYSTALS))
          // The first pass warms up.
          if (pass > 0) times[n].push(us)
        }
      }
      results.push({
        engine: models[1].deviceReport,
        mix: name,
        members,
        one_us_per_atom: median(times[0]),
        all_us_per_atom: median(times[1]),
        share: median(times[1].map((us, pass) => us / times[0][pass])) / members,
        bytes: { one: one.bytes.length, all: all.bytes.length },
      })
    }
    for (const model of models) await model.dispose()
  }
  return results
}

/** Networks that differ in every number. */
function scaled(weights: Weights, factor: number): Weights {
  return new Map(
    [...weights].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map((w) => w * factor) }]),
  )
}

/** µs; crystals that are refused take none. */
async function timeAtom(model: Model, crystals: readonly Structure[]): Promise<number> {
  const before = process.cpuUsage()
  let atoms = 0
  for await (const { index, error } of model.predictMany(crystals)) {
    if (!error) atoms += crystals[index].frac.length
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / atoms
}
