// A fine-tuning as one HTML file to keep: errors before and after, how it learned, predictions beside the data.

import { figure, inUnit, percent, quantity } from '../../src/components/figures.ts'
import {
  figure as drawn,
  html,
  markup,
  page,
  section,
  sideBySide,
  table,
  tiles,
} from '../../src/report/html.ts'
import { parity } from '../plots/parity.ts'
import type { FineTuned } from './protocol.ts'
import { curveFigure, heldOut } from './summary.ts'

/** Crystals of the largest errors. */
const WORST = 12

/** What the style sheet of the page says of plots; the report has none of it. */
const PLOTS = `<style>.plot{width:100%;max-width:34rem;font:11px system-ui;fill:currentColor}.plot .grid{stroke:currentColor;opacity:.15}
.plot .axis{stroke:currentColor;opacity:.5}.plot .curve,.plot .diagonal{fill:none;stroke:#dd5f16;stroke-width:2}
.plot .curve.val{stroke:#2f74dd}.plot .diagonal{stroke:currentColor;opacity:.5;stroke-width:1;stroke-dasharray:4 3}
.plot .points{fill:none;stroke:#2f74dd;stroke-width:4;stroke-linecap:round}</style>`

export function reportOf(result: FineTuned, modelName: string): string {
  const { target, before, after, ofMean, coverage, crystals, test } = result
  const [name, unit] = [quantity(target.name), inUnit(target.unit)]
  const tile = (label: string, error: number, note: string) => ({
    ...{ label, value: figure(error, target), unit, note },
  })
  const learned = curveFigure(result)
  const pairs = {
    rows: [...test.keys()],
    labels: test.map(({ actual }) => actual),
    values: test.map(({ predicted }) => predicted),
  }
  const parityPlot = parity(pairs, { label: `data, ${unit}`, value: `predicted, ${unit}` }, () => {})
  const worst = [...test]
    .sort((a, b) => Math.abs(b.predicted - b.actual) - Math.abs(a.predicted - a.actual))
    .slice(0, WORST)
  return page({
    title: `Fine-tuning: ${name}`,
    lead: html`From ${modelName}. ${heldOut(result)}`,
    body: [
      markup(PLOTS),
      tiles([
        ...(before === null ? [] : [tile('Error before', before, `${crystals.test} crystals`)]),
        tile('Error after', after, `${crystals.test} crystals`),
        tile('Always the mean', ofMean, 'the error of answering the mean of what was learned from'),
        ...(coverage === null
          ? []
          : [{ label: 'Within the interval', value: percent(coverage), note: '90 % should be' }]),
      ]),
      section(
        'Learning',
        sideBySide(
          ...(learned ? [drawn(markup(learned.outerHTML), 'Mean absolute error after each epoch.')] : []),
          drawn(markup(parityPlot.outerHTML), 'Crystals that were not learned from.'),
        ),
      ),
      section(
        'Largest errors',
        table(
          ['crystal', 'formula', `data, ${unit}`, `predicted, ${unit}`],
          worst.map(({ id, formula, actual, predicted }) => [
            ...[id, formula, actual.toPrecision(4), predicted.toPrecision(4)],
          ]),
        ),
      ),
    ],
  })
}
