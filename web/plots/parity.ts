// Predictions against the numbers in the file: a point a structure, and the mean absolute error.

import type { CrystalTable } from '../crystals/table.ts'
import { across, FRAME, INNER, plot, range, svg, up } from './axes.ts'

/** Rows that have both numbers, and these: columns, since there are thousands. */
export interface Pairs {
  readonly rows: readonly number[]
  readonly labels: readonly number[]
  readonly values: readonly number[]
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

export function pairsOf(table: CrystalTable, { of }: Compared): Pairs {
  const [rows, labels, values]: [number[], number[], number[]] = [[], [], []]
  for (let row = 0; row < table.count; row++) {
    const value = table.values[row]
    if (Number.isNaN(value)) continue
    const label = of(table, row)
    if (label === undefined) continue
    rows.push(row)
    labels.push(label)
    values.push(value)
  }
  return { rows, labels, values }
}

/** Mean absolute error. */
export function meanError({ labels, values }: Pairs): number {
  return labels.reduce((sum, label, n) => sum + Math.abs(label - values[n]), 0) / labels.length
}

/** @param choose called with the row of the point nearest to a click */
export function parity(
  pairs: Pairs,
  titles: { readonly label: string; readonly value: string },
  choose: (row: number) => void,
): SVGSVGElement {
  const { rows, labels, values } = pairs
  const both = range(labels.concat(values))!
  const ends = {
    x1: across(both[0], both),
    y1: up(both[0], both),
    x2: across(both[1], both),
    y2: up(both[1], both),
  }
  // One path of points, those at one place once: thousands of elements would be slow.
  const taken = new Uint8Array((FRAME.width + 1) * (FRAME.height + 1))
  let d = ''
  for (let n = 0; n < rows.length; n++) {
    // A point is four wide: places two apart look the same.
    const x = 2 * Math.round(across(labels[n], both) / 2)
    const y = 2 * Math.round(up(values[n], both) / 2)
    const place = y * (FRAME.width + 1) + x
    if (taken[place] === 0) d += `M${x} ${y}h0`
    taken[place] = 1
  }
  const area = svg('rect', {
    ...{ x: FRAME.left, y: FRAME.top, width: INNER.width, height: INNER.height, fill: 'transparent' },
  })
  const picture = plot(
    `Predicted against ${titles.label} of ${rows.length} structures, mean absolute error ${meanError(pairs).toPrecision(3)}`,
    { range: both, title: titles.label },
    { range: both, title: titles.value },
    svg('line', { class: 'diagonal', ...ends }),
    svg('path', { class: 'points', d }),
    area,
  )
  area.addEventListener('click', ({ clientX, clientY }) => {
    const at = new DOMPoint(clientX, clientY).matrixTransform(picture.getScreenCTM()!.inverse())
    const far = (n: number) => Math.hypot(across(labels[n], both) - at.x, up(values[n], both) - at.y)
    choose(rows[[...rows.keys()].reduce((best, n) => (far(n) < far(best) ? n : best))])
  })
  return picture
}
