// evaluateGraph: an ONNX graph in float64, by plain loops, one node after the other. The truth about what a file means,
// for networks that have no float64 program of their own. It evaluates the operators that this exporter writes; floats
// of every width are float64 throughout, a Cast between them changes nothing, and initialisers are the numbers that are
// stored. Slow: 0.1 s for a full-size Crystalformer on nine atoms. Not a runtime.

import { LimitError, ModelFileError } from '../../../src/errors.ts'
import { type FileGraph, type FileModel, type FileNode, nestedGraph } from '../file/graph.ts'
import { decodeModel, type ExternalFiles } from '../proto.ts'
import { type Call, fault, refuseUnasked } from './call.ts'
import { constant } from './constants.ts'
import { checkedInputs, type GraphInput } from './inputs.ts'
import { EVALUATED } from './operators.ts'
import type { Tensor } from './tensor.ts'

/** Operator sets whose rules the evaluator follows. */
const OPSETS = [17, 18, 19, 20, 21]
/** Bytes of all tensors that are still needed: what a graph may ask for at once. */
const MAX_BYTES = 2 ** 31

/**
 * The outputs of a graph, by name.
 * @param model an .onnx file, or one already decoded
 * @param external the files beside it that hold constants of it, by name
 * @throws ModelFileError for inputs that do not fit, and for a graph that is wrong or holds what the evaluator does not
 *   know, naming the node; LimitError for one that needs too much memory
 */
export function evaluateGraph(
  model: Uint8Array | FileModel,
  inputs: Readonly<Record<string, GraphInput>>,
  external?: ExternalFiles,
): Map<string, Tensor> {
  const { graph, opset } = model instanceof Uint8Array ? decodeModel(model, 'model', external) : model
  if (!OPSETS.includes(opset)) {
    throw new ModelFileError(`operator set ${opset}; the evaluator knows ${OPSETS.join(', ')}`)
  }
  return new Map(evaluated(graph, checkedInputs(graph.inputs, inputs), () => undefined))
}

type Named = readonly [string, Tensor]

/** The outputs, in order. @param outer what is known around the graph, by name */
function evaluated(
  graph: FileGraph,
  inputs: Iterable<Named>,
  outer: (name: string) => Tensor | undefined,
): Named[] {
  const results = graph.outputs.map(({ name }) => name)
  const values = store(usesOf(graph.nodes, results))
  for (const [name, value] of inputs) values.set(name, value)
  const constants = new Map(graph.initializers.map((stored) => [stored.name, stored]))
  const known = (name: string): Tensor | undefined => {
    const stored = values.get(name) === undefined ? constants.get(name) : undefined
    if (stored) values.set(name, constant(stored))
    return values.get(name) ?? outer(name)
  }
  const inside: Call['inside'] = (nested, given) =>
    evaluated(
      nested,
      nested.inputs.map(({ name }, i) => [name, given[i]]),
      known,
    ).map(([, value]) => value)
  for (const node of graph.nodes) {
    const given = node.inputs.map((name) => (name === '' ? undefined : known(name)))
    const call: Call = { node, inputs: given, read: new Set(), inside }
    const missing = node.inputs.find((name, i) => name !== '' && !given[i])
    if (missing !== undefined) {
      throw fault(call, `its input "${missing}" is no input, initializer, or output of an earlier node`)
    }
    for (const [name, value] of outputsOf(call)) {
      if (values.get(name) || constants.has(name)) throw fault(call, `"${name}" is there already`)
      values.set(name, value)
    }
    for (const name of readBy(node)) values.used(name)
  }
  return results.map((name) => {
    const value = known(name)
    if (value) return [name, value]
    throw new ModelFileError(`nothing in the graph gives the output "${name}"`)
  })
}

/** What a node reads: its inputs, and what graphs in it name, of which some is their own. */
function readBy({ inputs, attrs }: FileNode): string[] {
  const nested = Object.values(attrs).flatMap((value) => nestedGraph(value) ?? [])
  const named = nested.flatMap(({ nodes, outputs }) => [
    ...nodes.flatMap(readBy),
    ...outputs.map(({ name }) => name),
  ])
  return [...inputs, ...named]
}

/** The outputs of one node, by name. */
function outputsOf(call: Call): [string, Tensor][] {
  const { op, outputs } = call.node
  const operator = EVALUATED.get(op)
  if (!operator) throw fault(call, 'is no operator that the evaluator knows; see exporters/onnx/reference')
  const made = [operator(call)].flat() as Tensor[]
  refuseUnasked(call)
  return outputs.flatMap((name, i) => {
    if (name === '') return []
    if (i < made.length) return [[name, made[i]]]
    throw fault(call, `output ${i}, "${name}", is none that the evaluator gives`)
  })
}

/** How often each value is asked for; outputs of the graph once more than they are, so that they stay. */
function usesOf(nodes: readonly FileNode[], results: readonly string[]): Map<string, number> {
  const uses = new Map<string, number>()
  for (const name of [...nodes.flatMap(readBy), ...results]) {
    uses.set(name, (uses.get(name) ?? 0) + 1)
  }
  return uses
}

interface Store {
  get(name: string): Tensor | undefined
  /** @throws LimitError when the values that are still needed take too much memory */
  set(name: string, value: Tensor): void
  /** Counts one use of a value, and forgets it after the last. */
  used(name: string): void
}

/** Values by name. Several may share their numbers, which count once. */
function store(uses: Map<string, number>): Store {
  const values = new Map<string, Tensor>()
  const holders = new Map<ArrayBufferLike, number>()
  let bytes = 0
  const hold = ({ data: { buffer } }: Tensor, change: 1 | -1): void => {
    const before = holders.get(buffer) ?? 0
    holders.set(buffer, before + change)
    if (before + change === 0) holders.delete(buffer)
    if (before === 0 || before + change === 0) bytes += change * buffer.byteLength
  }
  return {
    get: (name) => values.get(name),
    set(name, value) {
      if (!uses.get(name)) return
      values.set(name, value)
      hold(value, 1)
      if (bytes > MAX_BYTES) {
        throw new LimitError(
          `"${name}": the values that are needed at once take ${bytes} bytes in float64, expected at most ` +
            `${MAX_BYTES}; evaluate fewer or smaller inputs at once`,
        )
      }
    },
    used(name) {
      const left = (uses.get(name) ?? 0) - 1
      uses.set(name, left)
      const value = values.get(name)
      if (left > 0 || !value) return
      values.delete(name)
      hold(value, -1)
    },
  }
}
