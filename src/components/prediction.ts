// A prediction as people read it: value, interval, whether it can be trusted and why not, device and time.

import type { Card, CardTarget } from '../../runtimes/card.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import { endsOf } from '../domain/ends.ts'
import { element } from './dom.ts'
import { duration, figure, inUnit, percent, quantity } from './figures.ts'

/** Values that somebody else has found. */
export interface Known {
  /** by target */
  readonly labels: Readonly<Record<string, number>>
  /** who */
  readonly source: string
}

/** What the lines of a value need of its target. */
type Shown = Pick<CardTarget, 'unit' | 'transform'>

/** One after the other: for each target the quantity, its value, interval and what is known of it; then whether to trust it. */
export function predictionParts(prediction: Prediction, card: Card, known?: Known): HTMLElement[] {
  const { values, interval, spread, members, device, ms } = prediction
  return [
    ...card.targets.flatMap((target, t) => {
      const { name } = target
      const ends = endsOf(interval, t)
      const label = known && Object.hasOwn(known.labels, name) ? known.labels[name] : undefined
      return [
        element('p', { class: 'quantity' }, quantity(name)),
        valueLine(values[t], target),
        ...(ends ? [endsLine(interval!.level, ...ends, target)] : []),
        ...(known && label !== undefined ? [comparison(known.source, label, target)] : []),
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

/** A value in large figures. @param size a class for smaller ones */
export function valueLine(value: number, target: Shown, size = ''): HTMLElement {
  return element(
    'p',
    { class: `value ${size}`.trimEnd() },
    element('data', { value }, figure(value, target)),
    ' ',
    element('span', { class: 'unit' }, inUnit(target.unit)),
  )
}

/** The interval of a value. */
export function endsLine(level: number, low: number, high: number, target: Shown): HTMLElement {
  const [from, to] = [low, high].map((end) => figure(end, target))
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
