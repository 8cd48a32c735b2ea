// The engines side by side on one thread: onnxruntime in Node, the fused engine in native code for every kind of processor
// that this one can be, and in WebAssembly. All of them, and all networks, take turns, run by run, in one process; processor time.

import type { CrystalframerConfig, ModelConfig } from '../models/attention/config.ts'
import { describeAttention } from '../models/attention/fused.ts'
import type { Weights } from '../models/safetensors.ts'
import { decidedRuns } from '../runtimes/fused/decided.ts'
import type { Machine } from '../runtimes/fused/machine.ts'
import { fusedNetwork } from '../runtimes/fused/network.ts'
import { wasmMachine } from '../runtimes/fused/wasm.ts'
import { readModelFile } from '../runtimes/model-file.ts'
import { loadAddon } from '../runtimes/node/addon.ts'
import { nativeMachine } from '../runtimes/node/native.ts'
import { openSession } from '../runtimes/node/session.ts'
import { OUTPUT } from '../runtimes/runtime.ts'
import { feedsOf } from '../runtimes/session.ts'
import { storedWeights } from '../runtimes/stored-weights.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { median } from '../src/math/median.ts'
import { random } from '../src/math/random/xoshiro.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike, groupByAtoms } from '../src/periodic/group.ts'
import { prepareCrystal } from '../src/periodic/prepare.ts'
import { asDensity } from '../test/models/as-density.ts'
import { framedWeights } from './crystalframer.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'
import { growingCells, mixes } from './workload.ts'

const BASELINE = 'onnxruntime'
/** Of source/variants.h: this processor may have several. */
const VARIANTS = ['avx512', 'avx2', 'sse2', 'neon']
/** Atoms of a run of the fused engine. */
const RUN_ATOMS = 100

export interface EngineTimes {
  readonly network: string
  /** crystals that were run */
  readonly on: string
  readonly engine: string
  /** median over the passes, µs an atom, of tables in the engine's own form and of the run */
  readonly us_per_atom: number
  readonly tables_us_per_atom: number
  /** median over the passes of the ratio to onnxruntime in the same pass, of the run */
  readonly ratio: number
  /** least and largest of these ratios */
  readonly spread: readonly [number, number]
  /** median over the passes of the ratio to the same engine with the first network in the same pass, of the run */
  readonly to_first_network: number
  /** largest difference from onnxruntime, in units of the largest value */
  readonly difference: number
}

interface Engine {
  readonly network: string
  readonly name: string
  /** µs of the run and of what comes before it, and the values */
  run(crystals: readonly Structure[]): Promise<{ run: number; tables: number; values: number[] }>
}

export async function benchEngines(
  passes: number,
  onProgress: (message: string) => void,
): Promise<{ workload: string; times: EngineTimes[] }> {
  const { source, mixes: all } = mixes()
  const workloads = [
    ...all.map(({ name, crystals }) => ({ name, crystals: crystals.slice(0, 100) })),
    ...growingCells().map(({ atoms, crystal }) => ({ name: `cell of ${atoms}`, crystals: [crystal] })),
  ]
  const framed = framedWeights('crystalframer')
  const networks = {
    crystalformer: fullSizeWeights(),
    crystalframer: framed,
    'crystalframer, densities': asDensity(framed.config as CrystalframerConfig, framed.weights),
  }
  const engines: Engine[] = []
  for (const [network, { weights, ...given }] of Object.entries(networks)) {
    onProgress(`exporting ${network}`)
    engines.push(...(await enginesOf(network, weights, 'config' in given ? given.config : undefined)))
  }
  const times: EngineTimes[] = []
  for (const { name, crystals } of workloads) {
    onProgress(name)
    times.push(...(await takeTurns(name, engines, crystals, passes)))
  }
  return { workload: source, times }
}

async function takeTurns(
  on: string,
  engines: readonly Engine[],
  crystals: readonly Structure[],
  passes: number,
): Promise<EngineTimes[]> {
  const atoms = crystals.reduce((sum, { frac }) => sum + frac.length, 0)
  const seen = engines.map(() => ({ run: [] as number[], tables: [] as number[], values: [] as number[] }))
  const draws = random(1)
  for (let pass = 0; pass <= passes; pass++) {
    // In another order each time: who comes after onnxruntime finds the caches full of its tensors.
    for (const [n, engine] of draws.shuffle([...engines.entries()])) {
      const { run, tables, values } = await engine.run(crystals)
      // The first pass warms up.
      if (pass === 0) seen[n].values = values
      else {
        seen[n].run.push(run / atoms)
        seen[n].tables.push(tables / atoms)
      }
    }
  }
  const seenOf = (network: string, name: string) =>
    seen[engines.findIndex((own) => own.network === network && own.name === name)]
  return engines.map(({ network, name }, n) => {
    const { run, tables, values } = seen[n]
    const { run: baseline, values: expected } = seenOf(network, BASELINE)
    const { run: first } = seenOf(engines[0].network, name)
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const ratios = run.map((us, pass) => us / baseline[pass])
    return {
      ...{ network, on, engine: name },
      us_per_atom: median(run),
      tables_us_per_atom: median(tables),
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      to_first_network: median(run.map((us, pass) => us / first[pass])),
      difference:
        values.reduce((most, value, c) => Math.max(most, Math.abs(value - expected[c])), 0) / largest,
    }
  })
}

/** The baseline first. */
async function enginesOf(
  network: string,
  weights: Weights,
  config: ModelConfig | undefined,
): Promise<Engine[]> {
  const { bytes } = await exportFullSize(weights, config)
  const { card, inputs } = readModelFile(bytes)
  const description = describeAttention(card.config, card.geometry, storedWeights(bytes))
  if (typeof description === 'string') throw new Error(description)
  const session = await openSession(bytes, { device: 'cpu', threads: 1 })
  const engines: Engine[] = [
    {
      network,
      name: BASELINE,
      run: (crystals) =>
        inRuns(crystals, {
          prepare: (crystal) =>
            prepareCrystal(crystal, card.geometry, card.elements, { oneOfEachOrbit: true }),
          group: (prepared) => groupAlike(prepared, card.max_atoms),
          async run(prepared, began) {
            const batch = feedsOf(packBatch(prepared), inputs)
            began()
            return (await session.run(batch))[OUTPUT].data
          },
        }),
    },
  ]
  const add = (name: string, machine: Machine) => {
    const fused = fusedNetwork(machine, [description], card.elements, 1)
    const run = decidedRuns(fused, machine, [description], card.elements, 1)
    engines.push({
      network,
      name,
      run: (crystals) =>
        inRuns(crystals, {
          prepare: (crystal) => fused.prepare(crystal, true),
          group: (prepared) =>
            groupByAtoms(
              prepared.map(({ atoms }) => atoms),
              RUN_ATOMS,
            ),
          async run(prepared, began) {
            return (await run(prepared, false, { began }))[0].prediction
          },
        }),
    })
  }
  const addon = loadAddon()
  if (typeof addon !== 'string') {
    for (const variant of VARIANTS) {
      if (addon.use_variant(variant)) add(`native, ${variant}`, nativeMachine(addon, 1, variant))
    }
  }
  const machine = await wasmMachine()
  add(machine.name, machine)
  return engines
}

interface Steps<Prepared> {
  prepare(crystal: Structure): Prepared
  group(prepared: readonly Prepared[]): readonly (readonly number[])[]
  /** @param began to be called when the run itself begins */
  run(prepared: readonly Prepared[], began: () => void): Promise<Float32Array>
}

async function inRuns<Prepared>(
  crystals: readonly Structure[],
  steps: Steps<Prepared>,
): Promise<{ run: number; tables: number; values: number[] }> {
  const begin = processor()
  const prepared = crystals.map((crystal) => steps.prepare(crystal))
  const groups = steps.group(prepared)
  let tables = processor() - begin
  let run = 0
  const values: number[] = []
  for (const group of groups) {
    const packing = processor()
    let start = packing
    const found = await steps.run(
      group.map((n) => prepared[n]),
      () => {
        start = processor()
      },
    )
    tables += start - packing
    run += processor() - start
    for (const [c, n] of group.entries()) values[n] = found[c]
  }
  return { run, tables, values }
}

/** µs of processor time so far. */
function processor(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
