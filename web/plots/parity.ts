// Predictions against the numbers in the file: a point a structure, and the mean absolute error.

import type { CrystalTable } from '../crystals/table.ts'
import { predictedValue } from '../results/order.ts'
import { across, FRAME, INNER, plot, range, svg, up } from './axes.ts'

export interface Pair {
  readonly row: number
  readonly label: number
  readonly value: number
}

/** Something in the file that predictions can be compared with. */
export interface Compared {
  readonly title: string
  /** the name of the label */
  readonly name: string
  /** whether it means what is predicted, as far as its name tells */
  readonly means: boolean
  /** the label of a row, in the sense of the target; undefined where it has none */
  readonly of: (table: CrystalTable, row: number) => number | undefined
}

/** Names that mean the same, in lower case. */
const SAME: readonly (readonly string[])[] = [
  ['e_form', 'formation_energy_per_atom', 'formation_energy', 'formation_energy_peratom', 'ef'],
  ['band_gap', 'bandgap', 'gap', 'gap_pbe', 'optb88vdw_bandgap', 'e_gap'],
  ['e_hull', 'energy_above_hull', 'ehull'],
  ['lattice_energy', 'energy_per_atom', 'e_lattice'],
]
/** Names under which files keep what is to be predicted, whatever it is. */
const ANY = ['target', 'label', 'y', 'value', 'property']
/** Of the whole cell: comparable with a value an atom once it is divided by the atoms. */
const OF_THE_CELL = /^(?:.*_)?(?:total_|free_)?energy$/i

/** What is in the files, the label that means the target first. */
export function comparable(names: readonly string[], target: string, unit: string): Compared[] {
  const rank = (name: string) => {
    const [own, wanted] = [name.toLowerCase(), target.toLowerCase()]
    if (own === wanted) return 0
    if (SAME.some((group) => group.includes(own) && group.includes(wanted))) return 1
    if (ANY.includes(own)) return 2
    return 3
  }
  const perAtom = /\/atom$/.test(unit)
  return [...names]
    .map((name, n) => ({ name, rank: rank(name), n }))
    .sort((a, b) => a.rank - b.rank || a.n - b.n)
    .map(({ name, rank }) => {
      if (perAtom && rank > 0 && OF_THE_CELL.test(name)) {
        return {
          title: `${name} / atoms`,
          ...{ name, means: false },
          of: (table: CrystalTable, row: number) => {
            const label = table.label(row, name)
            return label === undefined ? undefined : label / table.atoms(row)
          },
        }
      }
      return {
        title: name,
        name,
        means: rank < 3,
        of: (table: CrystalTable, row: number) => table.label(row, name),
      }
    })
}

export function pairsOf(table: CrystalTable, { of }: Compared): Pair[] {
  const pairs: Pair[] = []
  for (let row = 0; row < table.count; row++) {
    const value = predictedValue({ result: table.result(row) })
    const label = of(table, row)
    if (label !== undefined && !Number.isNaN(value)) pairs.push({ row, label, value })
  }
  return pairs
}

/** Mean absolute error. */
export function meanError(pairs: readonly Pair[]): number {
  return pairs.reduce((sum, { label, value }) => sum + Math.abs(label - value), 0) / pairs.length
}

/** @param choose called with the row of the point nearest to a click */
export function parity(
  pairs: readonly Pair[],
  titles: { readonly label: string; readonly value: string },
  choose: (row: number) => void,
): SVGSVGElement {
  const both = range(pairs.flatMap(({ label, value }) => [label, value]))!
  const ends = {
    x1: across(both[0], both),
    y1: up(both[0], both),
    x2: across(both[1], both),
    y2: up(both[1], both),
  }
  // One path of points, those at one place once: thousands of elements would be slow.
  const taken = new Uint8Array((FRAME.width + 1) * (FRAME.height + 1))
  let d = ''
  for (const { label, value } of pairs) {
    // A point is four wide: places two apart look the same.
    const [x, y] = [2 * Math.round(across(label, both) / 2), 2 * Math.round(up(value, both) / 2)]
    const place = y * (FRAME.width + 1) + x
    if (taken[place] === 0) d += `M${x} ${y}h0`
    taken[place] = 1
  }
  const area = svg('rect', {
    ...{ x: FRAME.left, y: FRAME.top, width: INNER.width, height: INNER.height, fill: 'transparent' },
  })
  const picture = plot(
    `Predicted against ${titles.label} of ${pairs.length} structures, mean absolute error ${meanError(pairs).toPrecision(3)}`,
    { range: both, title: titles.label },
    { range: both, title: titles.value },
    svg('line', { class: 'diagonal', ...ends }),
    svg('path', { class: 'points', d }),
    area,
  )
  area.addEventListener('click', ({ clientX, clientY }) => {
    const at = new DOMPoint(clientX, clientY).matrixTransform(picture.getScreenCTM()!.inverse())
    const far = ({ label, value }: Pair) => Math.hypot(across(label, both) - at.x, up(value, both) - at.y)
    choose(pairs.reduce((best, pair) => (far(pair) < far(best) ? pair : best)).row)
  })
  return picture
}
