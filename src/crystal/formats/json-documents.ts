// The structures in a JSON text, whatever kind they are of and however they are gathered: one document, an array, an
// OPTIMADE response, maps of ids however deep, tables of pandas, records that hold their structure under a name, or one
// document a line.

import { LimitError, ParseError, StructureError } from '../../errors.ts'
import {
  type Found,
  hasFiles,
  isJson,
  type Labels,
  type ReadContext,
  type Reading,
  type StructureFormat,
} from './format.ts'
import {
  elements,
  field,
  isObject,
  type JsonNode,
  type JsonSource,
  lineOf,
  mistake,
  parseJson,
  text,
} from './json.ts'
import { attempt, placed } from './reading.ts'

export function* readJson(document: string, context: ReadContext): Generator<Reading> {
  const source = { text: document, file: context.file, linesBefore: context.linesBefore }
  const lines = documentLines(document)
  if (lines === undefined) yield* readNode(parseJson(source), context)
  else {
    for (const [i, line] of lines.entries()) {
      if (line.trim() !== '')
        yield* readLine({ ...source, text: line, linesBefore: context.linesBefore + i }, context)
    }
  }
}

/** The lines of a text that holds one document a line; undefined when it is one document. */
function documentLines(document: string): string[] | undefined {
  const [first, rest] = [document.indexOf('\n'), document.trimStart()]
  if (first === -1 || !rest.startsWith('{')) return undefined
  const lines = document.split('\n')
  const filled = lines.filter((line) => line.trim() !== '')
  // A document over several lines has no line but its last that closes what it opens.
  return filled.length > 1 && filled[0].trimEnd().endsWith('}') && filled[1].startsWith('{')
    ? lines
    : undefined
}

/** A line may hold no structure where it is the header of an OPTIMADE file. */
function* readLine(source: JsonSource, context: ReadContext): Generator<Reading> {
  try {
    yield* readNode(parseJson(source), context)
  } catch (error) {
    yield { error: placed(error, context.file, source.linesBefore + 1), warnings: [] }
  }
}

/** The structures of a document, wherever in it they lie. @throws ParseError where there is none */
export function* readNode(root: JsonNode, context: ReadContext): Generator<Reading> {
  const data = field(root, 'data')
  for (const list of [root, data]) {
    if (Array.isArray(list.value) && list.value.length === 0)
      throw mistake(root, 'the list of structures is empty')
  }
  if (isHeader(root)) return
  if (!Array.isArray(root.value) && !holdsStructure(root, context))
    throw unknown(isObject(data) ? data : root, context.formats)
  if (Array.isArray(root.value) && !root.value.some((value) => typeof value === 'object' && value !== null)) {
    throw unknown(elements(root, 'structures')[0], context.formats)
  }
  yield* gather(root, context)
}

function* gather(node: JsonNode, context: ReadContext): Generator<Reading> {
  if (isHeader(node)) return
  const rows = rowsOf(node)
  if (isStructure(node, context)) yield read(node, context)
  else if (Array.isArray(node.value) || rows) {
    for (const element of rows ?? elements(node, 'structures')) {
      if (holdsStructure(element, context)) yield* gather(element, context)
      else if (!isHeader(element)) yield read(element, context)
    }
  } else yield* gatherMembers(node, context)
}

/** The members of an object that hold structures; where most do, those that hold none are records that cannot be read. */
function* gatherMembers(node: JsonNode, context: ReadContext): Generator<Reading> {
  const members = Object.keys(node.value as object).map((key) => field(node, key))
  const holding = new Set(members.filter((member) => holdsStructure(member, context)))
  const objects = members.filter((member) => isObject(member) && !isHeader(member))
  const isMap = 2 * objects.filter((member) => holding.has(member)).length > objects.length
  for (const member of members) {
    if (holding.has(member)) yield* gather(member, context)
    else if (isMap && objects.includes(member)) yield read(member, context)
  }
}

function read(node: JsonNode, context: ReadContext): Reading {
  return attempt(
    context,
    () => lineOf(node),
    (warnings) => structureOfJson(node, context, warnings),
  )
}

/** What OPTIMADE and others say of a file as a whole. */
function isHeader(node: JsonNode): boolean {
  return (
    ['meta', 'links', 'schema'].includes(String(node.path.at(-1))) ||
    field(node, 'x-optimade').value !== undefined ||
    field(node, 'type').value === 'info'
  )
}

/** Deepest nesting of lists and maps around structures. */
const CONTAINERS = 6

function holdsStructure(node: JsonNode, context: ReadContext, depth = 0): boolean {
  if (depth > CONTAINERS || typeof node.value !== 'object' || node.value === null || isHeader(node))
    return false
  if (isStructure(node, context)) return true
  if (Array.isArray(node.value)) {
    // A list of numbers is looked at no further; of a list of records the first may be broken.
    return node.value.slice(0, 100).some((value, i) => {
      const isValue = typeof value !== 'object' || value === null || Array.isArray(value)
      return !isValue && holdsStructure({ ...node, value, path: [...node.path, i] }, context, depth + 1)
    })
  }
  if (
    rowsOf(node)
      ?.slice(0, 100)
      .some((row) => holdsStructure(row, context, depth + 1))
  )
    return true
  return Object.keys(node.value).some((key) => holdsStructure(field(node, key), context, depth + 1))
}

function isStructure(node: JsonNode, context: ReadContext): boolean {
  if (!isObject(node)) return false
  const kinds = context.formats.filter(isJson)
  return (
    kinds.some(({ matches }) => matches(node)) ||
    HOLDERS.map((key) => field(node, key)).some(
      (inner) => text(inner) !== undefined || kinds.some(({ matches }) => matches(inner)),
    )
  )
}

/**
 * A table as pandas writes it: its rows as objects. `{"columns": ["structure", …], "data": [[…]]}`, or by columns,
 * `{"structure": {"0": …, "1": …}, "gap": {"0": …, "1": …}}`.
 */
function rowsOf(node: JsonNode): JsonNode[] | undefined {
  const [columns, data] = [field(node, 'columns'), field(node, 'data')]
  if (!Array.isArray(columns.value) || !Array.isArray(data.value)) return rowsOfColumns(node)
  const names = columns.value.map(String)
  return elements(data, 'data').map((row) => rowAsObject(row, names))
}

/** Rows of a table by columns, which have the same keys, and one of which is of structures. */
function rowsOfColumns(node: JsonNode): JsonNode[] | undefined {
  if (!isObject(node)) return undefined
  const names = Object.keys(node.value as object)
  const holder = HOLDERS.map((key) => field(node, key)).find(isObject)
  if (holder === undefined || names.length < 2) return undefined
  const columns = names.map((name) => field(node, name))
  if (!columns.every(isObject)) return undefined
  const rows = Object.keys(holder.value as object)
  const same = columns.every(({ value }) => {
    const keys = Object.keys(value as object)
    return keys.length === rows.length && rows.every((row) => Object.hasOwn(value as object, row))
  })
  if (!same) return undefined
  return rows.map((row) => {
    const value: Record<string, unknown> = Object.create(null)
    for (const column of columns) value[String(column.path.at(-1))] = field(column, row).value
    return { ...field(holder, row), value }
  })
}

/** A row of a table as an object without a prototype; it stays at its place. @throws ParseError for too few cells */
export function rowAsObject(row: JsonNode, names: readonly string[]): JsonNode {
  const cells = elements(row, 'row')
  if (cells.length !== names.length) {
    throw mistake(row, `${cells.length} cells, the table has ${names.length} columns`)
  }
  const value: Record<string, unknown> = Object.create(null)
  for (const [c, name] of names.entries()) value[name] = cells[c].value
  return { ...row, value }
}

/** Names under which records hold their structure: a document of a known kind, or the text of a file. */
const HOLDERS = ['structure', 'final_structure', 'atoms', 'cif', 'poscar']

/**
 * The structure of one JSON value, whatever kind it is of, or of the field that holds it.
 * @throws ParseError when it is of no known kind; LimitError for more atoms than allowed.
 */
export function structureOfJson(
  node: JsonNode,
  { maxSites, formats, ...context }: ReadContext,
  warnings: string[] = [],
): Found {
  const kinds = formats.filter(isJson)
  const kindOf = (holder: JsonNode) => kinds.find(({ matches }) => matches(holder))
  const inner = HOLDERS.map((key) => field(node, key))
  const holder = kindOf(node) ? node : (inner.find(kindOf) ?? node)
  const kind = kindOf(holder)
  if (kind === undefined) {
    const written = inner.find((holder) => text(holder) !== undefined)
    if (written === undefined) throw unknown(inner.find(isObject) ?? node, formats)
    const found = structureOfText(written, { maxSites, formats, ...context }, warnings)
    return { ...found, labels: labelsOf(node) }
  }
  const found = kind.structureOf(holder, warnings)
  const sites = found.structure.frac.length
  if (sites > maxSites) throw new LimitError(`${sites} atoms, allowed are ${maxSites}`)
  return { ...found, format: kind.name, labels: labelsOf(node) }
}

/** Fields that describe the crystal itself. */
const OF_THE_CRYSTAL =
  /^(?:charge|volume|density|index|[cm]time|spg|space_group_it_number|n(?:sites|elements|periodic_dimensions))$|^Unnamed|^@/

/** Where records keep their numbers beside their own fields: OPTIMADE, entries of pymatgen, databases of ASE. */
const OF_LABELS = ['attributes', 'data', 'key_value_pairs', 'targets']

/** The numbers of a record: its own fields, and those of an object of them. */
export function labelsOf(record: JsonNode): Labels {
  const labels: Record<string, number> = Object.create(null)
  for (const { value } of [record, ...OF_LABELS.map((key) => field(record, key))]) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    for (const [name, number] of Object.entries(value)) {
      if (Number.isFinite(number) && !OF_THE_CRYSTAL.test(name)) labels[name] = number
    }
  }
  return labels
}

/** The one structure in the text of a CIF, a POSCAR or the like that a field holds, or in that of one document of JSON. */
function structureOfText(node: JsonNode, context: ReadContext, warnings: string[]): Found {
  const source = text(node)!
  if (/^\s*\{/.test(source)) return structureOfJsonText(node, source, context, warnings)
  const format = context.formats.filter(hasFiles).find(({ detect }) => detect(source))
  // JSON in a text in JSON would go on for ever.
  if (format === undefined || format.read === readJson)
    throw mistake(node, 'the text is of no known format of structures')
  const readings = within(node, () => [
    ...format.read(source, { ...context, file: undefined, linesBefore: 0 }),
  ])
  const [first] = readings
  if (readings.length !== 1) throw mistake(node, `the text holds ${readings.length} structures, expected one`)
  warnings.push(...first.warnings)
  if ('error' in first) throw mistake(node, first.error.message)
  return { ...first, format: format.name }
}

/** JSON that was made text before it became a field. What it holds is a document, and no text again. */
function structureOfJsonText(
  node: JsonNode,
  source: string,
  { formats, maxSites }: ReadContext,
  warnings: string[],
): Found {
  return within(node, () => {
    const inner = parseJson({ text: source, linesBefore: 0 })
    const kind = formats.filter(isJson).find(({ matches }) => matches(inner))
    if (kind === undefined) throw unknown(inner, formats)
    const found = kind.structureOf(inner, warnings)
    if (found.structure.frac.length > maxSites)
      throw new LimitError(`${found.structure.frac.length} atoms, allowed are ${maxSites}`)
    return { ...found, format: kind.name }
  })
}

/** What is read of the text of a field; what is wrong with it is said at the field. */
function within<T>(node: JsonNode, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError || error instanceof StructureError) throw mistake(node, error.message)
    throw error
  }
}

function unknown(node: JsonNode, formats: readonly StructureFormat[]): ParseError {
  const kinds = formats.filter(isJson).map(({ title, fields }) => `${title} (${fields})`)
  return mistake(node, `no structure of a known kind: expected ${kinds.join(', ')}`)
}
