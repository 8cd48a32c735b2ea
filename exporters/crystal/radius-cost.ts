// What a radius costs: predictions with the images within it against those with all images that matter, on crystals, in the
// unit of each target. Golden samples say so relatively, and of themselves only.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Card } from '../../runtimes/card.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { DeviceError } from '../../src/errors.ts'
import { mean } from '../../src/math/mean.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import { type OpenFile, type ValuesByCrystal, valuesByFile } from './opening.ts'

/** Crystals that are enough to tell. */
export const ENOUGH_CRYSTALS = 64

/**
 * Undefined where the radius is that of the default error bound, or nothing is neglected. Crystals that cannot be predicted
 * do not count; where the fused engine, which takes any radius, does not compute the network, golden samples count alone.
 * @param bytes of the finished file
 * @param crystals of which ENOUGH_CRYSTALS are taken
 */
export async function radiusCost(
  bytes: Uint8Array,
  config: NetworkConfig,
  crystals: Iterable<Structure> | AsyncIterable<Structure> | undefined,
  open: OpenFile,
): Promise<Card['radius_cost']> {
  const { card } = readModelFile(bytes, 'exported model')
  const { images } = card.geometry
  if (card.error_bound === null || images?.kind !== 'sphere') return undefined
  const { geometry: all } = networkOf(config).geometry(config, 'converged', {})
  if (all.images?.kind !== 'sphere' || all.images.radius <= images.radius) return undefined
  const { geometry: near } = networkOf(config).geometry(config, 'converged', { radius: images.radius })
  const golden = card.golden.map((sample) => structure(sample))
  const taken = crystals ? await first(crystals, ENOUGH_CRYSTALS) : golden
  const [few, many] = (await inEach(bytes, [near, all], taken, open)) ?? [
    await valuesByFile(bytes, golden, 'onnxruntime', open),
    card.golden.map(({ value }) => value),
  ]
  const differences = many.flatMap((values, n) => {
    const others = few[n]
    return values && others ? [card.targets.map((_, t) => Math.abs(values[t] - others[t]))] : []
  })
  if (differences.length === 0) return undefined
  return {
    crystals: differences.length,
    converged_radius: all.images.radius,
    mean: card.targets.map((_, t) => mean(differences.map((of) => of[t]))),
    max: card.targets.map((_, t) => differences.reduce((most, of) => Math.max(most, of[t]), 0)),
  }
}

/** By the fused engine, with each geometry; undefined where it does not compute the network. */
async function inEach(
  bytes: Uint8Array,
  geometries: readonly GeometrySpec[],
  crystals: readonly Structure[],
  open: OpenFile,
): Promise<ValuesByCrystal[] | undefined> {
  try {
    return await Promise.all(
      geometries.map((geometry) => valuesByFile(bytes, crystals, 'fused', open, geometry)),
    )
  } catch (error) {
    if (error instanceof DeviceError) return undefined
    throw error
  }
}

async function first<T>(items: Iterable<T> | AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = []
  for await (const item of items) {
    taken.push(item)
    if (taken.length === count) break
  }
  return taken
}
