// How good a model is, by chemistry: plots for docs/models.md, and the rows of its table.

import type { Prediction } from '../../runtimes/predict.ts'
import { symbolOf } from '../../src/crystal/elements.ts'
import { composition } from '../../src/crystal/formula.ts'
import type { LabelledCrystal } from '../../src/data/labelled.ts'
import { mean } from '../../src/math/mean.ts'
import { parityPlot, periodicTable } from '../../src/report/plots.ts'

/** By the first of these lists of which a crystal has an element. */
const CHEMISTRIES: readonly (readonly [name: string, elements: string])[] = [
  ['fluorides', 'F'],
  ['oxides', 'O'],
  ['chlorides, bromides, iodides', 'Cl Br I'],
  ['sulfides, selenides, tellurides', 'S Se Te'],
  ['nitrides, phosphides, arsenides', 'N P As'],
  ['hydrides', 'H'],
  ['carbides, borides, silicides, germanides', 'C B Si Ge'],
]
const REST = 'other metals'

export interface ChemistryRow {
  readonly chemistry: string
  readonly crystals: number
  /** of the first target */
  readonly mae: number
}

/** A crystal of the test split with what was predicted. */
interface Judged {
  readonly elements: readonly string[]
  readonly actual: number
  readonly predicted: number
}

function judged(crystals: readonly LabelledCrystal[], predictions: readonly Prediction[]): Judged[] {
  return crystals.map(({ structure, targets }, n) => ({
    elements: [...composition(structure).keys()].map(symbolOf),
    actual: targets[predictions[n].property],
    predicted: predictions[n].value,
  }))
}

const errors = (of: readonly Judged[]) =>
  mean(of.map(({ actual, predicted }) => Math.abs(predicted - actual)))

/** Errors by chemistry. */
export function byChemistry(
  crystals: readonly LabelledCrystal[],
  predictions: readonly Prediction[],
): ChemistryRow[] {
  const groups = new Map<string, Judged[]>(
    [...CHEMISTRIES.map(([name]) => name), REST].map((name) => [name, []]),
  )
  for (const crystal of judged(crystals, predictions)) {
    const known = CHEMISTRIES.find(([, of]) =>
      of.split(' ').some((symbol) => crystal.elements.includes(symbol)),
    )
    groups.get(known?.[0] ?? REST)!.push(crystal)
  }
  return [...groups]
    .filter(([, of]) => of.length > 0)
    .map(([chemistry, of]) => ({ chemistry, crystals: of.length, mae: errors(of) }))
}

/** Predicted against known values, and the error of crystals with each element: SVG. */
export async function plots(
  crystals: readonly LabelledCrystal[],
  predictions: readonly Prediction[],
): Promise<{ readonly parity: string; readonly elements: string }> {
  const points = judged(crystals, predictions)
  const [{ property, unit }] = predictions
  const quantity = property.replaceAll('_', ' ')
  const parity = await parityPlot({ quantity, unit, points })
  const table = await periodicTable({
    title: `mean error, ${unit}`,
    elements: Array.from({ length: 103 }, (_, n) => n + 1).flatMap((z) => {
      const symbol = symbolOf(z)
      const of = points.filter(({ elements }) => elements.includes(symbol))
      return of.length === 0 ? [] : [{ z, symbol, value: errors(of), count: of.length }]
    }),
  })
  return { parity: onGround(parity.markup), elements: onGround(table.markup) }
}

/** The plots take the colour of the page that they stand in; as files of their own they bring a ground and an ink. */
function onGround(svg: string): string {
  return svg.replace(/<svg /, '<svg style="background:#fff;color:#1d2b36" ')
}
