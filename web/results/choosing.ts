// The controls above the table: search, filter by verdict, sorting by the heads of columns, and what is chosen elsewhere,
// such as a range of values in the plot.

import { part } from '../part.ts'
import type { PageStore } from '../state.ts'
import { type Choice, type Column, EVERYTHING, type Verdict } from './order.ts'

export interface Choosing {
  readonly choice: Choice
  choose(change: Partial<Choice>): void
  watch(react: () => void): void
}

/** Milliseconds after the last key before thousands of rows are searched. */
const TYPING_MS = 120

export function choosing(store: PageStore): Choosing {
  let choice = EVERYTHING
  const watchers: (() => void)[] = []
  const search = part<HTMLInputElement>('search')
  const verdict = part<HTMLSelectElement>('verdict-filter')
  const all = part('show-all')
  const heads = Array.from(document.querySelectorAll<HTMLElement>('#rows [data-column]'))

  function choose(change: Partial<Choice>): void {
    set({ ...choice, ...change })
    for (const react of watchers) react()
  }

  function set(now: Choice): void {
    choice = now
    all.hidden = choice.cause === undefined && choice.range === undefined
    for (const head of heads) {
      const sorted = choice.sort === head.dataset.column
      head.setAttribute('aria-sort', sorted ? (choice.descending ? 'descending' : 'ascending') : 'none')
    }
  }

  let typing: ReturnType<typeof setTimeout> | undefined
  search.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(() => choose({ search: search.value }), TYPING_MS)
  })
  verdict.addEventListener('change', () =>
    choose({ verdict: (verdict.value || undefined) as Verdict | undefined }),
  )
  all.addEventListener('click', () => choose({ cause: undefined, range: undefined }))
  for (const head of heads) {
    head.querySelector('button')?.addEventListener('click', () => {
      const column = head.dataset.column as Column
      // Up, down, and as they came.
      if (choice.sort !== column) choose({ sort: column, descending: false })
      else choose(choice.descending ? { sort: undefined, descending: false } : { descending: true })
    })
  }
  let { table } = store.state.crystals
  store.watch(['crystals'], ({ crystals }) => {
    if (crystals.table === table) return
    table = crystals.table
    search.value = ''
    verdict.value = ''
    // Whoever shows rows shows those of the new table anyway.
    set(EVERYTHING)
  })
  return {
    get choice() {
      return choice
    },
    choose,
    watch: (react) => void watchers.push(react),
  }
}
