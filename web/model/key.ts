// The key of a server that wants one: asked for when it refuses, kept in memory as long as the page is open, and sent to that
// server alone, in a header.

import { part } from '../part.ts'
import type { PageStore } from '../state.ts'
import type { ModelSource } from './catalogue.ts'

export function serverKey(store: PageStore, open: (source: ModelSource) => Promise<void>): void {
  const form = part<HTMLFormElement>('server-key')
  const input = part<HTMLInputElement>('key')
  let source: ModelSource | undefined

  store.watch(['opening'], ({ opening }) => {
    const refused = opening && 'failure' in opening && opening.failure.code === 'ACCESS'
    source = refused && opening.source.kind === 'served' ? opening.source : undefined
    form.hidden = !source
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const apiKey = input.value.trim()
    input.value = ''
    if (source?.kind === 'served' && apiKey !== '') void open({ ...source, apiKey })
  })
}
