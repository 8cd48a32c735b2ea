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
  const columns = new Map<string, { count: number; readonly first: TextField }>()
  return {
    add(field: TextField): void {
      const known = columns.get(field.name)
      if (known) known.count++
      else columns.set(field.name, { count: 1, first: field })
    },
    /** Columns that have no number at all. @param targets those that have one */
    findings(targets: readonly string[]): Finding[] {
      return [...columns]
        .filter(([name]) => !targets.includes(name))
        .filter(([, { first }]) => NEARLY.test(first.value.slice(0, SHOWN)) || targets.length === 0)
        .map(([name, { count, first }]) =>
          problem(
            'text-column',
            count,
            `no cell of the column "${name}" is a number, and nothing is learned from it; write numbers as 1234.5`,
            [{ crystals: [first.id], detail: JSON.stringify(first.value.slice(0, SHOWN)) }],
          ),
        )
    },
  }
}
