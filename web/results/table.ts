// The table of all structures. Of thousands of rows those in sight are there, placed by @tanstack/virtual-core; a row is
// made once, and changed where its result was. The focus is that of the table, with one active row, so that it stays
// where it is when rows come and go.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type Rect,
  Virtualizer,
} from '@tanstack/virtual-core'
import type { Card } from '../../runtimes/card.ts'
import { element, fill } from '../../src/components/dom.ts'
import { figure } from '../../src/components/figures.ts'
import type { Result, Row } from '../crystals/table.ts'
import { part } from '../part.ts'
import { lookAt, type PageStore } from '../state.ts'
import { formulaNode } from '../viewer/formula.ts'
import type { Choosing } from './choosing.ts'
import { causeOf } from './failures.ts'
import { ordered, verdictOf } from './order.ts'

/** Pixels, as in the style sheet. */
const ROW_HEIGHT = 34
/** Of the grid at most: while it is hidden it has no height, and its first rows are made all the same. */
const FULL_HEIGHT = 512
/** Milliseconds between two sorts while results come. */
const SORT_MS = 600

const WORDS = { inside: 'inside', outside: 'outside', unknown: 'unknown', failed: 'failed', waiting: '…' }

/** Columns that can be sorted by, and the notes. */
const COLUMNS = [
  ['file', 'Structure'],
  ['formula', 'Formula'],
  ['atoms', 'Atoms'],
  ['value', 'Prediction'],
  ['verdict', 'Domain'],
  ['notes', 'Notes'],
] as const

/** The grid with its head and a body without rows. */
export function makeGrid(): void {
  const heads = COLUMNS.map(([column, title]) => {
    const unit = column === 'value' ? [' ', element('span', { id: 'value-unit', class: 'quiet' })] : []
    const head = element('div', { role: 'columnheader', class: classOf(column) })
    if (column === 'notes') head.append(title)
    else {
      head.dataset.column = column
      head.setAttribute('aria-sort', 'none')
      head.append(element('button', { type: 'button', class: 'link' }, title, ...unit))
    }
    return head
  })
  const top = element('div', { role: 'row', class: 'row', 'aria-rowindex': 1 }, ...heads)
  const grid = part('rows')
  grid.setAttribute('role', 'grid')
  grid.setAttribute('aria-label', 'Structures and predictions. Up and down choose a row.')
  grid.tabIndex = 0
  grid.append(
    element('div', { role: 'rowgroup', class: 'grid-head' }, top),
    element('div', { role: 'rowgroup', class: 'grid-body', id: 'rows-body' }),
  )
}

function classOf(column: string): string {
  return `c-${column}${column === 'atoms' || column === 'value' ? ' number' : ''}`
}

interface Made {
  readonly element: HTMLElement
  readonly result: Result
  readonly targets: Card['targets']
}

export function resultsTable(store: PageStore, choosing: Choosing): void {
  const section = part('results')
  const grid = part('rows')
  const body = part('rows-body')
  const made = new Map<number, Made>()
  let order: readonly number[] = []
  let sorted = 0
  let later: ReturnType<typeof setTimeout> | undefined

  const options = {
    count: 0,
    getScrollElement: () => grid,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    // Below the head, which stays.
    scrollPaddingStart: ROW_HEIGHT,
    scrollToFn: elementScroll,
    observeElementRect: (instance: Virtualizer<HTMLElement, HTMLElement>, tell: (rect: Rect) => void) =>
      observeElementRect(instance, (rect) => tell({ ...rect, height: rect.height || FULL_HEIGHT })),
    observeElementOffset,
    onChange: () => draw(),
  }
  const virtual = new Virtualizer<HTMLElement, HTMLElement>(options)
  virtual._didMount()
  // It asks for the size of the grid, which costs a layout: not when the first rows come, with all that is new then.
  setTimeout(() => virtual._willUpdate())

  function draw(): void {
    const { selected, model, crystals } = store.state
    const targets = model?.model.card.targets ?? []
    body.style.height = `${virtual.getTotalSize()}px`
    grid.style.setProperty('--rows-height', `${virtual.getTotalSize() + ROW_HEIGHT + 18}px`)
    const seen = new Set<number>()
    const place = (at: number, start: number) => {
      const row = order[at]
      seen.add(row)
      const result = crystals.table.result(row)
      let known = made.get(row)
      if (known?.result !== result || known.targets !== targets) {
        const cells = cellsOf(crystals.table.row(row), targets)
        const shell = known?.element ?? shellOf(row)
        fill(shell, ...cells)
        if (!known) body.append(shell)
        known = { element: shell, result, targets }
        made.set(row, known)
      }
      known.element.style.transform = `translateY(${start}px)`
      known.element.setAttribute('aria-rowindex', String(at + 2))
      known.element.setAttribute('aria-selected', String(row === selected))
    }
    for (const { index, start } of virtual.getVirtualItems()) place(index, start)
    // The active row is there even where it is out of sight.
    const at = selected === undefined ? -1 : order.indexOf(selected)
    if (at >= 0 && !seen.has(selected!)) place(at, at * ROW_HEIGHT)
    if (at >= 0) grid.setAttribute('aria-activedescendant', `row-${selected}`)
    else grid.removeAttribute('aria-activedescendant')
    for (const [row, { element }] of made) {
      if (seen.has(row)) continue
      element.remove()
      made.delete(row)
    }
  }

  function arrange(): void {
    clearTimeout(later)
    later = undefined
    sorted = performance.now()
    order = ordered(store.state.crystals.table, choosing.choice, causeOf)
    part('shown').textContent =
      order.length === store.state.crystals.table.count ? '' : `${order.length.toLocaleString('en')} shown`
    grid.setAttribute('aria-rowcount', String(order.length + 1))
    virtual.setOptions({ ...options, count: order.length } as never)
    virtual._willUpdate()
    draw()
  }

  let { table } = store.state.crystals
  store.watch(['crystals', 'model'], ({ crystals, model }) => {
    const isNew = crystals.table !== table
    table = crystals.table
    if (isNew) {
      for (const { element } of made.values()) element.remove()
      made.clear()
      order = []
      virtual.setOptions({ ...options, count: 0 } as never)
    }
    section.hidden = table.count < 2
    part('value-unit').textContent = model?.model.card.targets.map(({ unit }) => unit).join(', ') ?? ''
    if (section.hidden) return
    const { sort, search, verdict, cause, range } = choosing.choice
    const asTheyCame = !sort && search === '' && !verdict && cause === undefined && !range
    if (isNew || (asTheyCame && order.length !== table.count)) return arrange()
    if (asTheyCame) return draw()
    // What is sorted or filtered by results changes with them.
    if (performance.now() - sorted > SORT_MS) return arrange()
    later ??= setTimeout(arrange, SORT_MS)
    draw()
  })
  store.watch(['selected'], () => {
    if (!section.hidden) draw()
  })
  choosing.watch(arrange)

  body.addEventListener('click', (event) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-row]')
    if (row) store.update(lookAt(Number(row.dataset.row)))
  })
  grid.addEventListener('keydown', (event) => {
    if (event.target !== grid) return
    const at = store.state.selected === undefined ? -1 : order.indexOf(store.state.selected)
    const page = Math.max(1, Math.floor(grid.clientHeight / ROW_HEIGHT) - 2)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: order.length - 1,
    }
    const to = moves[event.key]
    if (to === undefined || order.length === 0) return
    event.preventDefault()
    const next = Math.max(0, Math.min(order.length - 1, to))
    virtual.scrollToIndex(next)
    store.update(lookAt(order[next]))
  })
}

function shellOf(row: number): HTMLElement {
  return element('div', { role: 'row', id: `row-${row}`, class: 'row', 'data-row': row })
}

function cellsOf(row: Row, targets: Card['targets']): HTMLElement[] {
  const { file, index, reduced, formula, atoms, result } = row
  const verdict = verdictOf(row)
  const cell = (name: string, ...children: (Node | string)[]) =>
    element('div', { role: 'gridcell', class: name }, ...children)
  const name = index > 0 ? `${file} #${index + 1}` : file
  const head = element('div', { role: 'rowheader', class: 'c-file', title: name }, name)
  const wide = cell('c-formula', formulaNode(reduced))
  wide.title = formula
  const badge = element('span', { class: `badge ${verdict}` }, WORDS[verdict])
  const why = whyOf(row)
  const notes = cell('c-notes', why)
  notes.title = why
  return [
    head,
    wide,
    cell('c-atoms number', atoms > 0 ? String(atoms) : ''),
    cell('c-value number', ...valueNodes(result, targets)),
    cell('c-verdict', badge),
    notes,
  ]
}

function valueNodes(result: Result, targets: Card['targets']): (Node | string)[] {
  if (result.status !== 'done') return []
  return result.prediction.values.flatMap((value, t) => [
    ...(t > 0 ? [', '] : []),
    element('data', { value }, figure(value, targets[t])),
  ])
}

/** Why there is no value, or why it is not to be trusted, or what was assumed. */
function whyOf({ result, warnings }: Row): string {
  if (result.status === 'failed') return `${result.failure.code} ${result.failure.message}`
  const reason = result.status === 'done' ? result.prediction.domain?.reasons[0] : undefined
  return reason ?? warnings[0] ?? ''
}
