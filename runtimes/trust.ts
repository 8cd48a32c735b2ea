// Whether a prediction can be trusted, by the domain in the card of its model: what has to be asked of the evaluator for
// that, and what follows from its answer. Files that were exported without a domain say nothing.

import { type Interval, judgeOf, type Verdict } from '../src/domain/judge.ts'
import type { Card } from './card.ts'
import type { Rows } from './evaluator.ts'
import { EMBEDDING } from './outputs.ts'

/** What is known of a prediction besides its value. */
export interface Trust {
  /** Whether the crystal is of the kind that the model was trained and tested on; null where its file does not say. */
  readonly domain: Verdict | null
  /** Where the true values lie; null where the file does not say, or was calibrated on too few crystals for the level. */
  readonly interval: Interval | null
}

export interface Truster {
  /** Outputs besides the prediction. */
  readonly outputs: readonly string[]
  /** Whether crystals have to be looked at. */
  readonly look: boolean
  trust(rows: Rows, values: readonly number[], level: number): Trust
}

const UNKNOWN: Truster = { outputs: [], look: false, trust: () => ({ domain: null, interval: null }) }

/** Domains are unpacked once. */
const known = new WeakMap<Card, Truster>()

export function trusterOf(card: Card): Truster {
  const { domain, targets } = card
  if (!domain) return UNKNOWN
  const made = known.get(card)
  if (made) return made
  const judge = judgeOf(domain, targets)
  const truster: Truster = {
    outputs: domain.features ? [EMBEDDING] : [],
    look: true,
    trust: ({ rows, look }, values, level) =>
      judge({ look: look!, embedding: rows[EMBEDDING], values }, level),
  }
  known.set(card, truster)
  return truster
}
