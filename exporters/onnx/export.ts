// exportOnnx: a tfjs function in, an .onnx file out. Records, unifies, lowers, optimises, writes.

import { ExportError } from '../../src/errors.ts'
import { tooLargeForOne, withExternalData } from './file/external.ts'
import type { FileGraph } from './file/graph.ts'
import { graphOf } from './graph-of.ts'
import type { ExportOptions, ExportResult, InputSpec } from './options.ts'
import { encodeModel } from './proto.ts'
import type { RecordedFunction } from './recorder.ts'
import { shapeOf } from './samples.ts'
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
  const { name = 'main', unusedInputs = 'refuse' } = options
  const made = await graphOf(fn, inputs, { ...options, name, opset, unusedInputs })
  const { steps, sizes, counts } = made.recording
  const inside = made.graph
  const apart =
    options.externalData || tooLargeForOne(inside)
      ? withExternalData(inside, options.externalData ?? {})
      : { graph: inside, data: undefined }
  const { graph, data: external } = apart
  const domains = foreignDomains(made.versions, graph, opset)
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
  const shapes = new Map(Object.entries(inputs).map(([name, spec]) => [name, shapeOf(name, spec)]))
  const unknown = [...domains.keys()].find((domain) => domain !== MICROSOFT)
  const compared =
    options.verify === false || unknown
      ? undefined
      : await verifyExport(
          { bytes, external, fn, specs: inputs, shapes, graph, names: options.outputs, counts },
          options.sizes ?? tryingSizes(shapes, steps, sizes, counts),
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

function histogram(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}
