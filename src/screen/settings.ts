// How a screening is done, as it crosses to other processes; what it means for a model follows here.

import type { Card } from '../../runtimes/card.ts'
import { chosenColumns, columnsOf } from './columns.ts'
import { parseFilter } from './filter.ts'
import type { PartOptions } from './part.ts'

export interface Settings extends Omit<PartOptions, 'columns' | 'filter'> {
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
