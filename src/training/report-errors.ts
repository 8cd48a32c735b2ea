// Sections of reports: how far off predictions of a target are, against what the data says, the largest errors, and by
// element.

import { symbolOf } from '../crystal/elements.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { mean } from '../math/mean.ts'
import { figure, type Html, html, section, sideBySide, table } from '../report/html.ts'
import { parityPlot, periodicTable } from '../report/plots.ts'
import { type Evaluation, labelledWith } from './evaluate.ts'

const WORST = 12

export async function errorsSection(
  { name, unit }: TargetScaling,
  t: number,
  { crystals }: Evaluation,
  split: string,
): Promise<Html> {
  const labelled = labelledWith(crystals, t)
  if (labelled.length === 0) {
    return section(`Errors of ${name}`, html`<p>No crystal of the ${split} split carries it.</p>`)
  }
  const parity = figure(
    await parityPlot({
      quantity: name,
      unit,
      points: labelled.map(({ crystal: { id }, ...values }) => ({ name: id, ...values })),
    }),
    html`${labelled.length} crystals of the ${split} split. On the dashed line prediction and data agree.`,
  )
  const worst = labelled
    .map((one) => ({ ...one, error: one.predicted - one.actual }))
    .sort((a, b) => Math.abs(b.error) - Math.abs(a.error))
    .slice(0, WORST)
  const largest = html`<figure><h3>Largest errors (${unit})</h3>${table(
    ['crystal', 'formula', 'sites', 'actual', 'predicted', 'error'],
    worst.map(({ crystal: { id, formula, sites }, actual, predicted, error }) => [
      ...[id, formula, sites, digits(actual), digits(predicted), digits(error)],
    ]),
  )}</figure>`
  const elements = figure(
    await periodicTable({ title: `MAE of ${name} (${unit})`, elements: errorByElement(labelled) }),
    `Mean absolute error over the crystals of the ${split} split that hold the element; their number is in small.`,
  )
  return section(`Errors of ${name}`, sideBySide(parity, largest), elements)
}

function errorByElement(labelled: ReturnType<typeof labelledWith<Evaluation['crystals'][number]>>) {
  const errorsOf = new Map<number, number[]>()
  for (const { crystal, actual, predicted } of labelled) {
    for (const z of crystal.elements) {
      errorsOf.set(z, [...(errorsOf.get(z) ?? []), Math.abs(predicted - actual)])
    }
  }
  return [...errorsOf].map(([z, errors]) => ({
    ...{ z, symbol: symbolOf(z) },
    ...{ value: mean(errors), count: errors.length },
  }))
}

export function digits(value: number): string {
  return value.toPrecision(3)
}
