// The card inside an exported .onnx file: what the model predicts, how its inputs are made from a crystal, and golden
// samples that a runtime evaluates before it trusts a device. Stored as JSON under CARD_KEY in `metadata_props`.

import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { ModelFileError } from '../src/errors.ts'
import { cardGeometry, whole } from './card-geometry.ts'

export const CARD_KEY = 'crystal-onnx.card'
/** 2: the file is sealed (seal.ts). */
export const CARD_FORMAT = 2
const OLDEST_FORMAT = 1

/** Largest relative error against golden samples that a file may allow a device. */
export const LARGEST_TOLERANCE = 1e-3
/** Atoms that a file may ask for in one run. */
const LARGEST_RUN = 65_536

const someOf = <T extends z.core.$ZodType>(item: T, most = Number.POSITIVE_INFINITY) =>
  z.array(item).check(z.minLength(1), z.maxLength(most))
const label = z.string().check(z.minLength(1), z.maxLength(200))

const vec3 = z.tuple([z.number(), z.number(), z.number()])
const site = someOf(z.strictObject({ element: whole(1, 118), occupancy: z.number() }))

const schema = z.object({
  format: whole(OLDEST_FORMAT, CARD_FORMAT),
  toolkit: z.string(),
  architecture: label,
  /** hyper-parameters under the published names */
  config: z.record(z.string(), z.unknown()),
  mode: z.enum(['converged', 'published']),
  /** one entry an output column */
  targets: someOf(
    z.object({ name: label, unit: label, mean: z.number(), std: z.number().check(z.positive()) }),
    1024,
  ),
  /** atomic numbers by row of the element table */
  elements: someOf(whole(1, 118), 118).check(
    z.refine((rows) => new Set(rows).size === rows.length, 'an element stands there twice'),
  ),
  geometry: cardGeometry,
  /** bound on the neglected attention weight that the sphere radius follows from; null in published mode */
  error_bound: z.nullable(z.number().check(z.positive(), z.maximum(1))),
  /** crystals that the sphere radius was fitted to: the smallest ρ of their heads, less a margin, stands for the bound */
  calibration: z.optional(
    z.object({ crystals: z.number(), observed_rho: z.number(), smallest_rho: z.number() }),
  ),
  /** atoms a run should hold at most for speed; a larger crystal runs alone */
  max_atoms: whole(1, LARGEST_RUN),
  training: z.optional(
    z.object({
      data: z.optional(z.string()),
      crystals: z.optional(z.number()),
      metrics: z.optional(z.record(z.string(), z.number())),
    }),
  ),
  /** what the graph gives besides the prediction: runtimes/outputs.ts */
  outputs: z._default(z.array(z.enum(['attention', 'embedding'])), []),
  /**
   * weights in fewer bits: errors are shares of the targets' standard deviation, of golden samples the largest, of other
   * crystals besides
   */
  precision: z.optional(
    z.object({
      weights: z.enum(['float16', 'int8']),
      limit: z.number(),
      golden_error: z.number(),
      original_sha256: z.string(),
      gate: z.optional(z.object({ crystals: z.number(), mean_error: z.number(), max_error: z.number() })),
    }),
  ),
  /** sha256 of the safetensors file that the graph was made from, hex */
  weights_sha256: z.string(),
  /**
   * input crystals and what a float64 evaluation of the mathematics gives for them with the weights in the file, in the
   * unit of each target; `original` with the weights before they were rounded to fewer bits
   */
  golden: someOf(
    z.object({
      name: z.string(),
      lattice: z.tuple([vec3, vec3, vec3]),
      frac: someOf(vec3, 64),
      species: someOf(site, 64),
      value: z.array(z.number()),
      original: z.optional(z.array(z.number())),
    }),
    32,
  ),
  /** largest relative error (see relativeError) against the golden samples before a device is refused */
  tolerance: z.number().check(z.positive(), z.maximum(LARGEST_TOLERANCE)),
})

export type Card = z.output<typeof schema>

/** Parses and validates the JSON of a card. @throws ModelFileError naming the field that is wrong. */
export function parseCard(json: string, file = 'model'): Card {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new ModelFileError(`${file}: its card is not JSON; export the model again`, { cause })
  }
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > CARD_FORMAT) {
    throw new ModelFileError(
      `${file}: card format ${format} is newer than ${CARD_FORMAT}; update crystal-onnx`,
    )
  }
  const parsed = schema.safeParse(value, { error: en().localeError })
  if (!parsed.success) {
    throw new ModelFileError(`${file}: invalid card: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  const card = parsed.data
  for (const { name, frac, species, value } of card.golden) {
    if (frac.length !== species.length || value.length !== card.targets.length) {
      throw new ModelFileError(
        `${file}: golden sample "${name}" has ${frac.length} coordinates, ${species.length} sites and ${value.length} values ` +
          `for ${card.targets.length} targets`,
      )
    }
  }
  return card
}

/**
 * |a − b| / max(|b|, std): the error of a prediction relative to its size or to the standard deviation of the target,
 * whichever is larger. Predictions are output·std + mean: what a cutoff or rounding does to one does not shrink when the
 * two nearly cancel.
 */
export function relativeError(a: number, b: number, std: number): number {
  return Math.abs(a - b) / Math.max(Math.abs(b), std)
}
