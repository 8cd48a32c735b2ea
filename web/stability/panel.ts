// Whether the crystal that is looked at would stay what it is: its energy above the hull of known phases, where the model
// comes with some, and what it would decompose into.

import type { Prediction } from '../../runtimes/predict.ts'
import { element, fill } from '../../src/components/dom.ts'
import { quantity } from '../../src/components/figures.ts'
import { endsLine, valueLine } from '../../src/components/prediction.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { part } from '../part.ts'
import { type PageState, type PageStore, selectedEntry } from '../state.ts'
import { formulaNode } from '../viewer/formula.ts'
import type { Stability } from './hull.ts'

interface Asked {
  readonly structure: Structure
  readonly prediction: Prediction
  readonly references: URL
}

const PER_ATOM = { unit: 'eV/atom' }

export function stabilityPanel(store: PageStore): void {
  const panel = part('stability')
  let shown: Asked | undefined
  store.watch(['crystals', 'selected', 'model'], async (state) => {
    const asked = askedIn(state)
    if (asked?.prediction === shown?.prediction) return
    shown = asked
    fill(panel)
    if (!asked) return
    const parts = await answer(asked)
    if (shown === asked) fill(panel, ...parts)
  })
}

/** Of a value that is not to be trusted nothing follows. */
function askedIn(state: PageState): Asked | undefined {
  const { result, structure } = selectedEntry(state) ?? {}
  const source = state.model?.source
  const references = source?.kind === 'bundled' ? source.references : undefined
  if (result?.status !== 'done' || !structure || !references) return undefined
  const { prediction } = result
  return prediction.domain?.inside ? { structure, prediction, references } : undefined
}

async function answer({ structure, prediction, references }: Asked): Promise<HTMLElement[]> {
  try {
    const { stabilityOf } = await import('./hull.ts')
    return stabilityParts(await stabilityOf(structure, prediction, references))
  } catch (error) {
    const { message } = error as Error
    return [element('p', { class: 'quiet' }, `The known phases could not be loaded: ${message}`)]
  }
}

function stabilityParts({ above, decomposition, interval, compared }: Stability): HTMLElement[] {
  const phases = `${compared} known ${compared === 1 ? 'phase' : 'phases'} of its elements`
  return [
    element('p', { class: 'quantity' }, quantity('e_hull')),
    valueLine(above, PER_ATOM, 'small'),
    ...(interval ? [endsLine(interval.level, interval.low, interval.high, PER_ATOM)] : []),
    element('p', {}, ...fate(above, decomposition)),
    element(
      'p',
      { class: 'quiet' },
      `Compared with ${phases}, of the Materials Project, at 0 K. More phases are known elsewhere: a lower bound.`,
    ),
  ]
}

function fate(above: number, products: Stability['decomposition']): (string | HTMLElement)[] {
  if (above === 0) return ['Stable against the phases that are known here.']
  const [{ formula }, ...more] = products
  if (more.length === 0) return ['A known phase of ', formulaNode(formula), ' has that much less.']
  return ['Would gain that by decomposing into ', ...mixture(products), '.']
}

/** `67 % NaCl + 33 % Na`, shares of the atoms. */
function mixture(products: Stability['decomposition']): (string | HTMLElement)[] {
  return products.flatMap(({ formula, amount }, n) => [
    `${n > 0 ? ' + ' : ''}${Math.round(100 * amount)} % `,
    formulaNode(formula),
  ])
}
