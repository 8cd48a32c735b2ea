// What whoever opens a data set and the thread that makes its index exchange.

import type { ReadProgress } from '../dataset.ts'
import type { Asked } from './place.ts'

/** What the thread is started with. */
export interface BuildData {
  readonly asked: Asked
  readonly index: string
  readonly source: string
}

/** At last one without progress. An error is its code and message. */
export type BuildAnswer =
  | { readonly progress: ReadProgress }
  | { readonly error?: { readonly code: string; readonly message: string } }
