// The structures in a JSON text, whatever kind they are of and however they are gathered: one document, an array, an
// OPTIMADE response, records that hold their structure under a name, or one document a line.

import { LimitError, type ParseError } from '../../errors.ts'
import { type Found, isJson, type ReadContext, type Reading, type StructureFormat } from './format.ts'
import {
  elements,
  field,
  isObject,
  type JsonNode,
  type JsonSource,
  lineOf,
  mistake,
  parseJson,
} from './json.ts'
import { attempt } from './reading.ts'

export function* readJson(text: string, context: ReadContext): Generator<Reading> {
  const source = { text, file: context.file, linesBefore: 0 }
  const lines = documentLines(text)
  if (lines === undefined) yield* readDocument(parseJson(source), context)
  else {
    for (const [i, line] of lines.entries()) {
      if (line.trim() !== '') yield readLine({ ...source, text: line, linesBefore: i }, context)
    }
  }
}

/** The lines of a text that holds one document a line; undefined when it is one document. */
function documentLines(text: string): string[] | undefined {
  const [first, rest] = [text.indexOf('\n'), text.trimStart()]
  if (first === -1 || !rest.startsWith('{')) return undefined
  const lines = text.split('\n')
  const filled = lines.filter((line) => line.trim() !== '')
  // A document over several lines has no line but its last that closes what it opens.
  return filled.length > 1 && filled[0].trimEnd().endsWith('}') && filled[1].startsWith('{')
    ? lines
    : undefined
}

function readLine(source: JsonSource, context: ReadContext): Reading {
  return attempt(context, source.linesBefore + 1, (warnings) =>
    structureOfJson(parseJson(source), context, warnings),
  )
}

function* readDocument(root: JsonNode, context: ReadContext): Generator<Reading> {
  const data = field(root, 'data')
  const gathered = Array.isArray(root.value) ? root : Array.isArray(data.value) ? data : undefined
  const nodes = gathered ? elements(gathered, 'structures') : [isObject(data) ? data : root]
  if (nodes.length === 0) throw mistake(root, 'the list of structures is empty')
  if (!nodes.some(isObject)) throw unknown(nodes[0], context.formats)
  for (const node of nodes) {
    yield attempt(
      context,
      () => lineOf(node),
      (warnings) => structureOfJson(node, context, warnings),
    )
  }
}

/**
 * The structure of one JSON value, whatever kind it is of, or of its field `structure`.
 * @throws ParseError when it is of no known kind; LimitError for more atoms than allowed.
 */
export function structureOfJson(
  node: JsonNode,
  { maxSites, formats }: ReadContext,
  warnings: string[] = [],
): Found {
  const inner = field(node, 'structure')
  const holder = isObject(inner) ? inner : node
  const kind = formats.filter(isJson).find(({ matches }) => matches(holder))
  if (kind === undefined) throw unknown(holder, formats)
  const found = kind.structureOf(holder, warnings)
  const sites = found.structure.frac.length
  if (sites > maxSites) throw new LimitError(`${sites} atoms, allowed are ${maxSites}`)
  return { ...found, format: kind.name }
}

function unknown(node: JsonNode, formats: readonly StructureFormat[]): ParseError {
  const kinds = formats.filter(isJson).map(({ title, fields }) => `${title} (${fields})`)
  return mistake(node, `no structure of a known kind: expected ${kinds.join(', ')}`)
}
