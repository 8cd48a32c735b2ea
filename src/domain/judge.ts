// A domain at work: whether a prediction can be trusted, why not, and the interval around it.

import { ConfigError } from '../errors.ts'
import { learned, restored } from '../math/transform.ts'
import { logError } from './difficulty.ts'
import { featuresOf, neighbourhoodIn } from './features.ts'
import { HIGHEST, LOWEST, quantileAt } from './levels.ts'
import type { Look } from './look.ts'
import { type Predicted, reasonsOf, unseenPairs } from './reasons.ts'
import type { Domain } from './section.ts'
import { seenIn, signalsOf } from './signals.ts'

/** Beyond it numbers say no more: so far from everything, nothing was calibrated. */
const LARGEST_SCORE = 100

/** Whether a crystal is of the kind that a model was trained and tested on. */
export interface Verdict {
  /** nothing speaks against it, and the score is at most 1 */
  readonly inside: boolean
  /** expected error, relative to that at the limit of the domain */
  readonly score: number
  /** what speaks against it, in words; empty inside */
  readonly reasons: readonly string[]
}

/** Where the true values lie, with a probability that held on crystals the model was not trained on. */
export interface Interval {
  /** that probability */
  readonly level: number
  /**
   * lower ends, in the order of the targets and in their units; of a target that was calibrated on too few crystals for
   * such a level, the interval is all that it can be: from −∞ (of a logarithm that was learned, 0) to ∞
   */
  readonly low: readonly number[]
  /** upper ends */
  readonly high: readonly number[]
}

/** What is asked of a domain. */
export interface Prediction {
  readonly look: Look
  readonly embedding?: ArrayLike<number>
  /** [targets], in their units */
  readonly values: readonly number[]
  /** [targets] standard deviations of what the members of an ensemble predict, standardised */
  readonly apart?: readonly number[]
}

/** What a domain says of one prediction; null where no target was calibrated on enough crystals for such a level. */
export interface Judgement {
  readonly domain: Verdict
  readonly interval: Interval | null
}

/** A target with its scaling, which is of what was learned of it. */
export interface ScaledTarget extends Predicted {
  readonly mean: number
}

/** What a domain says of one prediction, with intervals at any level; null as above. */
export interface Judged {
  readonly domain: Verdict
  readonly intervalAt: (level: number) => Interval | null
}

/** @throws ConfigError for a level that no calibration holds */
export function checkLevel(level: number): void {
  if (level >= LOWEST / 100 && level <= HIGHEST / 100) return
  throw new ConfigError(
    `level ${level}: intervals are calibrated for ${LOWEST / 100} to ${HIGHEST / 100}; choose one of those`,
  )
}

export function judgeOf(
  domain: Domain,
  targets: readonly ScaledTarget[],
): (prediction: Prediction, level: number) => Judgement {
  const judged = judgedBy(domain, targets)
  return (prediction, level) => {
    const { domain, intervalAt } = judged(prediction)
    return { domain, interval: intervalAt(level) }
  }
}

/** The same for several levels: a crystal is looked at once. */
export function judgedBy(
  domain: Domain,
  targets: readonly ScaledTarget[],
): (prediction: Prediction) => Judged {
  const seen = seenIn(domain)
  const features = featuresOf(domain)
  const around = features && neighbourhoodIn(features)
  const { difficulty, residuals, spread } = domain
  return ({ look, embedding, values, apart }) => {
    const known = values.map((value, t) => learned(value, targets[t]))
    const standardised = known.map((y, t) => (y - targets[t].mean) / targets[t].std)
    const near = embedding && around?.(embedding)
    const signals = signalsOf(seen, { look, near, standardised, apart })
    const expected = Math.min(logError(difficulty, signals), difficulty.limit + Math.log(LARGEST_SCORE))
    const score = Math.exp(expected - difficulty.limit)
    const reasons = reasonsOf(domain, seen, look, values, targets)
    if (score > 1) {
      reasons.push(
        ...unseenPairs(seen, look).filter((reason) => !reasons.includes(reason)),
        `unlike what was seen: ${score.toPrecision(2)} times the expected error at the limit of the domain`,
      )
    }
    const isUnknown = look.elements.some(([z]) => !seen.elements.has(z))
    const intervalAt = (level: number): Interval | null => {
      const half = targets.map(({ std }, t) => {
        const width = quantileAt(residuals[t], level)
        if (width === undefined) return Number.POSITIVE_INFINITY
        // Of an element that was never seen no more is known than how the targets spread.
        const least = isUnknown ? (quantileAt(spread[t], level) ?? 0) : 0
        return std * Math.max(width * Math.exp(expected), least)
      })
      if (!half.some(Number.isFinite)) return null
      return {
        level,
        low: known.map((y, t) => restored(y - half[t], targets[t])),
        high: known.map((y, t) => restored(y + half[t], targets[t])),
      }
    }
    return { domain: { inside: reasons.length === 0, score, reasons }, intervalAt }
  }
}
