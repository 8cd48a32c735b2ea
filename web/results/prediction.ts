// The prediction for the structure that is looked at: value, interval, whether it can be trusted, device and time, or what
// went wrong.

import type { Card, CardTarget } from '../../runtimes/card.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { Interval } from '../../src/domain/judge.ts'
import type { Entry } from '../crystals/table.ts'
import { element, fill, part } from '../dom.ts'
import { duration, figure, inUnit, percent, quantity } from '../figures.ts'
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
        ? [...values(result.prediction, model.model.card, entry, example?.source), ...notes(entry)]
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

function values(
  prediction: Prediction,
  card: Card,
  { labels }: Entry,
  source: string | undefined,
): HTMLElement[] {
  const { values, interval, spread, members, device, ms } = prediction
  return [
    ...card.targets.flatMap((target, t) => {
      const { name, unit } = target
      const label = labels && Object.hasOwn(labels, name) ? labels[name] : undefined
      return [
        element('p', { class: 'quantity' }, quantity(name)),
        element(
          'p',
          { class: 'value' },
          element('data', { value: values[t] }, figure(values[t], target)),
          ' ',
          element('span', { class: 'unit' }, inUnit(unit)),
        ),
        ...(interval ? [ends(interval, t, target)] : []),
        ...(label === undefined ? [] : [comparison(source ?? 'In the file', label, target)]),
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
  const text = `${from} to ${to} ${inUnit(target.unit)}, with a probability of ${percent(level)}`
  return element('p', { class: 'interval' }, text)
}

/** What others have found. */
function comparison(source: string, label: number, target: CardTarget): HTMLElement {
  return element('p', { class: 'known' }, `${source}: ${figure(label, target)} ${inUnit(target.unit)}`)
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
        'Domain unknown: the file does not say what crystals its model has seen.',
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
    return [
      ...purpose,
      element('p', { class: 'verdict inside' }, 'Inside the domain of the model: like crystals it has seen.'),
    ]
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
