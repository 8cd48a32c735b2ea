// What a training and the thread that prepares crystals ahead of it exchange.

import type { RecordPlace } from '../../data/crystals.ts'
import type { FedCrystal, Preparation } from '../../engines/preparation.ts'

/** What the thread is started with. */
export interface AheadData {
  readonly preparation: Preparation
}

/** Crystals that are wanted; answered in the order of the tasks. */
export type AheadTask = readonly RecordPlace[]

export type AheadAnswer = { readonly crystals: readonly FedCrystal[] } | { readonly error: string }
