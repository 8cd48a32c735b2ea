// Real crystals written down differently: turned, reordered, in another cell, in a doubled one, and all of it at once.
// Predictions should be the same; the largest change of every network stands beside 1e-5 of the spread of its predictions,
// and beside the largest difference between float32 and float64.

import { type CrystalframerConfig, type ModelConfig, modelConfig } from '../models/attention/config.ts'
import { describeAttention } from '../models/attention/fused.ts'
import { geometryOf } from '../models/attention/geometry.ts'
import { inferConfig } from '../models/attention/parameters.ts'
import { ELEMENT_TABLE } from '../models/elements.ts'
import type { Weights } from '../models/safetensors.ts'
import { decidedRuns, type Run } from '../runtimes/fused/decided.ts'
import { type FusedNetwork, fusedNetwork } from '../runtimes/fused/network.ts'
import { wasmMachine } from '../runtimes/fused/wasm.ts'
import { loadAddon } from '../runtimes/node/addon.ts'
import { nativeMachine } from '../runtimes/node/native.ts'
import { type Structure, structure } from '../src/crystal/structure.ts'
import { supercell } from '../src/crystal/supercell.ts'
import { readDataset } from '../src/data/dataset.ts'
import { momentsOf } from '../src/math/moments.ts'
import { random } from '../src/math/random/xoshiro.ts'
import { dot, type Mat3 } from '../src/math/vectors.ts'
import { groupByAtoms } from '../src/periodic/group.ts'
import { asDensity } from '../test/models/as-density.ts'
import { needs, shared } from '../test/shared.ts'
import { framedWeights } from './crystalframer.ts'
import { fullSizeWeights } from './inference.ts'

export const REWRITING_DATA = ['data/mp_megnet_subset.jsonl.gz', 'data/jarvis_exfoliation.jsonl.gz']
/** Of the spread of predictions. */
const ALLOWED = 1e-5
const RUN_ATOMS = 100
/** Crystals that are named, of each network. */
const WORST = 20

export interface RewritingResult {
  readonly network: string
  readonly crystals: number
  /** standard deviation of the predictions */
  readonly spread: number
  /** largest change by kind, in units of the spread */
  readonly largest: Readonly<Record<string, number>>
  /** largest difference from float64, in the same units, of networks that choose frames */
  readonly from_float64?: number
  /** crystals that change by more than 1e-5 of the spread in any way */
  readonly above: number
  /** those that change most, and by how much of the spread */
  readonly worst: readonly { readonly crystal: string; readonly change: number }[]
}

/** @param every of the crystals of the data one of so many is taken */
export async function benchRewriting(
  { crystals: most, every }: { crystals: number; every: number },
  onProgress: (message: string) => void,
): Promise<RewritingResult[]> {
  const crystals = await crystalsOf(most, every)
  const results: RewritingResult[] = []
  for (const network of networks()) {
    onProgress(network.name)
    results.push(await rewrittenDifferently(network, crystals))
  }
  return results
}

/** What the predictions of a network change by. */
export async function rewrittenDifferently(
  { name: network, weights, config }: NamedNetwork,
  crystals: readonly Structure[],
): Promise<RewritingResult> {
  const { predict, inDouble } = await predictors(config, weights)
  const before = await predict(crystals)
  const { std: spread } = momentsOf(before)
  const worst = new Float64Array(crystals.length)
  const largest: Record<string, number> = {}
  for (const [kind, rewrite] of Object.entries(REWRITINGS)) {
    const after = await predict(crystals.map((crystal, n) => rewrite(crystal, n + 1)))
    const changes = after.map((value, n) => Math.abs(value - before[n]) / spread)
    changes.forEach((change, n) => {
      worst[n] = Math.max(worst[n], change)
    })
    largest[kind] = changes.reduce((a, b) => Math.max(a, b))
  }
  const apart = (await inDouble?.(crystals))?.map((value, n) => Math.abs(value - before[n]) / spread)
  const order = [...worst.keys()].sort((a, b) => worst[b] - worst[a])
  return {
    ...{ network, crystals: crystals.length, spread, largest },
    from_float64: apart?.reduce((a, b) => Math.max(a, b)),
    above: worst.filter((change) => change > ALLOWED).length,
    worst: order.slice(0, WORST).map((n) => ({ crystal: crystals[n].name!, change: worst[n] })),
  }
}

export interface NamedNetwork {
  readonly name: string
  readonly weights: Weights
  readonly config: ModelConfig
}

/** Those whose predictions are meant to be of the crystal, not of the cell that was written. */
export function networks(): NamedNetwork[] {
  const plain = fullSizeWeights().weights
  const [own, light] = ['crystalframer', 'crystalframer_light'].map(framedWeights)
  const density = asDensity(own.config as CrystalframerConfig, own.weights)
  const framed = (changes: object) => modelConfig({ ...own.config, ties: 'canonical', ...changes })
  return [
    { name: 'Crystalformer', weights: plain, config: inferConfig(plain) },
    { name: 'CrystalFramer, max', weights: own.weights, config: framed({}) },
    {
      name: 'CrystalFramer, max, lightweight',
      weights: light.weights,
      config: modelConfig({ ...light.config, ties: 'canonical' }),
    },
    {
      name: 'CrystalFramer, max_static',
      weights: own.weights,
      config: framed({ frame_method: 'max_static' }),
    },
    {
      name: 'CrystalFramer, weighted_pca',
      weights: own.weights,
      config: framed({ frame_method: 'weighted_pca' }),
    },
    { name: 'CrystalFramer, densities', ...density },
  ]
}

/** As the fused engine predicts, and in float64 alone. */
async function predictors(config: ModelConfig, weights: Weights) {
  const description = describeAttention(config, geometryOf(config, 'converged').geometry, weights)
  if (typeof description === 'string') throw new Error(description)
  const addon = loadAddon()
  const machine = typeof addon === 'string' ? await wasmMachine() : nativeMachine(addon)
  const network = fusedNetwork(machine, [description], ELEMENT_TABLE, 1)
  const double = description.chooses
    ? fusedNetwork(await machine.inDouble!(), [description], ELEMENT_TABLE, 1)
    : undefined
  return {
    predict: valuesOf(network, decidedRuns(network, machine, [description], ELEMENT_TABLE, 1)),
    inDouble: double && valuesOf(double, double.run),
  }
}

function valuesOf(network: FusedNetwork, run: Run) {
  return async (crystals: readonly Structure[]): Promise<number[]> => {
    const prepared = crystals.map((crystal) => network.prepare(crystal, true))
    const values: number[] = []
    for (const group of groupByAtoms(
      prepared.map(({ atoms }) => atoms),
      RUN_ATOMS,
    )) {
      const [{ prediction }] = await run(
        group.map((n) => prepared[n]),
        false,
      )
      for (const [c, n] of group.entries()) values[n] = prediction[c]
    }
    return values
  }
}

async function crystalsOf(most: number, every: number): Promise<Structure[]> {
  const crystals: Structure[] = []
  let read = 0
  for (const name of REWRITING_DATA) {
    const path = shared(name)
    if (path === undefined) throw new Error(needs(name))
    for await (const { structure: crystal, id } of readDataset(path)) {
      if (crystals.length < most && read++ % every === 0) crystals.push({ ...crystal, name: id })
    }
  }
  return crystals
}

type Rewrite = (crystal: Structure, seed: number) => Structure

/** By a turn that is uniformly random: a random quaternion. */
const turned: Rewrite = (crystal, seed) => {
  const { normal } = random(seed)
  const given = [normal(), normal(), normal(), normal()]
  const [w, x, y, z] = given.map((q) => q / Math.hypot(...given))
  const turn: Mat3 = [
    [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
  ]
  return structure({ ...crystal, lattice: crystal.lattice.map((row) => turn.map((own) => dot(row, own))) })
}

const reordered: Rewrite = (crystal, seed) => {
  const { uniform } = random(seed)
  const order = crystal.frac.map((_, n) => [uniform(), n]).sort(([a], [b]) => a - b)
  return structure({
    ...crystal,
    frac: order.map(([, n]) => crystal.frac[n]),
    species: order.map(([, n]) => crystal.species[n]),
  })
}

const CELLS: readonly Mat3[] = [
  [
    [1, 1, 0],
    [0, 1, 0],
    [0, 1, 1],
  ],
  [
    [0, 1, 0],
    [1, 0, 1],
    [1, 0, 0],
  ],
  [
    [1, 0, 0],
    [-1, 1, 0],
    [0, 1, -1],
  ],
]
const otherwise: Rewrite = (crystal, seed) => supercell(crystal, CELLS[seed % CELLS.length])
const doubled: Rewrite = (crystal) =>
  supercell(crystal, [
    [2, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ])

const REWRITINGS: Readonly<Record<string, Rewrite>> = {
  turned,
  reordered,
  'another cell': otherwise,
  doubled,
  all: (crystal, seed) => reordered(turned(otherwise(doubled(crystal, seed), seed), seed), seed),
}
