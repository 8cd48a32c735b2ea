// The parity table: golden crystals × devices × networks, against the published code in float64, with the provider that
// really ran the nodes.

import { relativeError } from '../../runtimes/card.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { type GoldenModel, goldenModel } from '../../test/browser/models.ts'
import { FRAMED_CASES, FULL_CASES, type GoldenCase, TINY_CASES } from '../../test/golden/goldens.ts'
import { openDevices, type ParityDevice } from './devices.ts'
import { placement } from './profile.ts'

/** float32 against float64. */
export const CPU_TOLERANCE = 2e-5
/** Exponentials and square roots of a GPU are not those of a processor. */
export const GPU_TOLERANCE = 1e-4

export type Size = 'tiny' | 'full'

export interface Cell {
  readonly network: string
  readonly device: string
  readonly crystals: number
  /** largest relative error, and the crystal that has it */
  readonly error: number
  readonly worst: string
  readonly tolerance: number
  /** nodes run, by provider */
  readonly nodes: Readonly<Record<string, number>>
  /** operators on the CPU that are no integer arithmetic on shapes, on a GPU; must be empty */
  readonly strays: readonly string[]
  readonly passed: boolean
}

export interface ParityTable {
  readonly cells: readonly Cell[]
  /** devices that are not here, and why */
  readonly absent: readonly { readonly name: string; readonly reason: string }[]
  /** devices that ran into an error */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

const NETWORKS: Record<Size, readonly (readonly [string, readonly GoldenCase[], string])[]> = {
  tiny: [
    ['Crystalformer', TINY_CASES, 'tiny_cf_real_adaptive'],
    ['CrystalFramer', FRAMED_CASES, 'tiny_cfr_max'],
  ],
  full: [
    ['Crystalformer', FULL_CASES, 'cf_real_adaptive'],
    ['CrystalFramer', FRAMED_CASES, 'cfr_max'],
  ],
}
/** Crystals without symmetry: how ties between frames are broken is not what is compared here. */
const UNTIED = /_rattled$/
/** Images of a crystal at most. A software adapter takes minutes for more. */
const GPU_IMAGES = 4000
/** A run of all golden crystals, 69,300 images in the largest, ended for want of memory: WebAssembly has 4 GB at most. */
const WASM_FRAMED_IMAGES = 40_000

export interface ParityOptions {
  readonly size: Size
  /** Which devices, by name; all by default. */
  readonly devices?: (name: string) => boolean
  /** Which crystals, by name, besides what is left out above. */
  readonly crystals?: (name: string) => boolean
}

export async function parityTable(
  { size, devices: wanted = () => true, crystals: chosen = () => true }: ParityOptions,
  onProgress: (message: string) => void = () => {},
): Promise<ParityTable> {
  const { devices, absent, close } = await openDevices()
  const failed: { name: string; reason: string }[] = []
  const cells: Cell[] = []
  try {
    for (const [network, cases, name] of NETWORKS[size]) {
      const golden = cases.find((golden) => golden.name === name)!
      const model = await goldenModel(
        golden,
        (crystal) => chosen(crystal) && (network === 'Crystalformer' || UNTIED.test(crystal)),
      )
      for (const device of devices.filter(({ name }) => wanted(name))) {
        onProgress(`${network} on ${device.name}`)
        try {
          cells.push(await cell(network, model, device))
        } catch (error) {
          failed.push({ name: `${network} on ${device.name}`, reason: (error as Error).message })
        }
      }
    }
  } finally {
    await close()
  }
  return { cells, absent, failed }
}

async function cell(network: string, model: GoldenModel, device: ParityDevice): Promise<Cell> {
  const { bytes, card, crystals } = model
  const framed = network === 'CrystalFramer'
  const most = device.gpu ? GPU_IMAGES : framed && device.wasm ? WASM_FRAMED_IMAGES : Number.POSITIVE_INFINITY
  const images = (crystal: Structure) =>
    prepareCrystal(crystal, card.geometry, card.elements).images!.neighbour.length
  const run = crystals.filter(({ structure }) => images(structure) <= most)
  const { values, profile } = await device.run(
    bytes,
    run.map(({ structure }) => structure),
  )
  const errors = run.map(({ name, value }, n) => ({ name, error: relativeError(values[n], value, 1) }))
  // NaN is the worst.
  const worst = errors.reduce((a, b) => (b.error <= a.error ? a : b))
  const tolerance = device.gpu ? GPU_TOLERANCE : CPU_TOLERANCE
  const { nodes, floatsOnCpu } = placement(profile)
  const strays = device.gpu ? floatsOnCpu : []
  const ran = Object.keys(nodes).includes(device.gpu ? 'WebGpuExecutionProvider' : 'CPUExecutionProvider')
  return {
    network,
    device: device.name,
    crystals: run.length,
    error: worst.error,
    worst: worst.name,
    tolerance,
    nodes,
    strays,
    passed: worst.error <= tolerance && strays.length === 0 && ran,
  }
}
