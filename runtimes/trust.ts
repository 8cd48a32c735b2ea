// Whether a prediction can be trusted, by the domain in the card of its model: what has to be asked of the evaluator for
// that, and what follows from its answer. Files that were exported without a domain say nothing.

import { type Interval, judgeOf, type Verdict } from '../src/domain/judge.ts'
import { sampleDeviation } from '../src/math/moments.ts'
import { learned } from '../src/math/transform.ts'
import type { Card, CardTarget } from './card.ts'
import type { Rows } from './evaluator.ts'
import { EMBEDDING, MEMBERS } from './outputs.ts'

/** What is known of a prediction besides its value. */
export interface Trust {
  /** Whether the crystal is of the kind that the model was trained and tested on; null where its file does not say. */
  readonly domain: Verdict | null
  /** Where the true values lie; null where the file does not say, or was calibrated on too few crystals for the level. */
  readonly interval: Interval | null
  /** Of an ensemble: what each member predicts, [members][targets]. */
  readonly members?: readonly (readonly number[])[]
  /** Of an ensemble: standard deviations of what its members predict, in the order of the targets and in their units. */
  readonly spread?: readonly number[]
}

export interface Truster {
  /** Outputs besides the prediction. */
  readonly outputs: readonly string[]
  /** Whether crystals have to be looked at. */
  readonly look: boolean
  trust(rows: Rows, values: readonly number[], level: number): Trust
}

/** Domains are unpacked once. */
const known = new WeakMap<Card, Truster>()

export function trusterOf(card: Card): Truster {
  const made = known.get(card)
  if (made) return made
  const { domain, targets, outputs } = card
  const judge = domain && judgeOf(domain, targets)
  const isEnsemble = outputs.includes('members')
  const truster: Truster = {
    outputs: [...(domain?.features ? [EMBEDDING] : []), ...(isEnsemble ? [MEMBERS] : [])],
    look: domain !== undefined,
    trust({ rows, look }, values, level) {
      const { apart, ...several } = isEnsemble ? apartOf(rows[MEMBERS], targets) : {}
      const judged = judge?.({ look: look!, embedding: rows[EMBEDDING], values, apart }, level)
      return { domain: null, interval: null, ...judged, ...several }
    },
  }
  known.set(card, truster)
  return truster
}

/** What members predict and how far they are apart. @param flat [members, targets] */
export function apartOf(flat: Float32Array, targets: readonly CardTarget[]) {
  const { length } = targets
  const members = Array.from({ length: flat.length / length }, (_, m) => [
    ...flat.subarray(m * length, (m + 1) * length),
  ])
  return {
    members,
    spread: targets.map((_, t) => sampleDeviation(members.map((own) => own[t]))),
    /** standardised */
    apart: targets.map(
      (target, t) => sampleDeviation(members.map((own) => learned(own[t], target))) / target.std,
    ),
  }
}
