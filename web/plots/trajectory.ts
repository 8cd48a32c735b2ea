// The frames of a file that holds several structures: a slider below the crystal, and the predicted value along it.

import { fill } from '../../src/components/dom.ts'
import { figure, inUnit, quantity } from '../../src/components/figures.ts'
import type { CrystalTable } from '../crystals/table.ts'
import { paced } from '../pace.ts'
import { part } from '../part.ts'
import { lookAt, type PageStore } from '../state.ts'
import { range, svg } from './axes.ts'

const DRAW_MS = 400
/** Of the curve. */
const MOST_POINTS = 600
const SIZE = { width: 600, height: 64, pad: 5 } as const

/** First and last row of the file that a row is of. */
export function framesOf(table: CrystalTable, row: number): readonly [number, number] {
  const file = table.file(row)
  let [first, last] = [row, row]
  while (first > 0 && table.file(first - 1) === file) first--
  while (last < table.count - 1 && table.file(last + 1) === file) last++
  return [first, last]
}

export function trajectory(store: PageStore): void {
  const box = part('frames')
  const slider = part<HTMLInputElement>('frame')
  const text = part('frame-text')
  const line = part('frame-plot')

  slider.addEventListener('input', () => store.update(lookAt(Number(slider.value))))
  line.addEventListener('click', ({ offsetX }) => {
    const [first, last] = [Number(slider.min), Number(slider.max)]
    const share = (offsetX / line.clientWidth) * (1 + (2 * SIZE.pad) / SIZE.width) - SIZE.pad / SIZE.width
    store.update(lookAt(Math.round(first + Math.max(0, Math.min(1, share)) * (last - first))))
  })

  const draw = () => {
    const { selected, crystals, model } = store.state
    if (selected === undefined) {
      box.hidden = true
      return
    }
    const { table } = crystals
    const [first, last] = framesOf(table, selected)
    box.hidden = first === last
    if (box.hidden) return
    slider.min = String(first)
    slider.max = String(last)
    slider.value = String(selected)
    const target = model?.model.card.targets[0]
    const value = table.values[selected]
    const said = target && !Number.isNaN(value) ? `: ${figure(value, target)} ${inUnit(target.unit)}` : ''
    text.textContent = `Frame ${selected - first + 1} of ${last - first + 1}${said}`
    slider.setAttribute('aria-valuetext', text.textContent)
    const values = table.values.slice(first, last + 1)
    fill(line, curve(values, selected - first, quantity(target?.name ?? 'value')))
  }
  store.watch(['selected'], draw)
  store.watch(['crystals'], paced(DRAW_MS, draw))
}

/** The values along the frames, with a mark at one of them. */
function curve(values: readonly number[], at: number, name: string): Node | undefined {
  const ends = range(values.filter((value) => !Number.isNaN(value)))
  if (!ends) return undefined
  const { width, height, pad } = SIZE
  const x = (n: number) => pad + ((width - 2 * pad) * n) / Math.max(1, values.length - 1)
  const y = (value: number) => pad + (height - 2 * pad) * (1 - (value - ends[0]) / (ends[1] - ends[0]))
  // Of many frames, the lowest and the highest of those that share a place.
  const step = Math.max(1, Math.ceil(values.length / MOST_POINTS))
  let d = ''
  let pen = 'M'
  for (let n = 0; n < values.length; n += step) {
    const here = values.slice(n, n + step).filter((value) => !Number.isNaN(value))
    // A frame without a value is a gap.
    if (here.length === 0) pen = 'M'
    for (const value of here.length > 2 ? [Math.min(...here), Math.max(...here)] : here) {
      d += `${pen}${x(n).toFixed(1)} ${y(value).toFixed(1)}`
      pen = 'L'
    }
  }
  const label = `${name} along the frames, from ${ends[0].toPrecision(3)} to ${ends[1].toPrecision(3)}`
  return svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
    svg('path', { class: 'curve', d }),
    svg('line', { class: 'here', x1: x(at), x2: x(at), y1: 0, y2: height }),
  )
}
