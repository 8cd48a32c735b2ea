// Builds the graph: every node gets its type and shape when it is made, and an equal node is made only once.

import { ExportError } from '../../src/errors.ts'
import { OPERATORS } from './operators/index.ts'
import type { Infer } from './operators/operator.ts'
import { format, formatShape, type Shape, symbolName, symbols } from './sizes.ts'
import {
  type Attributes,
  type ConstantData,
  type DType,
  isNested,
  type Node,
  type TensorType,
  type Value,
} from './values.ts'

/** An operator that the exporter knows nothing of. */
export interface ForeignOperator {
  /** as the operator set calls it */
  readonly op: string
  /** ONNX's own where left out */
  readonly domain?: string
  /** of the operator set that has it; default 1 */
  readonly version?: number
}

/** Makes the nodes of a graph. */
export interface Builder {
  /** The only output of a node. @throws ExportError when the operator does not take these inputs. */
  readonly op: (op: string, inputs: readonly (Value | undefined)[], attrs?: Attributes) => Value
  /** All outputs of a node. */
  readonly ops: (op: string, inputs: readonly (Value | undefined)[], attrs?: Attributes) => readonly Value[]
  /**
   * All outputs of a node of any operator, of ONNX or of another domain. The exporter takes the types and sizes of its
   * outputs as they are given here.
   */
  readonly foreign: (
    operator: ForeignOperator,
    inputs: readonly (Value | undefined)[],
    attrs: Attributes,
    outputs: readonly TensorType[],
  ) => readonly Value[]
  /**
   * The output of a node of an operator whose sizes values tell: those of `output` that are symbols of their own stand for
   * them from here on.
   */
  readonly counted: (
    op: string,
    inputs: readonly (Value | undefined)[],
    attrs: Attributes,
    output: TensorType,
  ) => Value
  /** The same node with other inputs. */
  readonly again: (node: Node, inputs: readonly (Value | undefined)[]) => readonly Value[]
  /** The versions of operator sets that foreign operators ask for, by domain; '' for ONNX's own. */
  readonly versions: ReadonlyMap<string, number>
  /** An input of the graph. */
  readonly input: (name: string, dtype: DType, shape: Shape) => Value
  /** A constant; of two with the same numbers there is one. */
  readonly constant: (data: ConstantData, shape: readonly number[], label?: string) => Value
  /** A constant of rank 0. */
  readonly scalar: (value: number, dtype: DType) => Value
  /** A vector of sizes: the target of a Reshape, the ends of a Slice. */
  readonly sizes: (sizes: Shape) => Value
  /** Nodes made while `fn` runs are named after `scope`. */
  readonly within: <T>(scope: string, fn: () => T) => T
}

const SPELT = 64

export function createBuilder(): Builder {
  const made = new Map<string, readonly Value[]>()
  const versions = new Map<string, number>()
  const nested = new Map<object, number>()
  /** Where the sizes that values tell can be read off, by their symbols. */
  const counts = new Map<string, Value>()
  /** Symbols that are sizes of inputs. */
  const known = new Set<string>()
  const numbered = new Map<string, { data: ConstantData; number: number }[]>()
  let count = 0
  let scope = ''

  const once = (key: string, make: () => readonly Value[]): readonly Value[] => {
    let values = made.get(key)
    if (!values) {
      values = make()
      made.set(key, values)
    }
    return values
  }

  function ops(op: string, inputs: readonly (Value | undefined)[], attrs: Attributes = {}): readonly Value[] {
    const infer = OPERATORS.get(op)
    if (!infer) {
      throw new ExportError(
        `${op} is no operator that the exporter knows; make it with foreign, which takes the types of its outputs`,
      )
    }
    return nodeOf({ op, inputs, attrs }, infer)
  }

  /** Graphs in nodes are told apart by what they are, not by what they hold. */
  function graphsByNumber(_: string, value: Attributes[string]): unknown {
    if (!isNested(value)) return value
    const id = nested.get(value.graph) ?? nested.size
    nested.set(value.graph, id)
    return `graph ${id}`
  }

  function nodeOf(parts: Pick<Node, 'op' | 'inputs' | 'attrs' | 'foreign'>, infer: Infer): readonly Value[] {
    const { op, inputs, attrs, foreign = [] } = parts
    const told = foreign.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`)
    const key = `${op} ${inputs.map((value) => value?.id ?? '-')} ${JSON.stringify(attrs, graphsByNumber)} ${told}`
    return once(key, () => {
      const outputs: Value[] = []
      const node: Node = { id: count++, ...parts, outputs, scope }
      for (const [index, { dtype, shape }] of infer(node).entries()) {
        outputs.push({ id: count++, dtype, shape, source: { kind: 'node', node, index } })
      }
      return outputs
    })
  }

  function unknown(op: string, inputs: Node['inputs'], attrs: Attributes, types: readonly TensorType[]) {
    const outputs = nodeOf({ op, inputs, attrs, foreign: types }, () => types)
    const given = new Set([...known, ...inputs.flatMap((value) => value?.shape.flatMap(symbols) ?? [])])
    for (const value of outputs) {
      for (const name of value.shape.map(symbolName)) {
        if (name !== undefined && !given.has(name)) counts.set(name, value)
      }
    }
    return outputs
  }

  function constant(data: ConstantData, shape: readonly number[], label?: string): Value {
    const dtype = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'bool'
    return once(`constant ${dtype} [${shape}] ${content(data)}`, () => [
      { id: count++, dtype, shape, source: { kind: 'constant', data, label } },
    ])[0]
  }

  /** A text that is the same for equal numbers only: short constants are spelt out, long ones numbered. */
  function content(data: ConstantData): string {
    if (data.length > SPELT) return `#${number(data)}`
    // −0 and 0 are different constants: 1/x tells.
    return Array.from(data, (v) => (Object.is(v, -0) ? '-0' : v)).join()
  }

  function number(data: ConstantData): number {
    const key = `${data.constructor.name} ${data.length} ${checksum(data)}`
    const alike = numbered.get(key) ?? []
    numbered.set(key, alike)
    const same = alike.find(({ data: other }) => other === data || sameBytes(other, data))
    if (same) return same.number
    alike.push({ data, number: count })
    return count++
  }

  return {
    ops,
    op: (op, inputs, attrs) => ops(op, inputs, attrs)[0],
    versions,
    foreign({ op, domain = '', version = 1 }, inputs, attrs, outputs) {
      versions.set(domain, Math.max(version, versions.get(domain) ?? 1))
      return unknown(domain ? `${domain}.${op}` : op, inputs, attrs, outputs)
    },
    counted: (op, inputs, attrs, output) => unknown(op, inputs, attrs, [output])[0],
    again: ({ op, attrs, foreign }, inputs) =>
      foreign ? unknown(op, inputs, attrs, foreign) : ops(op, inputs, attrs),
    input(name, dtype, shape) {
      for (const symbol of shape.flatMap(symbols)) known.add(symbol)
      return once(`input ${name}`, () => [{ id: count++, dtype, shape, source: { kind: 'input', name } }])[0]
    },
    constant,
    scalar: (value, dtype) => constant(scalarData(value, dtype), []),
    sizes(sizes) {
      const from = counts.size === 0 ? [] : sizes.flatMap(symbols).flatMap((name) => counts.get(name) ?? [])
      return once(`sizes ${sizes.map(format)} of ${from.map(({ id }) => id)}`, () => [
        { id: count++, dtype: 'int64', shape: [sizes.length], source: { kind: 'sizes', sizes, from } },
      ])[0]
    },
    within(name, fn) {
      const outer = scope
      scope = name
      try {
        return fn()
      } finally {
        scope = outer
      }
    },
  }
}

function scalarData(value: number, dtype: DType): ConstantData {
  if (dtype === 'float32') return Float32Array.of(value)
  return dtype === 'int32' ? Int32Array.of(value) : Uint8Array.of(value)
}

/** Numbers of a constant that are looked at to tell it from others; those that look alike are compared. */
const LOOKED_AT = 4096

function sameBytes(a: ConstantData, b: ConstantData): boolean {
  const [left, right] = [bitsOf(a), bitsOf(b)]
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}

/** Every 32 bits as a whole number, which tells 0 from −0, or every byte. */
const bitsOf = (data: ConstantData): Int32Array | Uint8Array =>
  data instanceof Uint8Array ? data : new Int32Array(data.buffer, data.byteOffset, data.length)

/** FNV-1a over some of the numbers, the last one among them. */
function checksum(data: ConstantData): number {
  const bits = bitsOf(data)
  const step = Math.max(1, Math.floor(bits.length / LOOKED_AT))
  let hash = 0x811c9dc5
  for (let i = bits.length - 1; i >= 0; i -= step) hash = Math.imul(hash ^ bits[i], 0x01000193)
  return hash
}
