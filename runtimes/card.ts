// The card inside an exported .onnx file: what the model predicts, how its inputs are made from a crystal, and golden
// samples that a runtime evaluates before it trusts a device. Stored as JSON under CARD_KEY in `metadata_props`.

import { z } from 'zod'
import { ModelFileError } from '../src/errors.ts'

export const CARD_KEY = 'crystal-onnx.card'
export const CARD_FORMAT = 1

const vec3 = z.tuple([z.number(), z.number(), z.number()])
const imageSelection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sphere'), radius: z.number().positive().max(100) }),
  z.strictObject({
    kind: z.literal('adaptive-box'),
    minimum: z.number().int().min(0).max(8),
    max_cutoff: z.number().positive().max(100),
  }),
  z.strictObject({ kind: z.literal('box'), range: z.number().int().min(0).max(8) }),
])

const site = z
  .array(z.strictObject({ element: z.number().int().min(1).max(118), occupancy: z.number() }))
  .min(1)

const schema = z.object({
  format: z.literal(CARD_FORMAT),
  toolkit: z.string(),
  architecture: z.string(),
  /** hyper-parameters under the published names */
  config: z.record(z.string(), z.unknown()),
  mode: z.enum(['converged', 'published']),
  /** one entry an output column */
  targets: z
    .array(z.object({ name: z.string(), unit: z.string(), mean: z.number(), std: z.number() }))
    .min(1),
  /** atomic numbers by row of the element table */
  elements: z.array(z.number().int().min(1).max(118)).min(1).max(118),
  geometry: z.object({
    images: imageSelection.optional(),
    reciprocal: z.object({ range: z.number().int().min(1).max(8) }).optional(),
    frame: z.enum(['lattice', 'pca']).optional(),
  }),
  /** bound on the neglected attention weight that the sphere radius follows from; null in published mode */
  error_bound: z.number().nullable(),
  /** crystals that the sphere radius was fitted to: the smallest ρ of their heads, less a margin, stands for the bound */
  calibration: z
    .object({ crystals: z.number(), observed_rho: z.number(), smallest_rho: z.number() })
    .optional(),
  /** atoms a run should hold at most for speed; a larger crystal runs alone */
  max_atoms: z.number().int().positive(),
  training: z
    .object({
      data: z.string().optional(),
      crystals: z.number().optional(),
      metrics: z.record(z.string(), z.number()).optional(),
    })
    .optional(),
  /** what the graph gives besides the prediction: runtimes/outputs.ts */
  outputs: z.array(z.enum(['attention', 'embedding'])).default([]),
  /** sha256 of the safetensors file that the graph was made from, hex */
  weights_sha256: z.string(),
  /** input crystals and what a float64 evaluation of the mathematics gives for them, in the unit of each target */
  golden: z
    .array(
      z.object({
        name: z.string(),
        lattice: z.tuple([vec3, vec3, vec3]),
        frac: z.array(vec3).min(1).max(64),
        species: z.array(site).min(1).max(64),
        value: z.array(z.number()),
      }),
    )
    .min(1)
    .max(32),
  /** largest relative error (see relativeError) against the golden samples before a device is refused */
  tolerance: z.number().positive(),
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
  const parsed = schema.safeParse(value)
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
 * |a − b| / max(|b|, scale): the error of a prediction relative to its size, where `scale` (the target's standard
 * deviation × 0.01) keeps a value near zero from making every error infinite.
 */
export function relativeError(a: number, b: number, std: number): number {
  return Math.abs(a - b) / Math.max(Math.abs(b), 0.01 * std)
}
