// The card inside an exported .onnx file: what the model predicts, how its inputs are made from a crystal, and golden
// samples that a runtime evaluates before it trusts a device. Stored as JSON under CARD_KEY in `metadata_props`.

import { en } from 'zod/locales'
import * as z from 'zod/mini'
import type { Site } from '../src/crystal/structure.ts'
import { domainFault } from '../src/domain/check.ts'
import { type Domain, domainSchema } from '../src/domain/section.ts'
import { ModelFileError } from '../src/errors.ts'
import { learned, TRANSFORMS, type Transform, type Transformed } from '../src/math/transform.ts'
import type { Mat3, Vec3 } from '../src/math/vectors.ts'
import type { GeometrySpec } from '../src/periodic/types.ts'
import { type GeometryFields, geometryFields, geometryOf, whole } from './card-geometry.ts'
import { type Provenance, provenanceSchema } from './card-provenance.ts'

export const CARD_KEY = 'crystal-onnx.card'
/** 2: the file is sealed (seal.ts). 3: a target has a transform, which toolkits before it would not know of. */
const CARD_FORMAT = 3
const OLDEST_FORMAT = 1
const TRANSFORMED_SINCE = 3

/** Largest relative error against golden samples that a file may allow a device. */
export const LARGEST_TOLERANCE = 1e-3
/** Members of an ensemble at most: a file of more is slow, and no better. */
export const MOST_MEMBERS = 32
/** Atoms that a file may ask for in one run. */
const LARGEST_RUN = 65_536

/** A property that a model predicts: output·std + mean, or the number whose `transform` that is. The graph has done that already. */
export interface CardTarget {
  /** such as `e_form` */
  readonly name: string
  /** such as `eV/atom` */
  readonly unit: string
  /** of what was learned of the training crystals, in `unit` where that is the value */
  readonly mean: number
  /** the same; positive */
  readonly std: number
  /** what was learned instead of the value: its mean and standard deviation, and the errors that devices and domain are judged by */
  readonly transform?: Transform
}

/** A crystal in a file with its values in float64, by which a runtime judges a device. */
export interface GoldenSample {
  /** of the crystal, for messages */
  readonly name: string
  /** lattice vectors as rows, Å */
  readonly lattice: Mat3
  /** fractional coordinates, one row a site */
  readonly frac: readonly Vec3[]
  /** what is on each site, with its occupancy */
  readonly species: readonly Site[]
  /** what the weights in the file give in float64, one number a target, in its unit */
  readonly value: readonly number[]
  /** the same of each member of an ensemble */
  readonly members?: readonly (readonly number[])[]
  /** the same with the weights before they were rounded to fewer bits */
  readonly original?: readonly number[]
}

/** How far rounded weights move the property; errors are shares of the standard deviation of a target. */
export interface CardPrecision {
  /** how they are kept in the file */
  readonly weights: 'float16' | 'int8'
  /** largest error that was allowed */
  readonly limit: number
  /** largest error on the golden samples */
  readonly golden_error: number
  /** sha256 of the safetensors file before rounding, hex */
  readonly original_sha256: string
  /** errors on crystals besides the golden samples, where some were given */
  readonly gate?: {
    /** how many */
    readonly crystals: number
    /** mean over them */
    readonly mean_error: number
    /** largest of them */
    readonly max_error: number
  }
}

/** The card of a model file: what it predicts, from what, how well, and how a device is checked. */
export interface Card {
  /** of the card itself: cardFormat, or an older one */
  readonly format: number
  /** version of the toolkit that wrote the file */
  readonly toolkit: string
  /** name of the network */
  readonly architecture: string
  /** hyper-parameters under the published names */
  readonly config: Readonly<Record<string, unknown>>
  /** `converged`: every image that matters is summed; `published`: the box of the published code */
  readonly mode: 'converged' | 'published'
  /** one an output column */
  readonly targets: readonly CardTarget[]
  /** atomic numbers by row of the element table */
  readonly elements: readonly number[]
  /** what the graph needs of a crystal */
  readonly geometry: GeometrySpec
  /** bound on the neglected attention weight that the sphere radius follows from; null where there is none */
  readonly error_bound: number | null
  /** crystals that the sphere radius was fitted to: the smallest ρ of their heads, less a margin, stands for the bound */
  readonly calibration?: {
    /** how many were looked at */
    readonly crystals: number
    /** the smallest ρ of any atom, head and block of them */
    readonly observed_rho: number
    /** what the radius follows from */
    readonly smallest_rho: number
  }
  /** where the radius is smaller than that of the default error bound: how far it moves predictions of crystals */
  readonly radius_cost?: {
    /** how many were looked at */
    readonly crystals: number
    /** Å: that of the default error bound, with which they were compared */
    readonly converged_radius: number
    /** mean difference of each target, in its unit */
    readonly mean: readonly number[]
    /** largest difference of each target, in its unit */
    readonly max: readonly number[]
  }
  /** atoms a run should hold at most for speed; a larger crystal runs alone */
  readonly max_atoms: number
  /** what the network was trained on, and how well */
  readonly training?: {
    /** name of the data set */
    readonly data?: string
    /** crystals of its train split */
    readonly crystals?: number
    /** errors by name, such as `test_mae_e_form`, in the unit of the target */
    readonly metrics?: Readonly<Record<string, number>>
  }
  /** what the model has seen, and how wrong it was there; without it nothing tells whether a prediction can be trusted */
  readonly domain?: Domain
  /** what the model was made of, and what may be done with it */
  readonly provenance?: Provenance
  /** the model shows how the toolkit works: what it learned is of no use elsewhere */
  readonly demonstration?: true
  /** what the graph gives besides the prediction */
  readonly outputs: readonly ('attention' | 'embedding' | 'members')[]
  /** present when the weights are kept in fewer bits than float32 */
  readonly precision?: CardPrecision
  /**
   * how much the predictions of small golden crystals change when their atoms move at random, by the size of the moves
   */
  readonly smoothness?: readonly {
    /** standard deviation of the moves of every coordinate, Å; 0: written down differently instead */
    readonly amplitude: number
    /** the largest, in the unit of the target, one a target; at 1e-6 Å it is mostly rounding */
    readonly change: readonly number[]
  }[]
  /** sha256 of the safetensors file that the graph was made from, hex */
  readonly weights_sha256: string
  /** by which devices are judged */
  readonly golden: readonly GoldenSample[]
  /** largest relative error (relativeError) against the golden samples before a device is refused */
  readonly tolerance: number
}

const someOf = <T extends z.core.$ZodType>(item: T, most = Number.POSITIVE_INFINITY) =>
  z.array(item).check(z.minLength(1), z.maxLength(most))
const label = z.string().check(z.minLength(1), z.maxLength(200))

const vec3 = z.tuple([z.number(), z.number(), z.number()])
const site = someOf(z.strictObject({ element: whole(1, 118), occupancy: z.number() }))

const schema = z.object({
  format: whole(OLDEST_FORMAT, CARD_FORMAT),
  toolkit: z.string(),
  architecture: label,
  config: z.record(z.string(), z.unknown()),
  mode: z.enum(['converged', 'published']),
  targets: someOf(
    z.object({
      name: label,
      unit: label,
      mean: z.number(),
      std: z.number().check(z.positive()),
      transform: z.optional(z.enum(TRANSFORMS)),
    }),
    1024,
  ),
  elements: someOf(whole(1, 118), 118).check(
    z.refine((rows) => new Set(rows).size === rows.length, 'an element stands there twice'),
  ),
  geometry: geometryFields,
  error_bound: z.nullable(z.number().check(z.positive(), z.maximum(1))),
  calibration: z.optional(
    z.object({ crystals: z.number(), observed_rho: z.number(), smallest_rho: z.number() }),
  ),
  radius_cost: z.optional(
    z.object({
      crystals: z.number(),
      converged_radius: z.number(),
      mean: z.array(z.number()),
      max: z.array(z.number()),
    }),
  ),
  max_atoms: whole(1, LARGEST_RUN),
  training: z.optional(
    z.object({
      data: z.optional(z.string()),
      crystals: z.optional(z.number()),
      metrics: z.optional(z.record(z.string(), z.number())),
    }),
  ),
  domain: z.optional(domainSchema),
  provenance: z.optional(provenanceSchema),
  demonstration: z.optional(z.literal(true)),
  outputs: z._default(z.array(z.enum(['attention', 'embedding', 'members'])), []),
  precision: z.optional(
    z.object({
      weights: z.enum(['float16', 'int8']),
      limit: z.number(),
      golden_error: z.number(),
      original_sha256: z.string(),
      gate: z.optional(z.object({ crystals: z.number(), mean_error: z.number(), max_error: z.number() })),
    }),
  ),
  smoothness: z.optional(
    z.array(z.object({ amplitude: z.number(), change: z.array(z.number()) })).check(z.maxLength(16)),
  ),
  weights_sha256: z.string(),
  golden: someOf(
    z.object({
      name: z.string(),
      lattice: z.tuple([vec3, vec3, vec3]),
      frac: someOf(vec3, 64),
      species: someOf(site, 64),
      value: z.array(z.number()),
      members: z.optional(z.array(z.array(z.number())).check(z.maxLength(MOST_MEMBERS))),
      original: z.optional(z.array(z.number())),
    }),
    32,
  ),
  tolerance: z.number().check(z.positive(), z.maximum(LARGEST_TOLERANCE)),
}) satisfies z.ZodMiniType<Omit<Card, 'geometry'> & { geometry: GeometryFields }>

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
  const card: Card = { ...parsed.data, geometry: geometryOf(parsed.data.geometry, file) }
  checkFormat(card, file)
  checkDomain(card, file)
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

/** Of a card with these targets: toolkits that do not know what it says refuse it, and others read it. */
export function cardFormat(targets: readonly Transformed[]): number {
  return targets.some(({ transform }) => transform) ? TRANSFORMED_SINCE : TRANSFORMED_SINCE - 1
}

/** @throws ModelFileError for a card that says what its format does not */
function checkFormat({ format, targets }: Card, file: string): void {
  if (format >= cardFormat(targets) || targets.every(({ transform }) => !transform)) return
  throw new ModelFileError(
    `${file}: invalid card: format ${format} knows no transform of a target; export the model again`,
  )
}

/** @throws ModelFileError for a domain that is not one of this model */
function checkDomain({ domain, targets, outputs }: Card, file: string): void {
  if (!domain) return
  const fault =
    domain.features && !outputs.includes('embedding')
      ? 'its domain needs the embedding, which its graph does not give'
      : domainFault(domain, targets.length)
  if (fault !== undefined) throw new ModelFileError(`${file}: invalid card: ${fault}; export the model again`)
}

/**
 * |a − b| / max(|b|, std): the error of a prediction relative to its size or to the standard deviation of the target,
 * whichever is larger. Predictions are output·std + mean: what a cutoff or rounding does to one does not shrink when the
 * two nearly cancel. Of targets with a transform, a and b are what was learned.
 */
export function relativeError(a: number, b: number, std: number): number {
  return Math.abs(a - b) / Math.max(Math.abs(b), std)
}

/** The relative error of a target, of what was learned of it. */
export function targetError(found: number, right: number, target: CardTarget): number {
  return relativeError(learned(found, target), learned(right, target), target.std)
}
