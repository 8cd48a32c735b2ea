// Every network of the registry with its default hyper-parameters, beside each other: processor time of the exported
// graph on one CPU thread, pass by pass in turns. Weights are initial ones, which cost what trained ones do.

import '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { crystalGraph } from '../exporters/crystal/graph.ts'
import { batchTensors, withParameters } from '../exporters/crystal/tensors.ts'
import { ELEMENT_TABLE } from '../models/elements.ts'
import { imageRadius } from '../models/geometry.ts'
import { NETWORKS } from '../models/networks.ts'
import { configure, countParameters, networkOf } from '../models/registry.ts'
import { type Graph, openGraph } from '../runtimes/node/graph.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { median } from '../src/math/median.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { prepareCrystal } from '../src/periodic/prepare.ts'
import type { Batch } from '../src/periodic/tensors.ts'
import type { GeometrySpec } from '../src/periodic/types.ts'
import { mixes } from './workload.ts'

/** Crystals of a mix. */
const CRYSTALS = 100
const SEED = 1

export interface NetworkTimes {
  readonly network: string
  readonly parameters: number
  readonly nodes: number
  /** Å */
  readonly radius: number
  /** median over the passes, µs an atom by mix */
  readonly us_per_atom: Readonly<Record<string, number>>
}

interface Opened extends Omit<NetworkTimes, 'us_per_atom'> {
  readonly runtime: Graph
  readonly batches: ReadonlyMap<string, readonly Batch[]>
  readonly times: Map<string, number[]>
}

export async function benchNetworks(
  passes: number,
  onProgress: (message: string) => void,
): Promise<{ workload: string; networks: NetworkTimes[] }> {
  await tf.setBackend('cpu')
  const { source, mixes: all } = mixes()
  const some = all.map(({ name, crystals }) => ({ name, crystals: crystals.slice(0, CRYSTALS) }))
  const opened: Opened[] = []
  for (const { name } of NETWORKS) {
    onProgress(`exporting ${name}`)
    opened.push(await open(name, some))
  }
  for (let pass = 0; pass < passes; pass++) {
    onProgress(`pass ${pass + 1} of ${passes}`)
    for (const { name } of some) for (const network of opened) await time(network, name)
  }
  const networks = opened.map(({ runtime: _, batches: __, times, ...network }) => ({
    ...network,
    us_per_atom: Object.fromEntries([...times].map(([mix, values]) => [mix, median(values)])),
  }))
  for (const { runtime } of opened) await runtime.release()
  return { workload: source, networks }
}

async function open(
  architecture: string,
  some: readonly { readonly name: string; readonly crystals: readonly Structure[] }[],
): Promise<Opened> {
  const config = configure({ architecture })
  const network = networkOf(config)
  const { geometry } = network.geometry(config, 'converged', {})
  const radius = imageRadius(geometry)!
  const batches = new Map(
    some.map(({ name, crystals }) => [name, batchesOf(crystals, geometry, network.limits.runAtoms)]),
  )
  const graph = await withParameters(network.initialise(config, SEED), (parameters) => {
    const [first] = batches.values()
    const inputs = batchTensors(first[0])
    const measured = network.statistics?.(parameters, config, inputs, { radius }) ?? new Map()
    const current = { ...parameters, ...Object.fromEntries(measured) }
    return crystalGraph(current, { config, mode: 'converged', geometry, outputs: [], targets: [] }, {})
  })
  const names = graph.inputs.map(({ name }) => name)
  const runtime = await openGraph(graph.bytes, names, { device: 'cpu', threads: 1 })
  const { title } = network
  const sizes = { parameters: countParameters(config), nodes: graph.nodes, radius }
  return { network: title, ...sizes, runtime, batches, times: new Map() }
}

function batchesOf(crystals: readonly Structure[], geometry: GeometrySpec, atoms: number): Batch[] {
  const prepared = crystals.map((crystal) => prepareCrystal(crystal, geometry, ELEMENT_TABLE))
  return groupAlike(prepared, atoms).map((group) => packBatch(group.map((index) => prepared[index])))
}

async function time({ runtime, batches, times }: Opened, mix: string): Promise<void> {
  const all = batches.get(mix)!
  const before = process.cpuUsage()
  for (const batch of all) await runtime.run(batch)
  const { user, system } = process.cpuUsage(before)
  const atoms = all.reduce((sum, batch) => sum + batch.atoms, 0)
  times.set(mix, [...(times.get(mix) ?? []), (user + system) / atoms])
}
