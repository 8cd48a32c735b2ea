// Parts of a graph as files of their own: the nodes between some tensors and others, with the constants that they use.
// Nodes and constants are copied byte by byte; only the graph around them is written anew.

import { ModelFileError } from '../src/errors.ts'
import { joined } from '../src/math/joined.ts'
import { fields, type Source, type Span, text } from './wire.ts'
import { lengthField, utf8, varintField } from './wire-write.ts'

/** A graph that parts can be cut from. */
export interface Cuttable {
  /** Whether a node of the graph gives a tensor of this name. */
  gives(name: string): boolean
  /**
   * The .onnx file of what computes `outputs`, from `inputs`, which are matrices of float32, and from those inputs of the
   * graph that it needs besides.
   */
  cut(inputs: readonly string[], outputs: readonly string[]): Uint8Array<ArrayBuffer>
}

/** A node, constant, input or output where it lies in the file, with the names of what it gives and takes. */
interface Entry {
  readonly field: number
  readonly span: Span
  readonly gives: readonly string[]
  readonly takes: readonly string[]
}

/** Numbers of the fields of onnx.proto that are read or written. */
const MODEL = { irVersion: 1, graph: 7, opset: 8 }
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 }
const NODE = { input: 1, output: 2 }
/** The field of the name, by that of the entry. */
const NAME: Readonly<Record<number, number>> = {
  [GRAPH.initializer]: 8,
  [GRAPH.input]: 1,
  [GRAPH.output]: 1,
}
const FLOAT32 = 1

/** @throws ModelFileError for bytes that are no .onnx file */
export function cuttable(bytes: Uint8Array, file = 'model'): Cuttable {
  const source = { bytes, file }
  const model = [...fields(source, { start: 0, end: bytes.length })]
  const graph = model.find(({ number }) => number === MODEL.graph)?.span
  const irVersion = model.find(({ number }) => number === MODEL.irVersion)?.value
  if (!graph || irVersion === undefined) throw new ModelFileError(`${file}: an ONNX file without a graph`)
  const opsets = model.flatMap(({ number, span }) => (number === MODEL.opset && span ? [span] : []))
  const entries = entriesOf(source, graph)
  const outputs = new Map(
    entries.flatMap((entry) => (entry.field === GRAPH.output ? [[entry.gives[0], entry] as const] : [])),
  )
  const makers = new Map<string, Entry>()
  for (const entry of entries) {
    if (entry.field !== GRAPH.output) for (const name of entry.gives) makers.set(name, entry)
  }
  const copied = (field: number, { start, end }: Span) => lengthField(field, bytes.subarray(start, end))

  return {
    gives: (name) => makers.get(name)?.field === GRAPH.node,
    cut(from, to) {
      const needed = neededFor(to, new Set(from), makers)
      return joined([
        varintField(MODEL.irVersion, irVersion),
        ...opsets.map((span) => copied(MODEL.opset, span)),
        lengthField(
          MODEL.graph,
          joined([
            ...entries.flatMap((entry) => (needed.has(entry) ? [copied(entry.field, entry.span)] : [])),
            lengthField(GRAPH.name, utf8(to.join(' '))),
            ...from.map((name) => lengthField(GRAPH.input, matrix(name))),
            ...to.map((name) => {
              const listed = outputs.get(name)
              return listed ? copied(GRAPH.output, listed.span) : lengthField(GRAPH.output, matrix(name))
            }),
          ]),
        ),
      ])
    },
  }
}

function entriesOf(source: Source, graph: Span): Entry[] {
  const entries: Entry[] = []
  for (const { number: field, span } of fields(source, graph)) {
    if (!span) continue
    if (field === GRAPH.node) {
      entries.push({
        field,
        span,
        gives: names(source, span, NODE.output),
        takes: names(source, span, NODE.input),
      })
    } else if (field in NAME) {
      entries.push({ field, span, gives: names(source, span, NAME[field]), takes: [] })
    }
  }
  return entries
}

function names(source: Source, span: Span, number: number): string[] {
  const all: string[] = []
  for (const field of fields(source, span)) {
    if (field.number === number && field.span) all.push(text(source, field.span, 'the name of a tensor'))
  }
  return all
}

/** What gives some tensors, back to those that are given. */
function neededFor(
  tensors: readonly string[],
  given: ReadonlySet<string>,
  makers: ReadonlyMap<string, Entry>,
): Set<Entry> {
  const needed = new Set<Entry>()
  const open = [...tensors]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const maker = given.has(name) ? undefined : makers.get(name)
    if (!maker || needed.has(maker)) continue
    needed.add(maker)
    open.push(...maker.takes)
  }
  return needed
}

/** ValueInfoProto of a float32 matrix: name = 1, type = 2; tensor_type = 1; elem_type = 1, shape = 2; dim = 1; dim_param = 2. */
function matrix(name: string): Uint8Array {
  const sizes = ['rows', 'columns'].map((size) => lengthField(1, lengthField(2, utf8(`${name}.${size}`))))
  const tensor = joined([varintField(1, FLOAT32), lengthField(2, joined(sizes))])
  return joined([lengthField(1, utf8(name)), lengthField(2, lengthField(1, tensor))])
}
