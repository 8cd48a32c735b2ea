// Failures by their cause: of a thousand files that lack the same thing, one line.

import { element, fill } from '../../src/components/dom.ts'
import type { Failure } from '../../src/components/failure.ts'
import type { CrystalTable, Row } from '../crystals/table.ts'
import { part } from '../part.ts'
import type { PageStore } from '../state.ts'
import type { Choosing } from './choosing.ts'

export interface Cause {
  readonly key: string
  readonly code: string
  /** the message of the first, without the name of its file */
  readonly message: string
  readonly count: number
}

/** Groups that are listed; the table holds the others. */
const LISTED = 12

/** The cause of a row that failed: its message without what differs from file to file. */
export function causeOf({ file, result }: Pick<Row, 'file' | 'result'>): string | undefined {
  return result.status === 'failed' ? keyOf(result.failure, file) : undefined
}

function keyOf({ code, message }: Failure, file: string): string {
  const bare = withoutFile(message, file)
    .replace(/"[^"]*"/g, '"…"')
    .replace(/[-+]?\d+(?:\.\d+)?/g, 'n')
  return `${code}: ${bare}`
}

function withoutFile(message: string, file: string): string {
  return message.replaceAll(file, '').replace(/^(?:,? ?line \d+)?[,:]? /, '')
}

/** Largest group first. */
export function causes(table: CrystalTable): Cause[] {
  const groups = new Map<string, { code: string; message: string; count: number }>()
  for (let n = 0; n < table.count && table.counts.failed > 0; n++) {
    const row = table.row(n)
    if (row.result.status !== 'failed') continue
    const { code, message } = row.result.failure
    const key = keyOf(row.result.failure, row.file)
    const group = groups.get(key)
    if (group) group.count++
    else groups.set(key, { code, message: withoutFile(message, row.file), count: 1 })
  }
  return [...groups].map(([key, group]) => ({ key, ...group })).sort((a, b) => b.count - a.count)
}

/** The list of causes above the table; one of them chosen shows its rows alone. */
export function failureList(store: PageStore, choosing: Choosing): void {
  const box = part<HTMLDetailsElement>('failures')
  const list = part('causes')
  let shown = ''
  store.watch(['crystals', 'predicting', 'reading'], ({ crystals: { table }, reading, predicting }) => {
    box.hidden = table.counts.failed === 0 || table.count < 2
    const busy = reading !== undefined || predicting !== undefined
    const now = `${table.counts.failed} ${busy}`
    // Groups are told when all is done: a list that changes all the time cannot be read.
    if (now === shown || (busy && table.counts.failed > LISTED)) return
    shown = now
    part('failures-title').textContent = `${table.counts.failed} failed`
    const found = causes(table)
    fill(list, ...found.slice(0, LISTED).map((cause) => item(cause, choosing)))
  })
}

function item({ key, code, message, count }: Cause, choosing: Choosing): HTMLElement {
  const button = element('button', { type: 'button', class: 'link' }, `${count} × ${code}`)
  button.addEventListener('click', () => choosing.choose({ cause: key }))
  return element('li', {}, button, ` ${message}`)
}
