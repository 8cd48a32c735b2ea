// The state of the page: the model, the crystals with what became of them, and what the user looks at.

import type { AttendedImage, Attention } from '../runtimes/attention.ts'
import type { LoadProgress, Model } from '../runtimes/model.ts'
import type { Failure } from '../src/components/failure.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { type CrystalTable, crystalTable, type Entry } from './crystals/table.ts'
import type { Example } from './intake/examples.ts'
import type { ModelSource } from './model/catalogue.ts'
import { createStore, type Store } from './store.ts'

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

/** How far a run over many structures is. */
export interface Progress {
  readonly done: number
  readonly total: number
  /** structures a second, once it can be told */
  readonly rate?: number
}

export interface PageState {
  readonly model: OpenModel | undefined
  readonly opening: Opening | undefined
  /** the table itself is changed in place: another object around it says so */
  readonly crystals: { readonly table: CrystalTable }
  /** structures that were read so far, while files are read */
  readonly reading: number | undefined
  readonly predicting: Progress | undefined
  /** the user has stopped the predictions */
  readonly stopped: boolean
  /** the crystal of the page's own that is shown; it gives way to what the user brings */
  readonly example: Example | undefined
  /** row that is looked at */
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
    crystals: { table: crystalTable() },
    reading: undefined,
    predicting: undefined,
    stopped: false,
    example: undefined,
    selected: undefined,
    atom: undefined,
    block: undefined,
    head: undefined,
    attending: undefined,
    pointed: undefined,
    refusal: undefined,
  })
}

/** The row that is looked at. */
export function selectedEntry({ crystals: { table }, selected }: PageState): Entry | undefined {
  return selected === undefined ? undefined : table.entry(selected)
}

/** What changes when another row is looked at. */
export function lookAt(selected: number | undefined) {
  return { selected, atom: undefined, attending: undefined, pointed: undefined }
}

/** What changes when all crystals go. */
export function emptied() {
  return { crystals: { table: crystalTable() }, example: undefined, stopped: false, ...lookAt(undefined) }
}

/** Tells those who watch the crystals that something in the table has changed. */
export function tellOfCrystals(store: PageStore): void {
  store.update({ crystals: { ...store.state.crystals } })
}
