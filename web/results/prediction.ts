// The prediction for the structure that is looked at: value, unit, device and time, or what went wrong.

import type { Card } from '../../runtimes/card.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import { element, fill, part } from '../dom.ts'
import { duration, figure } from '../figures.ts'
import { type Entry, type PageState, type PageStore, selectedEntry } from '../state.ts'

export function predictionPanel(store: PageStore): void {
  const panel = part('prediction')
  let shown: readonly unknown[] = []
  store.watch(['entries', 'selected', 'model', 'opening'], (state) => {
    const entry = selectedEntry(state)
    // A screen reader is told of changes only.
    const now = [entry, state.model, state.opening && 'failure' in state.opening]
    if (now.every((part, n) => part === shown[n]) && shown.length > 0) return
    shown = now
    fill(panel, ...content(entry, state))
  })
}

function content(entry: Entry | undefined, { model, opening }: PageState): HTMLElement[] {
  if (!entry) return [element('p', { class: 'quiet' }, 'Open a structure to see its prediction.')]
  const { result } = entry
  switch (result.status) {
    case 'failed':
      return [
        element('p', { class: 'quantity' }, 'no prediction'),
        element('p', { class: 'error' }, `${result.failure.code}: ${result.failure.message}`),
      ]
    case 'waiting': {
      const lost = opening && 'failure' in opening && !model
      const text = lost
        ? 'There is no model: open another one.'
        : model
          ? 'predicting…'
          : 'loading the model…'
      return [
        element('p', { class: 'quantity' }, lost ? 'no model' : ' '),
        element('p', { class: 'quiet' }, text),
      ]
    }
    case 'done':
      return model ? [...values(result.prediction, model.model.card), ...notes(entry)] : []
  }
}

function values({ values, device, ms }: Prediction, { targets, training }: Card): HTMLElement[] {
  return [
    ...targets.flatMap(({ name, unit }, t) => {
      const mae = training?.metrics?.[`test_mae_${name}`]
      return [
        element('p', { class: 'quantity' }, name.replaceAll('_', ' ')),
        element(
          'p',
          { class: 'value' },
          element('data', { value: values[t] }, figure(values[t])),
          ' ',
          element('span', { class: 'unit' }, unit),
        ),
        ...(mae === undefined
          ? []
          : [element('p', { class: 'quiet' }, `mean error ${figure(mae)} ${unit} on its test set`)]),
      ]
    }),
    element('p', { class: 'quiet' }, `${duration(ms)} on ${device}`),
  ]
}

function notes({ warnings }: Entry): HTMLElement[] {
  if (warnings.length === 0) return []
  return [
    element('ul', { class: 'warnings' }, ...warnings.slice(0, 8).map((text) => element('li', {}, text))),
  ]
}
