// The domain of a model from crystals that it learned from and crystals that it did not: what was seen, what tells how
// wrong predictions are, where the limit lies, and the residuals that intervals are made of.

import type { Structure } from '../crystal/structure.ts'
import { mean } from '../math/mean.ts'
import { learned as learnedOf } from '../math/transform.ts'
import { type Difficulty, fitDifficulty, logError } from './difficulty.ts'
import { featuresOf, neighbourhoodIn } from './features.ts'
import { fitFeatures } from './fit-features.ts'
import { fitSeen } from './fit-seen.ts'
import type { ScaledTarget } from './judge.ts'
import { conformalQuantiles } from './levels.ts'
import type { Look } from './look.ts'
import { lookAt } from './look-at.ts'
import { short } from './packed.ts'
import { reasonsOf, unseenPairs } from './reasons.ts'
import type { Domain } from './section.ts'
import { type Seen, seenIn, signalsOf } from './signals.ts'

/** A labelled crystal and what the network makes of it. */
export interface Sample {
  readonly structure: Structure
  /** the pooled atoms before the head, of a network that gives them */
  readonly embedding?: Float32Array
  /** [targets] as labelled, in their units; null where a label is missing, which some are, but not all */
  readonly actual: readonly (number | null)[]
  /** [targets] as predicted */
  readonly predicted: readonly number[]
  /** [targets] standard deviations of what the members of an ensemble predict, standardised */
  readonly apart?: readonly number[]
}

export interface FitInput {
  readonly targets: readonly ScaledTarget[]
  /** That the network learned from. */
  readonly learned: readonly Sample[]
  /** Of the same kind, that it did not. */
  readonly heldOut: readonly Sample[]
  /** Left out of what it learned from by chemistry: they calibrate, and say nothing of where the limit lies. */
  readonly byChemistry?: readonly Sample[]
}

/** Held-out crystals without which nothing can be said. */
export const FEWEST_HELD_OUT = 20
/** Share of the held-out crystals that lies outside. */
const OUTSIDE = 0.07
/** Parts of the held-out crystals, each judged by what the others say. */
const FOLDS = 10

/** Undefined for fewer than FEWEST_HELD_OUT held-out crystals. */
export function fitDomain({ targets, learned, heldOut, byChemistry = [] }: FitInput): Domain | undefined {
  if (heldOut.length < FEWEST_HELD_OUT || learned.length === 0) return undefined
  const seenPart = fitSeen(
    learned.map((sample) => ({
      look: lookAt(sample.structure),
      sites: sample.structure.frac.length,
      error: Math.max(1e-6, errorOf(sample, targets)),
    })),
  )
  const features = featuresFrom(learned, targets)
  const range = targets.map((_, t): [number, number] => {
    return extremes(learned.flatMap(({ actual }) => actual[t] ?? []))
  })
  const parts = { ...seenPart, targets: range, ...(features && { features }) }
  const seen = seenIn(parts)
  const decoded = featuresOf(parts)
  const around = decoded && neighbourhoodIn(decoded)
  const judged = [...heldOut, ...byChemistry].map((sample): Judged => {
    const look = lookAt(sample.structure)
    const { embedding, apart } = sample
    const standardised = sample.predicted.map((value, t) => standard(value, targets[t]))
    const near = embedding && around?.(embedding)
    const signals = signalsOf(seen, { look, near, standardised, apart })
    return { sample, look, signals, error: errorOf(sample, targets) }
  })
  const difficulty = difficultyOf(judged)
  const ordinary = judged.slice(0, heldOut.length)
  const strangers = ordinary.filter(({ look }) => unseenPairs(seen, look).length > 0)
  const described = { ...parts, unseen_pairs: short(strangers.length / ordinary.length) }
  const limit = limitOf(ordinary, difficulty, (judgedOne) => hasReasons(judgedOne, described, seen, targets))
  const isOutside = (one: Judged) =>
    logError(difficulty, one.signals) > limit || hasReasons(one, described, seen, targets)
  return {
    crystals: { fitted: learned.length, held_out: judged.length, by_chemistry: byChemistry.length },
    ...described,
    difficulty: { ...difficulty, limit },
    residuals: residualsOf(judged, targets),
    spread: targets.map((target, t) => {
      const values = learned.flatMap(({ actual }) => actual[t] ?? [])
      return conformalQuantiles(values.map((value) => Math.abs(standard(value, target)))).map(short)
    }),
    held_out: {
      outside: short(ordinary.filter(isOutside).length / ordinary.length),
      error_inside: meanErrors(
        ordinary.filter((one) => !isOutside(one)),
        targets,
      ),
      error_outside: meanErrors(ordinary.filter(isOutside), targets),
    },
  }
}

/** A held-out crystal with what tells of its error, and the error. */
interface Judged {
  readonly sample: Sample
  readonly look: Look
  readonly signals: readonly number[]
  readonly error: number
}

/** Root of the mean square over the targets that are labelled, in standard deviations. */
function errorOf(sample: Sample, targets: readonly ScaledTarget[]): number {
  const errors = targets.flatMap((target, t) => deviation(sample, target, t) ?? [])
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
}

/** Of the prediction of target t from its label, in standard deviations; undefined without a label. */
function deviation({ actual, predicted }: Sample, target: ScaledTarget, t: number): number | undefined {
  const label = actual[t]
  return label === null
    ? undefined
    : (learnedOf(predicted[t], target) - learnedOf(label, target)) / target.std
}

function standard(value: number, target: ScaledTarget): number {
  return (learnedOf(value, target) - target.mean) / target.std
}

function featuresFrom(learned: readonly Sample[], targets: readonly ScaledTarget[]): Domain['features'] {
  if (!learned[0].embedding) return undefined
  return fitFeatures(
    learned.map((sample) => ({
      embedding: sample.embedding!,
      error: errorOf(sample, targets),
      // Where a label is missing, what the network makes of it: nothing there contradicts it.
      standardised: sample.actual.map((value, t) => standard(value ?? sample.predicted[t], targets[t])),
    })),
  )
}

function difficultyOf(judged: readonly Judged[]): Difficulty {
  return fitDifficulty(
    judged.map(({ signals }) => signals),
    judged.map(({ error }) => error),
  )
}

/** The expected error beyond which, with those that have reasons, the share OUTSIDE of the crystals lies. */
function limitOf(
  judged: readonly Judged[],
  difficulty: Difficulty,
  hasReason: (judged: Judged) => boolean,
): number {
  const scores = judged
    .filter((one) => !hasReason(one))
    .map(({ signals }) => logError(difficulty, signals))
    .sort((a, b) => b - a)
  const more = Math.max(0, Math.floor(OUTSIDE * judged.length) - (judged.length - scores.length))
  return scores[Math.min(more, scores.length - 1)] ?? 0
}

function hasReasons(
  { look, sample: { predicted } }: Judged,
  described: Parameters<typeof reasonsOf>[0],
  seen: Seen,
  targets: readonly ScaledTarget[],
): boolean {
  return reasonsOf(described, seen, look, predicted, targets).length > 0
}

/** Each crystal by the difficulty that the other parts say: what was fitted to it would promise too much. */
function residualsOf(judged: readonly Judged[], targets: readonly ScaledTarget[]): number[][] {
  const ratios = targets.map((): number[] => [])
  for (let fold = 0; fold < FOLDS; fold++) {
    const difficulty = difficultyOf(judged.filter((_, n) => n % FOLDS !== fold))
    for (const { sample, signals } of judged.filter((_, n) => n % FOLDS === fold)) {
      const expected = Math.exp(logError(difficulty, signals))
      for (const [t, target] of targets.entries()) {
        const error = deviation(sample, target, t)
        if (error !== undefined) ratios[t].push(Math.abs(error) / expected)
      }
    }
  }
  return ratios.map((values) => conformalQuantiles(values).map(short))
}

function meanErrors(judged: readonly Judged[], targets: readonly ScaledTarget[]): (number | null)[] {
  return targets.map((_, t) => {
    const errors = judged.flatMap(({ sample: { actual, predicted } }) => {
      const label = actual[t]
      return label === null ? [] : [Math.abs(predicted[t] - label)]
    })
    return errors.length === 0 ? null : short(mean(errors))
  })
}

/** Least and largest; a spread of many arguments would overflow the stack. */
function extremes(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], x) => [Math.min(low, x), Math.max(high, x)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}
