// exportOnnx: a tfjs function in, an .onnx file out. Records, unifies, lowers, optimises, writes.

import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import { type Builder, createBuilder } from './builder.ts'
import { placeOf } from './callsite.ts'
import { tooLargeForOne, withExternalData } from './file/external.ts'
import type { FileGraph } from './file/graph.ts'
import { layOut } from './file/lay-out.ts'
import type { Call } from './lower/lowering.ts'
import { refusal } from './lower/refused.ts'
import { loweringOf } from './lower/registered.ts'
import { optimise } from './optimise/index.ts'
import type { ExportOptions, ExportResult, InputSpec } from './options.ts'
import { patternValue } from './patterns.ts'
import { encodeModel } from './proto.ts'
import type { RecordedFunction } from './recorder.ts'
import { shapeOf } from './samples.ts'
import { evaluate, formatShape, type Sizes, sameShape } from './sizes.ts'
import { recordSymbolic } from './symbolic.ts'
import type { Step, UnifiedReference } from './unify.ts'
import type { Value } from './values.ts'
import { tryingSizes } from './verify/sizes.ts'
import { verifyExport } from './verify/verify.ts'

/** The file format version that each operator set came with. */
const IR_VERSIONS: ReadonlyMap<number, number> = new Map([
  [17, 8],
  [18, 8],
  [19, 9],
  [20, 9],
  [21, 10],
])

/**
 * Exports a function of tensors to ONNX. The function runs a few times on small inputs; whatever tfjs computes becomes
 * the graph. It must be the same computation at every size: no JavaScript loops or branches over symbolic sizes.
 *
 * @param fn takes the tensors by name, returns one tensor, an array, or tensors by name.
 * @param inputs the name, type and shape of every input.
 * @throws ExportError naming the kernel and the line of what cannot be exported.
 */
export async function exportOnnx(
  fn: RecordedFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  options: ExportOptions = {},
): Promise<ExportResult> {
  const opset = options.opset ?? 17
  const irVersion = options.irVersion ?? IR_VERSIONS.get(opset)
  if (irVersion === undefined || !IR_VERSIONS.has(opset)) {
    throw new ExportError(`opset ${opset} is not supported; choose ${[...IR_VERSIONS.keys()].join(', ')}`)
  }
  const specs = Object.entries(inputs)
  const shapes = new Map(specs.map(([name, spec]) => [name, shapeOf(name, spec)]))
  const { steps, outputs: given, sizes } = await recordSymbolic(fn, inputs, shapes, options)

  const g = createBuilder()
  const inputValues = new Map(
    specs.map(([name, { dtype }]) => [name, g.input(name, dtype, shapes.get(name)!)]),
  )
  const made = new Map<Step, readonly Value[]>()
  const resolve = (ref: UnifiedReference) => referenced(g, ref, inputValues, made)
  for (const [i, step] of steps.entries()) {
    options.onProgress?.('lower', i, steps.length)
    made.set(step, lowered(g, step, resolve, sizes))
  }
  options.onProgress?.('optimise', 0, 1)
  const outputs = optimise(g, new Map([...given].map(([name, ref]) => [name, resolve(ref)])))
  options.onProgress?.('write', 0, 1)
  const { name = 'main', packing, unusedInputs = 'refuse', isOutput = () => true } = options
  const inside = layOut([...inputValues.values()], outputs, { name, opset, packing, unusedInputs, isOutput })
  const apart =
    options.externalData || tooLargeForOne(inside)
      ? withExternalData(inside, options.externalData ?? {})
      : { graph: inside, data: undefined }
  const { graph, data: external } = apart
  const domains = foreignDomains(g.versions, graph, opset)
  const bytes = encodeModel({
    graph,
    opset,
    domains,
    irVersion,
    producerName: 'crystal-onnx',
    producerVersion: options.producerVersion ?? '',
    docString: options.docString ?? '',
    metadata: new Map(Object.entries(options.metadata ?? {})),
  })
  options.onProgress?.('verify', 0, 1)
  const unknown = [...domains.keys()].find((domain) => domain !== MICROSOFT)
  const compared =
    options.verify === false || unknown
      ? undefined
      : await verifyExport(
          { bytes, external, fn, specs: inputs, shapes, graph, names: options.outputs },
          options.sizes ?? tryingSizes(shapes, steps, sizes),
          sizes,
        )
  return {
    bytes,
    ...(external && { external }),
    verified: compared?.verified,
    notes: unknown
      ? [`it was not run beside the function: operators of "${unknown}" are not onnxruntime's own`]
      : (compared?.notes ?? []),
    inputs: graph.inputs,
    outputs: graph.outputs,
    nodes: graph.nodes.length,
    operators: histogram(graph.nodes.map(({ op }) => op)),
    recorded: steps.length,
    kernels: histogram(steps.map(({ kernel }) => kernel)),
    parameters: graph.initializers.reduce((n, { shape }) => n + shape.reduce((a, b) => a * b, 1), 0),
  }
}

/** Operators of onnxruntime beyond those of ONNX. */
const MICROSOFT = 'com.microsoft'

/** @throws ExportError when one of ONNX's own operators came later than the operator set of the file */
function foreignDomains(
  versions: ReadonlyMap<string, number>,
  { nodes }: FileGraph,
  opset: number,
): Map<string, number> {
  const least = versions.get('') ?? 1
  if (least > opset) {
    throw new ExportError(
      `an operator is made that came with operator set ${least}; choose it with option opset, not ${opset}`,
    )
  }
  const used = [...versions].filter(
    ([domain]) => domain && nodes.some(({ op }) => op.startsWith(`${domain}.`)),
  )
  return new Map(used)
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

/** The values that a recorded kernel becomes, checked against what tfjs gave. */
function lowered(g: Builder, step: Step, resolve: (ref: UnifiedReference) => Value, sizes: readonly Sizes[]) {
  const { kernel, path, site, attrs, outputs, composite } = step
  const lower = composite?.lower ?? loweringOf(kernel)
  const place = placeOf(kernel, site, path)
  if (!lower) throw new ExportError(`the kernel ${place()}, cannot be exported: ${refusal(kernel)}`)
  const inputs = new Map([...step.inputs].map(([name, ref]) => [name, resolve(ref)]))
  const call: Call = { kernel, inputs, attrs, outputs }
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
    const sameSizes = sizes.every(
      (at) =>
        String(value?.shape.map((size) => evaluate(size, at))) ===
        String(shape.map((size) => evaluate(size, at))),
    )
    if (value?.dtype === dtype && sameSizes) continue
    throw new ExportError(
      `${place()}: the lowering gives ${value?.dtype}${value && formatShape(value.shape)}, tfjs gave ${dtype}${formatShape(shape)}; ` +
        'this use of the kernel is not covered',
    )
  }
  return values
}

function histogram(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}
