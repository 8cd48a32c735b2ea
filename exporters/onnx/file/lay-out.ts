// From the built graph to the one in the file: names, initialisers, and shapes as tensors.

import { ExportError } from '../../../src/errors.ts'
import type { Packing } from '../../../src/math/fewer-bits.ts'
import type { TensorInfo } from '../options.ts'
import { format, type Shape, symbolName } from '../sizes.ts'
import { type ConstantData, type Node, nodesOf, type Value } from '../values.ts'
import type { FileGraph, FileNode, FileTensor } from './graph.ts'
import { createNames, initializerRole, operatorName } from './names.ts'
import { withNested } from './nested.ts'
import { packedConstant } from './packed.ts'
import { createRuntimeSizes } from './runtime-sizes.ts'
import { written } from './written.ts'

export interface LayOutOptions {
  readonly name: string
  readonly opset: number
  readonly packing?: Packing
  /** An inner graph keeps all of them: they are counted. */
  readonly unusedInputs: 'refuse' | 'drop' | 'keep'
  readonly isOutput: (name: string) => boolean
}

/**
 * @param outputs by name; those that are no outputs of the file keep their names inside it
 * @throws ExportError when an input has no use, if that is refused: a file does not ask for what it ignores.
 */
export function layOut(
  inputs: readonly Value[],
  outputs: ReadonlyMap<string, Value>,
  { name, opset, packing, unusedInputs, isOutput }: LayOutOptions,
): FileGraph {
  const nodes: FileNode[] = []
  const initializers: FileTensor[] = []
  const inputNames = new Map(inputs.map((value) => [value, inputName(value)]))
  const twice = [...outputs.keys()].find((output) => inputs.some((value) => inputName(value) === output))
  if (twice !== undefined) {
    throw new ExportError(
      `an input and an output are both named "${twice}", and ONNX has each name once; give the output another one`,
    )
  }
  const names = createNames([...inputNames.values(), ...outputs.keys()])
  const order = nodesOf([...outputs.values()])
  const nameOf = new Map<Value, string>(inputNames)
  const found = origins(order, outputs, inputs)
  const originOf = (symbol: string) => {
    const origin = found.get(symbol)
    return origin && { tensor: nameOf.get(origin.value), axis: origin.axis }
  }
  const runtime = createRuntimeSizes(originOf, names, (node) => nodes.push(node))
  const pending = claimOutputs(outputs, nameOf)

  function initializer(value: Value, data: ConstantData, wanted: string): string {
    const label = names.unique(wanted)
    const packed =
      packing && data instanceof Float32Array
        ? packedConstant(label, data, value.shape as number[], packing)
        : undefined
    if (packed) {
      initializers.push(...packed.tensors)
      nodes.push(...packed.nodes)
      return label
    }
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    initializers.push({ name: label, dtype: value.dtype, shape: value.shape as number[], bytes })
    return label
  }

  /** The name of an input of a node, made when it is first used. */
  function nameFor(value: Value | undefined, role: string): string {
    if (!value) return ''
    const { source } = value
    if (source.kind === 'sizes') return runtime.vector(source.sizes)
    let known = nameOf.get(value)
    if (known === undefined && source.kind === 'constant') {
      known = initializer(value, source.data, source.label ?? constantName(value, source.data, role))
      nameOf.set(value, known)
    }
    if (known === undefined) throw new ExportError(`a ${source.kind} has no name yet: nodes are out of order`)
    return known
  }

  for (const node of order) {
    const { op, given, attrs } = written(node, opset)
    const own = `${node.scope ? `${node.scope}.` : ''}${operatorName(op)}`
    const inputList = given.map((value, i) =>
      Array.isArray(value)
        ? runtime.vector(value as Shape)
        : nameFor(value as Value | undefined, `${own}.${initializerRole(op, i)}`),
    )
    const claimed = node.outputs.map((value) => nameOf.get(value))
    const label = names.unique(own)
    for (const [i, value] of node.outputs.entries()) {
      if (claimed[i] === undefined)
        nameOf.set(value, node.outputs.length === 1 ? label : names.unique(`${label}.${i}`))
    }
    nodes.push({
      op,
      name: label,
      inputs: inputList,
      outputs: node.outputs.map((value) => nameOf.get(value)!),
      attrs: withNested(
        op,
        attrs,
        label,
        op === 'If' ? node.inputs.slice(1).map((value) => nameFor(value, label)) : [],
      ),
    })
  }
  for (const [output, value] of pending) {
    nodes.push({
      op: 'Identity',
      name: names.unique('identity'),
      inputs: [nameFor(value, output)],
      outputs: [output],
      attrs: {},
    })
  }
  const used = new Set(nodes.flatMap((node) => node.inputs))
  if (unusedInputs === 'refuse') refuseUnused(inputNames.values(), used)
  return {
    name,
    nodes,
    initializers: [...initializers, ...runtime.initializers],
    inputs: inputs
      .filter((value) => unusedInputs === 'keep' || used.has(inputName(value)))
      .map((value) => tensorInfo(inputName(value), value)),
    outputs: [...outputs]
      .filter(([output]) => isOutput(output))
      .map(([output, value]) => tensorInfo(output, value)),
  }
}

const inputName = ({ source }: Value): string => (source.kind === 'input' ? source.name : '')

const tensorInfo = (name: string, { dtype, shape }: Value): TensorInfo => ({
  name,
  dtype,
  shape: shape.map((size) => (typeof size === 'number' ? size : format(size))),
})

/** Gives the results of nodes the names of the outputs; returns the outputs that need a copy under their own name. */
function claimOutputs(outputs: ReadonlyMap<string, Value>, nameOf: Map<Value, string>): [string, Value][] {
  const pending: [string, Value][] = []
  for (const [name, value] of outputs) {
    if (value.source.kind === 'node' && !nameOf.has(value)) nameOf.set(value, name)
    else pending.push([name, value])
  }
  return pending
}

/** Where each symbol can be read off: an input, if one can be one that is used anyway, or a node that tells how many. */
function origins(
  order: readonly Node[],
  outputs: ReadonlyMap<string, Value>,
  inputs: readonly Value[],
): ReadonlyMap<string, { readonly value: Value; readonly axis: number }> {
  const used = new Set<Value | undefined>([...order.flatMap((node) => node.inputs), ...outputs.values()])
  const found = new Map<string, { value: Value; axis: number }>()
  const told = order.filter(({ foreign }) => foreign).flatMap((node) => node.outputs)
  for (const value of [...inputs.toSorted((a, b) => Number(used.has(b)) - Number(used.has(a))), ...told]) {
    for (const [axis, size] of value.shape.entries()) {
      const symbol = symbolName(size)
      if (symbol !== undefined && !found.has(symbol)) found.set(symbol, { value, axis })
    }
  }
  return found
}

function refuseUnused(inputs: Iterable<string>, used: ReadonlySet<string>): void {
  const unused = [...inputs].filter((name) => !used.has(name))
  if (unused.length === 0) return
  throw new ExportError(
    `no output depends on the input ${unused.map((name) => `"${name}"`).join(', ')}; leave it out`,
  )
}

/** A scalar is named after its value, a tensor after the node that uses it first. */
function constantName(value: Value, data: ConstantData, role: string): string {
  return value.shape.length === 0 ? `constant.${Number(data[0].toPrecision(6))}` : role
}
