// The columns of an output, a row each: name, type, unit, meaning, and the value of a crystal. Parquet, JSON lines, filters
// and the summary all go by this table.

import type { Card } from '../../runtimes/card.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import { formula } from '../crystal/formula.ts'
import { isOrdered, type Structure } from '../crystal/structure.ts'
import { endsOf } from '../domain/ends.ts'
import { type CrystalOnnxError, ScreenError } from '../errors.ts'

/** One crystal of the input, read or not. */
export interface Row {
  readonly id: string
  readonly file: string
  /** Place in the file, from 0. */
  readonly index: number
  readonly warnings: readonly string[]
  readonly structure?: Structure
  readonly error?: CrystalOnnxError
}

/** What is known of a crystal in the end. */
export interface Screened {
  readonly row: Row
  readonly prediction?: Prediction
  readonly error?: CrystalOnnxError
}

export type ColumnType = 'string' | 'double' | 'integer' | 'boolean' | 'vectors' | 'integers'

/** What a cell holds; null where nothing is known. */
export type Cell = string | number | boolean | null | readonly number[] | readonly (readonly number[])[]

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly unit?: string
  readonly meaning: string
  readonly of: (screened: Screened) => Cell
}

const PLACE: readonly Column[] = [
  { name: 'id', type: 'string', meaning: 'of the crystal', of: ({ row }) => row.id },
  { name: 'file', type: 'string', meaning: 'that the crystal was read from', of: ({ row }) => row.file },
  { name: 'index', type: 'integer', meaning: 'place in the file, from 0', of: ({ row }) => row.index },
  {
    ...{ name: 'formula', type: 'string', meaning: 'of the whole cell' },
    of: ({ row }) => (row.structure ? formula(row.structure) : null),
  },
  {
    ...{ name: 'n_sites', type: 'integer', meaning: 'sites of the cell' },
    of: ({ row }) => row.structure?.species.length ?? null,
  },
]

const TRUST: readonly Column[] = [
  {
    ...{
      name: 'domain',
      type: 'boolean',
      meaning: 'whether the crystal is of the kind that the model knows',
    },
    of: ({ prediction }) => prediction?.domain?.inside ?? null,
  },
  {
    ...{ name: 'score', type: 'double', meaning: 'distance from what the model knows; above 1 is outside' },
    of: ({ prediction }) => prediction?.domain?.score ?? null,
  },
  {
    ...{ name: 'reasons', type: 'string', meaning: 'why the crystal is outside' },
    of: ({ prediction }) => prediction?.domain?.reasons.join('; ') || null,
  },
]

const FAILURES: readonly Column[] = [
  {
    ...{ name: 'warnings', type: 'string', meaning: 'what was assumed when the crystal was read' },
    of: ({ row }) => row.warnings.join('; ') || null,
  },
  {
    ...{
      name: 'error_code',
      type: 'string',
      meaning: 'kind of the failure; null where there is a prediction',
    },
    of: ({ error }) => error?.code ?? null,
  },
  {
    name: 'error',
    type: 'string',
    meaning: 'the failure in words',
    of: ({ error }) => error?.message ?? null,
  },
]

/** Not written unless they are asked for. */
const STRUCTURE: readonly Column[] = [
  {
    ...{ name: 'lattice', type: 'vectors', unit: 'Å', meaning: 'lattice vectors, a row each' },
    of: ({ row }) => row.structure?.lattice ?? null,
  },
  {
    ...{ name: 'frac', type: 'vectors', meaning: 'fractional coordinates, a row a site' },
    of: ({ row }) => row.structure?.frac ?? null,
  },
  {
    ...{ name: 'numbers', type: 'integers', meaning: 'atomic numbers; null for disordered crystals' },
    of: ({ row }) => numbersOf(row.structure),
  },
]

/** All columns that a model can fill: those that are written by default, and the structure. */
export function columnsOf(card: Card): {
  readonly usual: readonly Column[]
  readonly all: readonly Column[]
} {
  const usual = [...PLACE, ...card.targets.flatMap((_, t) => targetColumns(card, t)), ...TRUST, ...FAILURES]
  return { usual, all: [...usual, ...STRUCTURE] }
}

/** The columns of these names, in their order. @throws ScreenError for one that is not there */
export function chosenColumns(card: Card, names: readonly string[] | undefined): readonly Column[] {
  const { usual, all } = columnsOf(card)
  return names === undefined ? usual : names.map((name) => columnNamed(all, name, '--columns'))
}

/** @param where the option that names it */
export function columnNamed(columns: readonly Column[], name: string, where: string): Column {
  const column = columns.find((candidate) => candidate.name === name)
  if (column) return column
  throw new ScreenError(
    `${where}: there is no column "${name}"; columns are ${columns.map(({ name }) => name).join(', ')}`,
  )
}

/** `value`, `low`, `high` and `spread` are those of the first target, the only one of most models. */
function targetColumns({ targets, outputs }: Card, t: number): Column[] {
  const { name, unit } = targets[t]
  const isEnsemble = outputs.includes('members')
  const called = (what: string) => (t === 0 ? what : what === 'value' ? name : `${name}_${what}`)
  const column = (
    what: string,
    meaning: string,
    of: (prediction: Prediction) => number | undefined,
  ): Column => ({
    ...{ name: called(what), type: 'double', unit, meaning: `${name}: ${meaning}` },
    of: ({ prediction }) => (prediction && of(prediction)) ?? null,
  })
  return [
    column('value', 'the prediction', ({ values }) => values[t]),
    column('low', 'lower end of its interval', ({ interval }) => endsOf(interval, t)?.[0]),
    column('high', 'upper end of its interval', ({ interval }) => endsOf(interval, t)?.[1]),
    ...(isEnsemble
      ? [column('spread', 'standard deviation of the members of the ensemble', ({ spread }) => spread?.[t])]
      : []),
  ]
}

function numbersOf(structure: Structure | undefined): readonly number[] | null {
  return structure && isOrdered(structure) ? structure.species.map(([{ element }]) => element) : null
}
