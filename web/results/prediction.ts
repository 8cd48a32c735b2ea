// The prediction for the structure that is looked at: value, interval, whether it can be trusted, device and time, or what
// went wrong.

import type { Card, CardTarget } from '../../runtimes/card.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { Interval } from '../../src/domain/judge.ts'
import { element, fill, part } from '../dom.ts'
import { duration, figure, percent } from '../figures.ts'
import type { Known } from '../intake/examples.ts'
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
      return model ? [...values(result.prediction, model.model.card, entry), ...notes(entry)] : []
  }
}

function values(prediction: Prediction, card: Card, { known }: Entry): HTMLElement[] {
  const { values, interval, spread, members, device, ms } = prediction
  return [
    ...card.targets.flatMap((target, t) => {
      const { name, unit } = target
      return [
        element('p', { class: 'quantity' }, name.replaceAll('_', ' ')),
        element(
          'p',
          { class: 'value' },
          element('data', { value: values[t] }, figure(values[t], target)),
          ' ',
          element('span', { class: 'unit' }, inUnit(unit)),
        ),
        ...(interval ? [ends(interval, t, target)] : []),
        ...(known && Object.hasOwn(known.values, name) ? [comparison(known, target)] : []),
        ...(spread && members
          ? [
              element(
                'p',
                { class: 'quiet' },
                apart(
                  members.map((own) => own[t]),
                  spread[t],
                  target,
                ),
              ),
            ]
          : []),
      ]
    }),
    ...trust(prediction, card),
    element('p', { class: 'quiet' }, `${duration(ms)} on ${device}`),
  ]
}

function ends({ level, low, high }: Interval, t: number, target: CardTarget): HTMLElement {
  const [from, to] = [low[t], high[t]].map((end) => figure(end, target))
  const text = `${from} to ${to} ${target.unit}, with a probability of ${percent(level)}`
  return element('p', { class: 'interval' }, text)
}

/** What others have found. */
function comparison({ source, values }: Known, target: CardTarget): HTMLElement {
  const value = figure(values[target.name], target)
  return element('p', { class: 'known' }, `${source}: ${value} ${inUnit(target.unit)}`)
}

/** Pure numbers have none. */
function inUnit(unit: string): string {
  return unit === '1' ? '' : unit
}

/** How far the members of an ensemble are apart. */
function apart(members: readonly number[], spread: number, target: CardTarget): string {
  const [least, most] = [Math.min(...members), Math.max(...members)].map((value) => figure(value, target))
  return `${members.length} members say ${least} to ${most} ${target.unit}, with a standard deviation of ${figure(spread, target)}`
}

/** Whether the value can be trusted, and why not. */
function trust({ domain }: Prediction, { demonstration, targets, training }: Card): HTMLElement[] {
  const purpose = demonstration
    ? [element('p', { class: 'demonstration' }, 'A demonstration model: its values are of no use elsewhere.')]
    : []
  if (!domain) {
    return [
      ...purpose,
      element(
        'p',
        { class: 'verdict unknown' },
        'Domain unknown: the file does not say what its model has seen.',
      ),
      ...targets.flatMap((target) => {
        const { name, unit } = target
        const mae = training?.metrics?.[`test_mae_${name}`]
        if (mae === undefined) return []
        return [element('p', { class: 'quiet' }, `mean error ${figure(mae, target)} ${unit} on its test set`)]
      }),
    ]
  }
  if (domain.inside) {
    return [...purpose, element('p', { class: 'verdict inside' }, 'Inside the domain of the model.')]
  }
  return [
    ...purpose,
    element('p', { class: 'verdict outside' }, 'Outside the domain of the model: do not trust this value.'),
    element('ul', { class: 'reasons' }, ...domain.reasons.map((reason) => element('li', {}, reason))),
  ]
}

function notes({ warnings }: Entry): HTMLElement[] {
  if (warnings.length === 0) return []
  return [
    element('ul', { class: 'warnings' }, ...warnings.slice(0, 8).map((text) => element('li', {}, text))),
  ]
}
