// What a fine-tuning was, in words and as a figure: on the page and in its report.

import { inUnit } from '../../src/components/figures.ts'
import { curve } from './curve.ts'
import type { FineTuned } from './protocol.ts'

export function heldOut({ crystals, newFormulas, seconds, coverage }: FineTuned): string {
  const { train, val, test } = crystals
  const alike = newFormulas
    ? 'No formula is in two of these groups.'
    : 'Crystals of one formula are in several of these groups, so that errors of other formulas may be larger.'
  const trust =
    coverage === null
      ? ''
      : ' The new file knows its domain and gives intervals, from the crystals it was tuned on.'
  return `Learned from ${train} crystals, tuned on ${val}, judged by ${test}, in ${Math.ceil(seconds)} s. ${alike}${trust}`
}

/** The figure of the epochs. */
export function curveFigure({
  epochs,
  target,
}: Pick<FineTuned, 'epochs' | 'target'>): SVGSVGElement | undefined {
  return curve(epochs, ['mean absolute error', inUnit(target.unit)].filter(Boolean).join(', '))
}
