// The plots beside the table: how the values are spread, and where the files carry numbers, how they compare with them.

import { element, fill } from '../../src/components/dom.ts'
import { figure, inUnit, quantity } from '../../src/components/figures.ts'
import { paced } from '../pace.ts'
import { part } from '../part.ts'
import type { Choosing } from '../results/choosing.ts'
import { lookAt, type PageStore } from '../state.ts'
import { distribution, histogram } from './distribution.ts'
import { comparable, meanError, pairsOf, parity } from './parity.ts'

/** Values that are worth a plot. */
const FEWEST = 5
/** Milliseconds between two drawings while results come. */
const DRAW_MS = 2000

export function plotsPanel(store: PageStore, choosing: Choosing): void {
  const panel = part('plots')
  const select = part<HTMLSelectElement>('compared')
  const parityBox = part('parity')
  let names = ''

  const drawSpread = () => {
    const { model, crystals } = store.state
    const { table } = crystals
    const target = model?.model.card.targets[0]
    panel.hidden = !target || table.counts.done < FEWEST
    if (panel.hidden || !target) return
    const counted = histogram(table.values.filter((value) => !Number.isNaN(value)))
    const title = [quantity(target.name), inUnit(target.unit)].filter(Boolean).join(', ')
    const choose = (range: readonly [number, number]) => choosing.choose({ range })
    fill(part('distribution-plot'), counted && (distribution(counted, title, choose) as Node))
  }

  const drawParity = () => {
    const { model, crystals } = store.state
    const { table } = crystals
    const target = model?.model.card.targets[0]
    if (panel.hidden || !target) return
    const found = comparable(table.labelNames, target.name, target.unit)
    parityBox.hidden = found.length === 0
    const now = found.map((compared) => compared.title).join('\n')
    if (now !== names) {
      names = now
      fill(select, ...found.map((compared, n) => element('option', { value: n }, compared.title)))
    }
    const compared = found[Number(select.value) || 0]
    const pairs = compared && pairsOf(table, compared)
    if (!pairs || pairs.rows.length === 0) {
      fill(part('parity-plot'), element('p', { class: 'quiet' }, 'No structure has both numbers.'))
      part('parity-error').textContent = ''
      return
    }
    const titles = { label: `in the file: ${compared.title}`, value: 'predicted' }
    fill(part('parity-plot'), parity(pairs, titles, (row) => store.update(lookAt(row))) as Node)
    part('parity-error').textContent =
      `Mean absolute error ${figure(meanError(pairs), target)} ${inUnit(target.unit)}, ${pairs.rows.length.toLocaleString('en')} structures`
  }
  const drawPaced = paced(DRAW_MS, () => {
    drawSpread()
    // Two short tasks rather than a long one.
    setTimeout(drawParity)
  })
  store.watch(['crystals', 'model'], drawPaced)
  select.addEventListener('change', drawParity)
}
