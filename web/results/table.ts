// The table of all structures, with download as CSV. Rows are made once and changed where an entry was replaced.

import type { Card } from '../../runtimes/card.ts'
import { formula, reducedFormula } from '../../src/crystal/formula.ts'
import { element, part } from '../dom.ts'
import { figure } from '../figures.ts'
import { lookAt } from '../intake/take.ts'
import type { Entry, PageState, PageStore } from '../state.ts'
import { csvOf, download } from './csv.ts'

type Order = 'none' | 'ascending' | 'descending'
const NEXT: Record<Order, Order> = { none: 'ascending', ascending: 'descending', descending: 'none' }

interface Row {
  readonly entry: Entry
  readonly element: HTMLTableRowElement
}

export function resultsTable(store: PageStore): void {
  const section = part('results')
  const body = part<HTMLTableSectionElement>('rows')
  const header = part('value-header')
  const rows = new Map<number, Row>()
  let order: Order = 'none'

  part('sort').addEventListener('click', () => {
    order = NEXT[order]
    header.setAttribute('aria-sort', order)
    place(store.state)
  })
  part('csv').addEventListener('click', () => {
    const { entries, model } = store.state
    download('predictions.csv', csvOf(entries, model?.model.card.targets ?? []))
  })
  part('clear').addEventListener('click', () => store.update({ entries: [], ...lookAt(undefined) }))

  function place({ entries }: PageState): void {
    body.replaceChildren(...sorted(entries, order).map(({ id }) => rows.get(id)!.element))
  }

  store.watch(['entries', 'model'], (state) => {
    section.hidden = state.entries.length < 2
    const present = new Set(state.entries.map(({ id }) => id))
    for (const id of rows.keys()) if (!present.has(id)) rows.delete(id)
    for (const entry of state.entries) {
      const row = rows.get(entry.id)
      if (row?.entry === entry) continue
      const targets = state.model?.model.card.targets ?? []
      const made = rowOf(entry, targets, () => store.update(lookAt(entry.id)))
      made.setAttribute('aria-selected', String(entry.id === state.selected))
      row?.element.replaceWith(made)
      rows.set(entry.id, { entry, element: made })
    }
    place(state)
    part('value-unit').textContent = state.model?.model.card.targets.map(({ unit }) => unit).join(', ') ?? ''
    part('count').textContent = summary(state.entries)
  })
  store.watch(['selected'], ({ selected }) => {
    for (const [id, row] of rows) row.element.setAttribute('aria-selected', String(id === selected))
  })
}

function rowOf(entry: Entry, targets: Card['targets'], look: () => void): HTMLTableRowElement {
  const { file, index, structure, result } = entry
  const name = element(
    'button',
    { type: 'button', class: 'link' },
    index > 0 ? `${file} #${index + 1}` : file,
  )
  name.addEventListener('click', look)
  const cells = [
    element('th', { scope: 'row' }, name),
    element('td', {}, structure ? reducedFormula(structure) : ''),
    element('td', { class: 'number' }, structure ? String(structure.frac.length) : ''),
    valueCell(entry, targets),
    noteCell(entry),
  ]
  const row = element(
    'tr',
    { class: result.status, title: structure ? formula(structure) : undefined },
    ...cells,
  )
  row.addEventListener('click', ({ target }) => {
    if (target !== name) look()
  })
  return row
}

function valueCell({ result }: Entry, targets: Card['targets']): HTMLElement {
  if (result.status !== 'done')
    return element('td', { class: 'number' }, result.status === 'waiting' ? '…' : '')
  const { values } = result.prediction
  const shown = values.flatMap((value, t) => [
    t > 0 ? ', ' : '',
    element('data', { value }, figure(value, targets[t])),
  ])
  return element('td', { class: 'number' }, ...shown)
}

function noteCell({ result, warnings }: Entry): HTMLElement {
  if (result.status === 'failed') {
    const { code, message } = result.failure
    return element('td', { class: 'error' }, element('strong', {}, code), ` ${message}`)
  }
  const reason = result.status === 'done' ? result.prediction.domain?.reasons[0] : undefined
  if (reason !== undefined) {
    return element('td', { class: 'outside' }, element('strong', {}, 'outside'), ` ${reason}`)
  }
  return element('td', { class: 'quiet' }, warnings[0])
}

function sorted(entries: readonly Entry[], order: Order): readonly Entry[] {
  if (order === 'none') return entries
  const sign = order === 'ascending' ? 1 : -1
  const key = ({ result }: Entry) => (result.status === 'done' ? sign * result.prediction.value : Infinity)
  // Two without a value stay as they are: their difference is not a number.
  return [...entries].sort((a, b) => key(a) - key(b) || 0)
}

function summary(entries: readonly Entry[]): string {
  const count = (status: Entry['result']['status']) =>
    entries.filter(({ result }) => result.status === status).length
  const [waiting, failed] = [count('waiting'), count('failed')]
  const parts = [`${entries.length} structures`]
  if (waiting > 0) parts.push(`${waiting} waiting`)
  if (failed > 0) parts.push(`${failed} failed`)
  return parts.join(', ')
}
