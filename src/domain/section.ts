// The domain of validity of a model as JSON: what its card holds, and domain.json of a run. Everything in it is bounded:
// it comes from files that nobody vouches for.

import * as z from 'zod/mini'
import { HIGHEST, LOWEST } from './levels.ts'
import { SIGNALS } from './signal-names.ts'

/** Centres at most, and axes of the space that they lie in. With 85 elements such a section has about 150 kB. */
export const [MOST_CENTRES, MOST_AXES] = [2000, 32] as const

const count = z.int().check(z.minimum(0), z.maximum(1e9))
const element = z.int().check(z.minimum(1), z.maximum(118))
// One function for all four numbers: there are thousands of pairs, and a process that predicts waits for them.
const pair = z.custom<[number, number, number, number]>(
  (x) =>
    Array.isArray(x) &&
    x.length === 4 &&
    isWhole(x[0], 1, 118) &&
    isWhole(x[1], 1, 118) &&
    isWhole(x[2], 0, 1e9) &&
    Number.isFinite(x[3]) &&
    x[3] >= 0,
)
const positive = z.number().check(z.positive())
const isWhole = (x: unknown, least: number, most: number) =>
  Number.isInteger(x) && (x as number) >= least && (x as number) <= most
const range = z.tuple([z.number(), z.number()])
const text = (most: number) => z.string().check(z.maxLength(most))
const quantiles = z.array(z.number().check(z.minimum(0))).check(z.maxLength(HIGHEST - LOWEST + 1))
const perTarget = <T extends z.core.$ZodType>(item: T) =>
  z.array(item).check(z.minLength(1), z.maxLength(1024))

export const domainSchema = z.strictObject({
  /** how many crystals it was fitted to, and calibrated on; of the latter, those left out of the training by chemistry */
  crystals: z.strictObject({
    /** that the network learned from */
    fitted: count,
    /** that it did not learn from, all of them */
    held_out: count,
    /** of these, those of a chemistry that was left out */
    by_chemistry: count,
  }),
  /**
   * atomic number, crystals that hold it, the mean error on them, in standard deviations of the targets, and the mean log of
   * the share of the volume that their covalent spheres take
   */
  elements: z.array(z.tuple([element, count, positive, z.number()])).check(z.minLength(1), z.maxLength(118)),
  /** two atomic numbers, or one twice, crystals that hold both, and how close they come, as a ratio to their covalent radii; 0: never near */
  pairs: z.array(pair).check(z.maxLength(7021)),
  /** the smallest such ratio of all */
  closest: z.number().check(z.minimum(0)),
  /** standard deviation of that log about what the elements of a crystal say */
  filling_spread: positive,
  /** crystals of one element, of two, … */
  arities: z.array(count).check(z.maxLength(118)),
  /** crystals with sites that several elements share, or that are partly empty */
  disordered: count,
  /** share of the held-out crystals in which two elements meet that never did before */
  unseen_pairs: z.number().check(z.minimum(0), z.maximum(1)),
  /** least and most */
  sites: range,
  /** Å³, least and most */
  volume_per_atom: range,
  /** share of the volume that spheres of the covalent radii take, all but the strangest hundredth */
  filling: range,
  /** least and largest value of each target, in its unit. What follows is in standard deviations of what was learned of it */
  targets: perTarget(range),
  /** the embedding of the network: [width] features, whitened to [axes], and [centres] among those of the fitted crystals */
  features: z.optional(
    z.strictObject({
      /** of the embedding */
      width: z.int().check(z.minimum(1), z.maximum(4096)),
      /** that are left of it */
      axes: z.int().check(z.minimum(1), z.maximum(MOST_AXES)),
      /** crystals that stand for all */
      centres: z.int().check(z.minimum(1), z.maximum(MOST_CENTRES)),
      /** base64 of float16 [width] */
      mean: text(12_000),
      /** base64 of float16 [axes, width] */
      whitening: text(360_000),
      /** base64 of int8 [centres, axes], times `step` */
      places: text(90_000),
      /** of the places */
      step: positive,
      /** base64 of float16 [centres]: mean errors near a centre, in standard deviations */
      errors: text(6_000),
      /** base64 of float16 [centres, targets]: mean targets near a centre, standardised */
      values: text(120_000),
    }),
  ),
  /** log expected error, in standard deviations: bias + Σ weights·signals; at the limit the score is 1 */
  difficulty: z.strictObject({
    /** of the logarithm */
    bias: z.number(),
    /** of the signals in their order; of later signals than these, 0 */
    weights: z.array(z.number()).check(z.minLength(1), z.maxLength(SIGNALS.length)),
    /** of the logarithm */
    limit: z.number(),
  }),
  /** of each target: |error| over the expected error, by level, on held-out crystals */
  residuals: perTarget(quantiles),
  /** of each target: |target − mean| in standard deviations, by level; all that is known of an element never seen */
  spread: perTarget(quantiles),
  /** on the held-out crystals: the share outside, and mean errors of each target in its unit; null for none */
  held_out: z.strictObject({
    /** share */
    outside: z.number().check(z.minimum(0), z.maximum(1)),
    /** mean */
    error_inside: perTarget(z.nullable(z.number())),
    /** mean */
    error_outside: perTarget(z.nullable(z.number())),
  }),
})

/** What a model has seen, how wrong it was there, and how both are told of a crystal. */
export type Domain = z.output<typeof domainSchema>
