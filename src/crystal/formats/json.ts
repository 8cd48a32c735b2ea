// JSON from outside: parsing with a bound on nesting, reading fields of known type, and the line a field stands on.
// Objects are only asked for fields of their own by fixed names, so `__proto__` and the like have no effect.

import { LimitError, ParseError } from '../../errors.ts'
import type { Vec3 } from '../../math/vectors.ts'
import { checkPeriodicity } from '../periodicity.ts'

/** Deepest nesting of arrays and objects; structure files have less than twenty. */
export const MAX_DEPTH = 200

/** A value in a JSON text, which knows its place for error messages. */
export interface JsonNode {
  readonly value: unknown
  readonly path: readonly (string | number)[]
  readonly source: JsonSource
}

export interface JsonSource {
  readonly text: string
  readonly file?: string
  /** Lines of the file before the text. */
  readonly linesBefore: number
}

/**
 * Parses a whole text. NaN and Infinity, which Python writes, become null.
 * @throws LimitError when it is nested deeper than `MAX_DEPTH`, ParseError when it is no JSON.
 */
export function parseJson(source: JsonSource): JsonNode {
  checkDepth(source)
  const { text } = source
  try {
    return { value: JSON.parse(text), path: [], source }
  } catch (error) {
    if (/NaN|Infinity/.test(text)) {
      const finite = text.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/gs, (t) =>
        t[0] === '"' ? t : 'null',
      )
      if (finite !== text) return parseJson({ ...source, text: finite })
    }
    const [, position] = /position (\d+)/.exec((error as Error).message) ?? []
    const at = position === undefined ? text.length : Number(position)
    const line = source.linesBefore + lineAt(text, at)
    throw new ParseError(
      `not valid JSON: ${(error as Error).message}`,
      { file: source.file, line },
      { cause: error },
    )
  }
}

function checkDepth({ text, file }: JsonSource): void {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 34 /* " */) {
      i = stringEnd(text, i)
    } else if (c === 91 || c === 123) {
      if (++depth > MAX_DEPTH) {
        throw new LimitError(
          `${file ?? 'JSON'}, line ${lineAt(text, i)}: nested deeper than ${MAX_DEPTH} levels`,
        )
      }
    } else if (c === 93 || c === 125) depth--
  }
}

/** Index of the quote that closes the string opened at `i`, or the end of the text. */
function stringEnd(text: string, i: number): number {
  for (let j = i + 1; j < text.length; j++) {
    const c = text.charCodeAt(j)
    if (c === 92 /* \ */) j++
    else if (c === 34) return j
  }
  return text.length
}

function lineAt(text: string, index: number): number {
  let line = 1
  for (let i = text.indexOf('\n'); i !== -1 && i < index; i = text.indexOf('\n', i + 1)) line++
  return line
}

/** The field `key` of an object; its value is undefined when there is none. */
export function field(node: JsonNode, key: string): JsonNode {
  const { value } = node
  const own = typeof value === 'object' && value !== null && Object.hasOwn(value, key)
  return {
    ...node,
    value: own ? (value as Record<string, unknown>)[key] : undefined,
    path: [...node.path, key],
  }
}

/** The elements of an array. */
export function elements(node: JsonNode, what: string): JsonNode[] {
  if (!Array.isArray(node.value))
    throw mistake(node, `${what}: expected an array, found ${shown(node.value)}`)
  return node.value.map((value, i) => ({ ...node, value, path: [...node.path, i] }))
}

export function isObject(node: JsonNode): boolean {
  return typeof node.value === 'object' && node.value !== null && !Array.isArray(node.value)
}

export function text(node: JsonNode): string | undefined {
  return typeof node.value === 'string' ? node.value : undefined
}

export function number(node: JsonNode, what: string): number {
  if (typeof node.value !== 'number')
    throw mistake(node, `${what}: expected a number, found ${shown(node.value)}`)
  return node.value
}

/** A share of a site, which is positive. */
export function occupancyOf(node: JsonNode, what: string): number {
  const value = number(node, what)
  if (!(value > 0)) throw mistake(node, `${what}: expected a positive number, found ${value}`)
  return value
}

/** Checks a field `pbc`, one value or three, that a document may have. */
export function jsonPeriodicity(node: JsonNode, warn: (message: string) => void): void {
  const { value } = node
  if (value === undefined || value === null) return
  const flags = Array.isArray(value) ? value : [value, value, value]
  const known = flags.every((flag) => typeof flag === 'boolean' || flag === 0 || flag === 1)
  if (!known) throw mistake(node, `expected true or false for each direction, found ${shown(value)}`)
  checkPeriodicity(flags.map(Boolean), `pbc ${JSON.stringify(value)}`, warn)
}

/** Three numbers. */
export function vector(node: JsonNode, what: string): Vec3 {
  const { value } = node
  if (!Array.isArray(value) || value.length !== 3 || !value.every((x) => typeof x === 'number')) {
    throw mistake(node, `${what}: expected three numbers, found ${shown(value)}`)
  }
  return [value[0], value[1], value[2]]
}

/** Rows of three numbers; `count` of them where it is given. */
export function vectors(node: JsonNode, what: string, count?: number): Vec3[] {
  const rows = elements(node, what)
  if (count !== undefined && rows.length !== count) {
    throw mistake(node, `${what}: expected ${count} rows, found ${rows.length}`)
  }
  return rows.map((row) => vector(row, what))
}

/** Line of the file on which a value starts. */
export function lineOf({ path, source }: JsonNode): number {
  return source.linesBefore + lineAt(source.text, positionOf(source.text, path))
}

/** An error that names the place of a value: file, line and path. */
export function mistake(node: JsonNode, message: string): ParseError {
  const { path, source } = node
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
  const where = { file: source.file, line: lineOf(node) }
  return new ParseError(place === '' ? message : `${place.replace(/^\./, '')}: ${message}`, where)
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value).slice(0, 60)
}

/**
 * Where in the text the value at `path` starts, or the deepest value on the way that is there. Walks the text, which
 * JSON.parse has found valid; only errors pay for it.
 */
function positionOf(text: string, path: readonly (string | number)[]): number {
  let at = skipBlanks(text, 0)
  for (const step of path) {
    const next = childOf(text, at, step)
    if (next === undefined) return at
    at = next
  }
  return at
}

function childOf(text: string, start: number, step: string | number): number | undefined {
  const isArray = text[start] === '['
  if (!isArray && text[start] !== '{') return undefined
  let found: number | undefined
  for (
    let at = skipBlanks(text, start + 1), index = 0;
    at < text.length && !']}'.includes(text[at]);
    index++
  ) {
    let key: string | number = index
    if (!isArray) {
      const end = stringEnd(text, at)
      key = JSON.parse(text.slice(at, end + 1)) as string
      at = skipBlanks(text, skipBlanks(text, end + 1) + 1)
    }
    // Of a key given twice JSON.parse takes the last.
    if (key === step) found = at
    if (isArray && found !== undefined) return found
    at = skipBlanks(text, valueEnd(text, at))
    if (text[at] === ',') at = skipBlanks(text, at + 1)
  }
  return found
}

function valueEnd(text: string, start: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const c = text[i]
    if (c === '"') {
      i = stringEnd(text, i)
      if (depth === 0) return i + 1
    } else if (c === '[' || c === '{') depth++
    else if (c === ']' || c === '}') {
      if (depth === 0) return i
      if (--depth === 0) return i + 1
    } else if (depth === 0 && c === ',') return i
  }
  return text.length
}

function skipBlanks(text: string, i: number): number {
  while (i < text.length && text.charCodeAt(i) <= 32) i++
  return i
}
