// The prediction for the structure that is looked at: value, interval, whether it can be trusted, device and time, or what
// went wrong.

import { element, fill } from '../../src/components/dom.ts'
import { type Known, predictionParts } from '../../src/components/prediction.ts'
import type { Entry } from '../crystals/table.ts'
import { part } from '../part.ts'
import { type PageState, type PageStore, selectedEntry } from '../state.ts'

export function predictionPanel(store: PageStore): void {
  const panel = part('prediction')
  let shown: readonly unknown[] = []
  store.watch(['crystals', 'selected', 'model', 'opening', 'stopped'], (state) => {
    const entry = selectedEntry(state)
    // A screen reader is told of changes only.
    const now = [entry, state.model, state.opening && 'failure' in state.opening, state.stopped]
    if (now.every((part, n) => part === shown[n]) && shown.length > 0) return
    shown = now
    fill(panel, ...content(entry, state))
  })
}

function content(entry: Entry | undefined, state: PageState): HTMLElement[] {
  const { model, opening, example, stopped } = state
  if (!entry) {
    // The first example is on its way.
    if (!model && !opening) return skeleton('')
    return [element('p', { class: 'quiet' }, 'Open a structure to see its prediction.')]
  }
  const { result } = entry
  switch (result.status) {
    case 'failed':
      return [
        element('p', { class: 'quantity' }, 'no prediction'),
        element('p', { class: 'error' }, `${result.failure.code}: ${result.failure.message}`),
      ]
    case 'waiting': {
      if (opening && 'failure' in opening && !model) {
        return [
          element('p', { class: 'quantity' }, 'no model'),
          element('p', { class: 'quiet' }, 'There is no model: open another one.'),
        ]
      }
      if (stopped) return [element('p', { class: 'quiet' }, 'Stopped before its turn.')]
      return skeleton(model ? 'predicting…' : 'loading the model…')
    }
    case 'done':
      return model
        ? [
            ...predictionParts(result.prediction, model.model.card, known(entry.labels, example?.source)),
            ...notes(entry),
          ]
        : skeleton('loading the model…')
  }
}

/** The shape of what will be there. */
function skeleton(text: string): HTMLElement[] {
  return [
    element('p', { class: 'quantity' }, text || '\u00a0'),
    ...['tall', '', 'short'].map((size) =>
      element('span', { class: `skeleton ${size}`, 'aria-hidden': 'true' }),
    ),
  ]
}

function known(labels: Entry['labels'], source = 'In the file'): Known | undefined {
  return labels && { labels, source }
}

function notes({ warnings }: Entry): HTMLElement[] {
  if (warnings.length === 0) return []
  return [
    element('ul', { class: 'warnings' }, ...warnings.slice(0, 8).map((text) => element('li', {}, text))),
  ]
}
