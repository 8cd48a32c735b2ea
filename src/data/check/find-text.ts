// Findings about fields that are text where a target could be: `-2,00`, `1.2 eV`. Nothing is learned from them, which nobody
// would notice.

import { type Finding, problem } from './findings.ts'

/** A field of a record that holds a text. */
export interface TextField {
  readonly name: string
  readonly value: string
  /** Of the crystal. */
  readonly id: string
}

/** A number as it is not written in data: with a comma, a unit, an error, another minus sign, about. Dates are none. */
const NEARLY =
  /^\s*[~≈<>≤≥]?\s*[-+−–]?\s*\d[\d,.' ]*(?:e[-+]?\d+)?\s*(?:(?:±|\+\/-)\s*[\d.,]+|\([\d.]+\))?\s*[^\d\s-][^\d-]{0,14}$|^\s*[-+−–~<>]?\s*\d[\d,.' ]*$/i

/** Characters of a cell that are looked at, and shown. */
const SHOWN = 60

/** Gathers the fields of all records. */
export function textFields() {
  const columns = new Map<string, Column>()
  return {
    add(field: TextField): void {
      const column = columns.get(field.name) ?? { count: 0, nearly: 0, first: field }
      const isNearly = NEARLY.test(field.value.slice(0, SHOWN))
      column.count++
      if (isNearly && column.nearly++ === 0) column.first = field
      columns.set(field.name, column)
    },
    /** @param targets columns that have numbers, with how many */
    findings(targets: readonly { readonly name: string; readonly count: number }[]): Finding[] {
      return [...columns].flatMap(([name, column]) => {
        const numbers = targets.find((target) => target.name === name)?.count ?? 0
        if (numbers > 0) return someText(name, column, numbers)
        return column.nearly > 0 || targets.length === 0 ? [onlyText(name, column)] : []
      })
    },
  }
}

interface Column {
  count: number
  /** How many of the texts are nearly numbers. */
  nearly: number
  /** The first such, else the first of all. */
  first: TextField
}

/** A column that has no number at all. */
function onlyText(name: string, { count, first }: Column): Finding {
  return problem(
    'text-column',
    count,
    `no cell of the column "${name}" is a number, and nothing is learned from it; write numbers as 1234.5`,
    [shown(first)],
  )
}

/** Texts among numbers are missing values to nobody but a program: those that are nearly numbers, or fewer than the numbers. */
function someText(name: string, { count, nearly, first }: Column, numbers: number): Finding[] {
  if (nearly === 0 && count >= numbers) return []
  const cells = count === 1 ? '1 cell of the column' : `${count} cells of the column`
  return [
    problem(
      'text-cells',
      count,
      `${cells} "${name}" ${count === 1 ? 'is' : 'are'} no number, and training on it refuses them; write numbers as 1234.5, and leave cells without one empty`,
      [shown(first)],
    ),
  ]
}

function shown({ id, value }: TextField): Finding['cases'][number] {
  return { crystals: [id], detail: JSON.stringify(value.slice(0, SHOWN)) }
}
