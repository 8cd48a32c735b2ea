// What is said between the toolkit and a teacher, a program that labels crystals; a JSON object a line:
//
//   in    {"id": "a", "lattice": [[…],[…],[…]], "frac": [[…], …], "numbers": [11, 17]}
//   out   {"id": "a", "value": -3.4}    or    {"id": "a", "error": "no potential for Po"}
//
// Before its first answer a program may say who it is: {"name": "CHGNet", "version": "0.3.0", "licence": "BSD-3-Clause"}.
// Whatever else it prints means nothing.

import { createHash } from 'node:crypto'
import { parseJson } from '../../crystal/formats/json.ts'
import { isOrdered, type Structure } from '../../crystal/structure.ts'
import { CrystalOnnxError } from '../../errors.ts'

/** A crystal as a program is asked about it. */
export interface Question {
  readonly id: string
  /** The same for the same crystal, whatever its id. */
  readonly key: string
  /** Without the newline. */
  readonly line: string
}

export type Answer =
  | { readonly value: number; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: string }

/** What a program says of itself. */
export interface ProgramReport {
  readonly name: string
  readonly version?: string
  readonly licence?: string
}

export type Message =
  | { readonly kind: 'report'; readonly report: ProgramReport }
  | { readonly kind: 'answer'; readonly id: string; readonly answer: Answer }

/** Characters of a text of a program that are kept. */
const MAX_TEXT = 300

/** Undefined for a disordered crystal, which has no atomic numbers. */
export function questionOf(id: string, structure: Structure): Question | undefined {
  if (!isOrdered(structure)) return undefined
  const { lattice, frac, species } = structure
  const crystal = { lattice, frac, numbers: species.map(([{ element }]) => element) }
  const key = createHash('sha256').update(JSON.stringify(crystal)).digest('hex').slice(0, 24)
  return { id, key, line: JSON.stringify({ id, ...crystal }) }
}

/** What a line says; undefined for one that says nothing. A value that is no finite number is an error. */
export function readMessage(line: string): Message | undefined {
  const { id, name, ...rest } = objectOf(line)
  if (typeof id === 'string') {
    if (!Object.hasOwn(rest, 'value') && !Object.hasOwn(rest, 'error')) return undefined
    return { kind: 'answer', id, answer: answerOf(rest) }
  }
  if (typeof name !== 'string' || name.trim() === '') return undefined
  const [version, licence] = [textOf(rest.version), textOf(rest.licence)]
  return {
    kind: 'report',
    report: { name: cut(name), ...(version && { version }), ...(licence && { licence }) },
  }
}

/** One line of text about who labels, for the data. */
export function sourceOf(command: string, report: ProgramReport | undefined): string {
  if (report === undefined) return command
  const { name, version, licence } = report
  return [[name, version].filter(Boolean).join(' '), licence].filter(Boolean).join(', ')
}

function answerOf({ value, error }: Record<string, unknown>): Answer {
  if (error !== undefined && error !== null) return { error: textOf(error) || 'it gives no reason' }
  if (typeof value === 'number' && Number.isFinite(value)) return { value }
  const found = value === null ? 'not a number' : JSON.stringify(value)
  return { error: cut(`its value is ${found}, expected a finite number`) }
}

/** Python's NaN becomes null on the way. */
function objectOf(line: string): Record<string, unknown> {
  if (!line.trimStart().startsWith('{')) return {}
  try {
    return parseJson({ text: line, linesBefore: 0 }).value as Record<string, unknown>
  } catch (error) {
    if (error instanceof CrystalOnnxError) return {}
    throw error
  }
}

function textOf(value: unknown): string {
  return value === undefined || value === null
    ? ''
    : cut(typeof value === 'string' ? value : JSON.stringify(value))
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line
}
