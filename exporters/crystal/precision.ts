// Weights in fewer bits: rounded first, then measured by what that does to the property, and refused where it does too
// much. The file is made of the rounded weights, so that a device is checked as sharply as with any others.

import type { Weights } from '../../models/safetensors.ts'
import type { Card } from '../../runtimes/card.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { ConfigError, ExportError } from '../../src/errors.ts'
import { fromFloat16, type Packing, roundToInt8, toFloat16 } from '../../src/math/fewer-bits.ts'
import { learned } from '../../src/math/transform.ts'
import type { Target } from './fold.ts'
import { type OpenFile, valuesByFile } from './opening.ts'

/** How the weights are kept in the file; the graph computes in float32. */
export type Precision = 'float32' | Packing

/**
 * Errors allowed, as a share of the targets' standard deviation: about a tenth of the error of a good model (0.02, for
 * formation energies) for float16, and half of it for int8. On golden samples it bounds the largest one, on crystals of
 * the user the mean.
 */
export const LIMITS: Readonly<Record<Packing, number>> = { float16: 0.002, int8: 0.01 }

/** Smaller tensors keep all their bits, as do vectors: biases and widths. */
const SMALLEST = 1024

/** The weights as the file will hold them. Rows of a matrix share a scale in int8. */
export function roundedWeights(weights: Weights, packing: Packing): Weights {
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      if (shape.length < 2 || data.length <= SMALLEST) return [name, { shape, data }]
      const rounded =
        packing === 'float16'
          ? fromFloat16(toFloat16(data))
          : roundToInt8(data, { group: shape.at(-1)!, inner: 1 })
      return [name, { shape, data: rounded }]
    }),
  )
}

/**
 * What the card says of rounded weights.
 * @param original golden samples of the weights as they were, `rounded` of those in the file; float64 both
 * @throws ExportError when a golden sample moves by more than the limit
 */
export function passGoldenGate(
  packing: Packing,
  targets: readonly Target[],
  original: Card['golden'],
  rounded: Card['golden'],
): Pick<NonNullable<Card['precision']>, 'weights' | 'limit' | 'golden_error'> {
  const limit = LIMITS[packing]
  let worst = 0
  for (const [n, { name, value }] of rounded.entries()) {
    for (const [t, target] of targets.entries()) {
      const { name: property, unit } = target
      const error = moved(value[t], original[n].value[t], target)
      worst = Math.max(worst, error)
      if (error <= limit) continue
      throw new ExportError(
        `${packing} weights are refused: they move ${property} of the golden sample "${name}" from ` +
          `${original[n].value[t]} to ${value[t]} ${unit}, ${percent(error)} of the targets' standard deviation, ` +
          `allowed are ${percent(limit)}; use ${packing === 'int8' ? 'float16 or float32' : 'float32'}`,
      )
    }
  }
  return { weights: packing, limit, golden_error: worst }
}

export interface Gate {
  readonly crystals: number
  /** shares of the targets' standard deviation, over crystals and targets */
  readonly mean_error: number
  readonly max_error: number
}

/**
 * How much the rounding moves predictions of real crystals, both files run on the CPU. Crystals that the model refuses do
 * not count.
 * @throws ExportError when that is more than the limit in the mean; ConfigError when there are no crystals
 */
export async function passCrystalGate(
  packing: Packing,
  files: { readonly original: Uint8Array; readonly rounded: Uint8Array },
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  open: OpenFile,
): Promise<Gate> {
  const gate = { crystals: 0, mean_error: 0, max_error: 0 }
  const seen: Structure[] = []
  for await (const structure of structures) seen.push(structure)
  const { targets } = readModelFile(files.rounded, 'exported model').card
  const before = await valuesByFile(files.original, seen, 'auto', open)
  const after = await valuesByFile(files.rounded, seen, 'auto', open)
  for (const [n, was] of before.entries()) {
    const now = after[n]
    if (!was || !now) continue
    const errors = targets.map((target, t) => moved(now[t], was[t], target))
    gate.crystals++
    gate.mean_error += errors.reduce((sum, error) => sum + error / errors.length, 0)
    gate.max_error = Math.max(gate.max_error, ...errors)
  }
  if (gate.crystals === 0) throw new ConfigError('there are no crystals to pass the gate with')
  gate.mean_error /= gate.crystals
  const limit = LIMITS[packing]
  if (gate.mean_error <= limit) return gate
  throw new ExportError(
    `${packing} weights are refused: they move the predictions of ${gate.crystals} crystals by ` +
      `${percent(gate.mean_error)} of the targets' standard deviation in the mean (at most ${percent(gate.max_error)}), ` +
      `allowed are ${percent(limit)}; use ${packing === 'int8' ? 'float16 or float32' : 'float32'}`,
  )
}

/** As a share of the standard deviation of what was learned. */
function moved(value: number, before: number, target: Target): number {
  return Math.abs(learned(value, target) - learned(before, target)) / target.std
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`
}
