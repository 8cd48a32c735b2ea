// Other networks that people predict energies of crystals with, beside ours: processor time of the same crystals on one
// thread, graphs and tables included, in turns. The others are Python packages, in a process that is asked (peers.py).

import { fileURLToPath } from 'node:url'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { inferConfig } from '../../models/attention/parameters.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { median } from '../../src/math/median.ts'
import { fullSizeWeights, RADIUS } from '../inference.ts'
import { mixes } from '../workload.ts'
import { startPeers } from './start.ts'

/** Of every mix. */
const CRYSTALS = 64
const BATCHES = [1, 32]

export interface PeerTime {
  readonly peer: string
  readonly package: string
  readonly mix: string
  /** crystals at a time */
  readonly batch: number
  readonly ms_per_crystal: number
  /** medians over the passes of how many times as long as ours it takes */
  readonly times_onnxruntime: number
  readonly times_fused: number
}

export interface PeerTimes {
  readonly rows: readonly PeerTime[]
  /** peers that could not be started, and why */
  readonly absent: Readonly<Record<string, string>>
}

interface Present {
  readonly here: readonly { readonly name: string; readonly package: string; readonly batches: boolean }[]
  readonly absent: Readonly<Record<string, string>>
}

/** @param python with the packages of the peers */
export async function benchPeers(
  { passes, python }: { readonly passes: number; readonly python: string },
  onProgress: (message: string) => void,
): Promise<PeerTimes> {
  const { weights } = fullSizeWeights()
  const { bytes } = await exportCrystalModel({
    ...{ weights, config: inferConfig(weights), geometry: { radius: RADIUS } },
    targets: [{ name: 'output', unit: '1', mean: 0, std: 1 }],
  })
  const engines = ['onnxruntime', 'fused'] as const
  const [onnxruntime, fused] = await Promise.all(
    engines.map((engine) => load(bytes, { device: 'cpu', engine, threads: 1, worker: false })),
  )
  const chosen = await Promise.all(
    mixes().mixes.map(async ({ name, crystals }) => ({
      name,
      crystals: await accepted(fused, crystals.slice(0, CRYSTALS)),
    })),
  )
  const script = fileURLToPath(new URL('peers.py', import.meta.url))
  const ask = startPeers(python, script, 'PyTorch, pymatgen and a peer')
  const given = Object.fromEntries(chosen.map(({ name, crystals }) => [name, crystals.map(plain)]))
  const { here, absent } = await ask<Present>({ mixes: given })
  const rows: PeerTime[] = []
  for (const { name: mix, crystals } of chosen) {
    for (const { name: peer, package: from, batches } of here) {
      for (const batch of batches ? BATCHES : [1]) {
        onProgress(`${peer}, ${mix}, ${batch} at a time`)
        const times: { peer: number; onnxruntime: number; fused: number }[] = []
        for (let pass = 0; pass <= passes; pass++) {
          const time = {
            peer: (await ask<{ seconds: number }>({ peer, crystals: mix, batch })).seconds,
            onnxruntime: await seconds(onnxruntime, crystals, batch),
            fused: await seconds(fused, crystals, batch),
          }
          // The first pass warms up.
          if (pass > 0) times.push(time)
        }
        rows.push({
          ...{ peer, package: from, mix, batch },
          ms_per_crystal: (1000 * median(times.map((time) => time.peer))) / crystals.length,
          times_onnxruntime: median(times.map((time) => time.peer / time.onnxruntime)),
          times_fused: median(times.map((time) => time.peer / time.fused)),
        })
      }
    }
  }
  ask.end()
  await Promise.all([onnxruntime, fused].map((model) => model.dispose()))
  return { rows, absent }
}

/** Those that are no crystals are refused. */
async function accepted(model: Model, crystals: readonly Structure[]): Promise<Structure[]> {
  const found: Structure[] = []
  for await (const { index, error } of model.predictMany(crystals)) if (!error) found.push(crystals[index])
  return found
}

/** Of this process, for the predictions of all crystals. */
async function seconds(model: Model, crystals: readonly Structure[], batch: number): Promise<number> {
  const before = process.cpuUsage()
  if (batch === 1) for (const crystal of crystals) await model.predict(crystal)
  else for await (const { error } of model.predictMany(crystals)) if (error) throw error
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function plain({ lattice, frac, species }: Structure): object {
  return { lattice, frac, numbers: species.map(([{ element }]) => element) }
}
