// The state of the page: the model, the structures with what became of them, and what the user looks at.

import type { AttendedImage, Attention } from '../runtimes/attention.ts'
import type { LoadProgress, Model } from '../runtimes/model.ts'
import type { Prediction } from '../runtimes/predict.ts'
import type { Structure } from '../src/crystal/structure.ts'
import type { Failure } from './failure.ts'
import type { Known } from './intake/examples.ts'
import type { ModelSource } from './model/catalogue.ts'
import { createStore, type Store } from './store.ts'

/** What became of one structure. */
export type Result =
  | { readonly status: 'waiting' }
  | { readonly status: 'done'; readonly prediction: Prediction }
  | { readonly status: 'failed'; readonly failure: Failure }

/** One structure of one file, or why there is none. */
export interface Entry {
  readonly id: number
  readonly file: string
  /** within the file, from 0 */
  readonly index: number
  readonly structure?: Structure
  readonly warnings: readonly string[]
  readonly result: Result
  /** one of the page's own, which gives way to what the user brings */
  readonly example?: true
  /** of an example: what is known of it */
  readonly known?: Known
}

/** An opened model and where it came from. */
export interface OpenModel {
  readonly model: Model
  readonly source: ModelSource
}

/** Where the opening of a model stands. The model that was open before stays until another one is. */
export type Opening =
  | { readonly source: ModelSource; readonly progress?: LoadProgress }
  | { readonly source: ModelSource; readonly failure: Failure }

/** The attention of one crystal, or why there is none. */
export type Attending =
  | { readonly attention: Attention; readonly structure: Structure }
  | { readonly failure: Failure }

export interface PageState {
  readonly model: OpenModel | undefined
  readonly opening: Opening | undefined
  readonly entries: readonly Entry[]
  /** `id` of the entry that is looked at */
  readonly selected: number | undefined
  /** site of the selected structure whose attention is looked at */
  readonly atom: number | undefined
  /** block and head that are looked at; undefined for the mean over all */
  readonly block: number | undefined
  readonly head: number | undefined
  readonly attending: Attending | undefined
  /** the image that the list points at */
  readonly pointed: AttendedImage | undefined
  /** what was refused as a whole: too many files, an empty text */
  readonly refusal: Failure | undefined
}

export type PageStore = Store<PageState>

export function createPageStore(): PageStore {
  return createStore<PageState>({
    model: undefined,
    opening: undefined,
    entries: [],
    selected: undefined,
    atom: undefined,
    block: undefined,
    head: undefined,
    attending: undefined,
    pointed: undefined,
    refusal: undefined,
  })
}

/** The entry that is looked at. */
export function selectedEntry({ entries, selected }: PageState): Entry | undefined {
  return entries.find(({ id }) => id === selected)
}
