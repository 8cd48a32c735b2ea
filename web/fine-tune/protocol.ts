// What the page and the worker that fine-tunes say to each other: one request, then what happens, then an end.

import type { Card } from '../../runtimes/card.ts'
import type { Failure } from '../../src/components/failure.ts'
import type { EvaluatedCrystal } from '../../src/training/evaluate.ts'
import type { Batch } from '../crystals/batch.ts'

export interface Request {
  /** the .onnx file: its address, or itself */
  readonly model: string | File
  /** for the card and for messages */
  readonly modelName: string
  readonly data: string
  readonly batches: readonly Batch[]
  /** by row of the batches; NaN where there is none */
  readonly labels: Float64Array
  readonly target: { readonly name: string; readonly unit: string }
  /** whether that is what the model predicts: its last layer is kept then */
  readonly isSame: boolean
  readonly epochs: number
}

/** An epoch, in the unit of the target. */
export interface Epoch {
  readonly epoch: number
  readonly epochs: number
  /** mean absolute error over the steps of the epoch; null of a target whose logarithm is learned */
  readonly train: number | null
  /** on the crystals that are tuned on */
  readonly val: number | null
}

/** A value in the unit of the target beside what the data says. */
export type Judged = Pick<EvaluatedCrystal, 'id' | 'formula'> & {
  readonly actual: number
  readonly predicted: number
}

export interface FineTuned {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly target: Card['targets'][number]
  readonly crystals: Readonly<Record<'train' | 'val' | 'test', number>>
  /** whether no formula of the held-out crystals was learned from */
  readonly newFormulas: boolean
  /** mean absolute error on the test split of the model as it was; null where it predicts something else */
  readonly before: number | null
  readonly after: number
  /** of always answering the mean of what was learned from */
  readonly ofMean: number
  /** share of the test split within the intervals at 90 %; null without intervals */
  readonly coverage: number | null
  readonly test: readonly Judged[]
  readonly epochs: readonly Epoch[]
  readonly seconds: number
}

export type Stage = 'open' | 'prepare' | 'train' | 'export'

export type Reply =
  | { readonly stage: Stage }
  | { readonly epoch: Epoch }
  | { readonly result: FineTuned }
  | { readonly failure: Failure }
