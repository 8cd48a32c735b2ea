// The graph of a function, as a file holds it: recorded, lowered, optimised, laid out. A step that holds functions has a graph
// of each of them inside.

import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import { type Builder, createBuilder } from './builder.ts'
import { placeOf } from './callsite.ts'
import type { InnerFunction } from './composite.ts'
import type { FileGraph } from './file/graph.ts'
import { layOut } from './file/lay-out.ts'
import type { Call } from './lower/lowering.ts'
import { refusal } from './lower/refused.ts'
import { loweringOf } from './lower/registered.ts'
import { optimise } from './optimise/index.ts'
import type { ExportOptions, InputSpec } from './options.ts'
import { patternValue } from './patterns.ts'
import type { RecordedFunction } from './recorder.ts'
import { shapeOf } from './samples.ts'
import { evaluate, format, formatShape, type Shape, type Sizes, sameShape, symbolName } from './sizes.ts'
import { recordSymbolic, type SymbolicRecording } from './symbolic.ts'
import type { Step, UnifiedReference } from './unify.ts'
import { describeTypes, type NestedGraph, type TensorType, type Value } from './values.ts'

/** What the graph should be; see ExportOptions. */
export interface GraphOptions
  extends Pick<ExportOptions, 'sizes' | 'outputs' | 'packing' | 'isOutput' | 'onProgress'> {
  readonly name: string
  readonly opset: number
  readonly unusedInputs: 'refuse' | 'drop' | 'keep'
}

export interface FunctionGraph {
  readonly graph: FileGraph
  readonly recording: SymbolicRecording
  /** Of operator sets that foreign operators ask for, by domain. */
  readonly versions: ReadonlyMap<string, number>
}

export async function graphOf(
  fn: RecordedFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  options: GraphOptions,
): Promise<FunctionGraph> {
  const specs = Object.entries(inputs)
  const shapes = new Map(specs.map(([name, spec]) => [name, shapeOf(name, spec)]))
  const recording = await recordSymbolic(fn, inputs, shapes, options)
  const { steps, sizes } = recording
  const g = createBuilder()
  const inputValues = new Map(
    specs.map(([name, { dtype }]) => [name, g.input(name, dtype, shapes.get(name)!)]),
  )
  const made = new Map<Step, readonly Value[]>()
  const resolve = (ref: UnifiedReference) => referenced(g, ref, inputValues, made)
  const versions = new Map<string, number>()
  for (const [i, step] of steps.entries()) {
    options.onProgress?.('lower', i, steps.length)
    const given = new Map([...step.inputs].map(([name, ref]) => [name, resolve(ref)]))
    const nested = await nestedGraphs(step, [...given.values()].slice(1), options, versions)
    made.set(step, lowered(g, step, given, sizes, nested))
  }
  options.onProgress?.('optimise', 0, 1)
  const outputs = optimise(g, new Map([...recording.outputs].map(([name, ref]) => [name, resolve(ref)])))
  options.onProgress?.('write', 0, 1)
  const { name, opset, packing, unusedInputs, isOutput = () => true } = options
  const graph = layOut([...inputValues.values()], outputs, { name, opset, packing, unusedInputs, isOutput })
  higher(versions, g.versions)
  return { graph, recording, versions }
}

function higher(versions: Map<string, number>, others: ReadonlyMap<string, number>): void {
  for (const [domain, version] of others) versions.set(domain, Math.max(version, versions.get(domain) ?? 1))
}

function referenced(
  g: Builder,
  ref: UnifiedReference,
  inputs: ReadonlyMap<string, Value>,
  made: ReadonlyMap<Step, readonly Value[]>,
): Value {
  if (ref.kind === 'input') return inputs.get(ref.name)!
  if (ref.kind === 'output') return made.get(ref.step)![ref.index]
  if (ref.kind === 'pattern') return patternValue(g, ref.pattern, ref.type)
  const { data, shape, label } = ref.snapshot
  return g.constant(data, shape, label)
}

/** The graph of each function that a step holds. @param args what the functions are given */
async function nestedGraphs(
  step: Step,
  args: readonly TensorType[],
  options: GraphOptions,
  versions: Map<string, number>,
): Promise<Call['graphs']> {
  const { composite, kernel, site, path } = step
  if (!composite?.graphs) return undefined
  const inputs = innerInputs(args)
  const nested: Record<string, NestedGraph> = {}
  for (const [key, inner] of Object.entries(composite.graphs)) {
    const made = await innerGraph(inner, inputs, { ...options, name: key }).catch((cause: unknown) => {
      if (!(cause instanceof CrystalOnnxError)) throw cause
      throw new ExportError(`${placeOf(kernel, site, path)()}, ${key}: ${cause.message}`, { cause })
    })
    higher(versions, made.versions)
    nested[key] = { graph: made.graph, types: step.outputs }
  }
  return nested
}

/** Sizes that are no plain symbols become such. */
function innerInputs(args: readonly TensorType[]): Record<string, InputSpec> {
  const fresh = new Map<string, string>()
  const specs = args.map(({ dtype, shape }, i): [string, InputSpec] => {
    const sizes = shape.map((size) => {
      if (typeof size === 'number') return size
      const text = symbolName(size) ?? fresh.get(format(size)) ?? `size_${fresh.size}`
      if (symbolName(size) === undefined) fresh.set(format(size), text)
      return text
    })
    return [`x${i}`, { dtype: dtype as InputSpec['dtype'], shape: sizes }]
  })
  return Object.fromEntries(specs)
}

async function innerGraph(
  inner: InnerFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  { name, opset, packing }: GraphOptions,
): Promise<FunctionGraph> {
  const names = Object.keys(inputs)
  const fn: RecordedFunction = (given) => inner(names.map((name) => given[name]))
  const made = await graphOf(fn, inputs, { name, opset, packing, unusedInputs: 'keep' })
  if (name !== 'body') return made
  const [before, after] = [made.graph.inputs, made.graph.outputs.slice(1)].map(describeTypes)
  if (before === after) return made
  throw new ExportError(`a turn makes ${after} of ${before}; a loop keeps types and sizes`)
}

/** The values that a recorded kernel becomes, checked against what tfjs gave. */
function lowered(
  g: Builder,
  step: Step,
  inputs: ReadonlyMap<string, Value>,
  sizes: readonly Sizes[],
  graphs: Call['graphs'],
): readonly Value[] {
  const { kernel, path, site, attrs, outputs, composite } = step
  const lower = composite?.lower ?? loweringOf(kernel)
  const place = placeOf(kernel, site, path)
  if (!lower) throw new ExportError(`the kernel ${place()}, cannot be exported: ${refusal(kernel)}`)
  const call: Call = { kernel, inputs, attrs, outputs, graphs }
  let values: readonly Value[]
  try {
    values = g.within(path.join('.'), () => [lower(g, call)].flat() as Value[])
  } catch (cause) {
    if (!(cause instanceof CrystalOnnxError)) throw cause
    throw new ExportError(`${place()}: ${cause.message}`, { cause })
  }
  for (const [i, { dtype, shape }] of outputs.entries()) {
    const value = values[i]
    if (value?.dtype === dtype && sameShape(value.shape, shape)) continue
    if (value?.dtype === dtype && sizes.every((at) => sameAt(at, value.shape, shape))) continue
    throw new ExportError(
      `${place()}: the lowering gives ${value?.dtype}${value && formatShape(value.shape)}, tfjs gave ${dtype}${formatShape(shape)}; ` +
        'this use of the kernel is not covered',
    )
  }
  return values
}

const sameAt = (at: Sizes, a: Shape, b: Shape): boolean =>
  String(a.map((size) => evaluate(size, at))) === String(b.map((size) => evaluate(size, at)))
