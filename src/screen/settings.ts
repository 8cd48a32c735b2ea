// How a screening is done, as it crosses to other processes; what it means for a model follows here.

import type { Card } from '../../runtimes/card.ts'
import type { Codec } from '../parquet/write.ts'
import { chosenColumns, columnsOf } from './columns.ts'
import { parseFilter } from './filter.ts'
import type { PartOptions } from './part.ts'
import type { Format } from './sink.ts'

export interface Settings {
  readonly folder: string
  readonly format: Format
  readonly codec: Codec
  readonly rows: number
  readonly id: string | undefined
  readonly level: number
  /** Names; the usual ones without it. */
  readonly columns: readonly string[] | undefined
  readonly filter: string | undefined
}

/** @throws ScreenError for a column that is not there, or a filter that says nothing */
export function partOptions(settings: Settings, card: Card): PartOptions {
  const { filter, columns } = settings
  return {
    ...settings,
    columns: chosenColumns(card, columns),
    filter: filter === undefined ? undefined : parseFilter(filter, columnsOf(card).all),
  }
}
