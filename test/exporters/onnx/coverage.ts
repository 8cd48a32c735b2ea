// The table of docs/coverage.md: every lowering with the ONNX operators that it gives for its test rows.

import { readFileSync } from 'node:fs'
import type { ExporterRow } from '../../../bench/exporter.ts'
import { createBuilder } from '../../../exporters/onnx/builder.ts'
import { LOWERINGS } from '../../../exporters/onnx/lower/index.ts'
import { REFUSED } from '../../../exporters/onnx/lower/refused.ts'
import { OPERATORS } from '../../../exporters/onnx/operators/index.ts'
import {
  COUNTED_OPERATORS,
  NEVER_ON_WEBGPU,
  REFUSED_BY_WEBGPU,
  WEBGPU_ON_CPU,
  WRITTEN,
} from '../../../exporters/onnx/operators/providers.ts'
import { shapeOf } from '../../../exporters/onnx/samples.ts'
import { recordSymbolic } from '../../../exporters/onnx/symbolic.ts'
import type { Step, Unified, UnifiedReference } from '../../../exporters/onnx/unify.ts'
import { nodesOf, type Value } from '../../../exporters/onnx/values.ts'
import type { Row } from './kernels/row.ts'
import { specs } from './session.ts'

async function recorded(row: Row): Promise<{ unified: Unified; inputs: ReturnType<typeof specs> }> {
  const inputs = specs(row.inputs)
  const shapes = new Map(Object.entries(inputs).map(([name, spec]) => [name, shapeOf(name, spec)]))
  return { unified: await recordSymbolic(row.fn, inputs, shapes, {}), inputs }
}

/** The operators that one recorded kernel becomes by itself. */
function operatorsOf(step: Step, { inputs }: Awaited<ReturnType<typeof recorded>>): string[] {
  const g = createBuilder()
  const placeholder = (name: string, ref: UnifiedReference): Value => {
    if (ref.kind === 'constant') return g.constant(ref.snapshot.data, ref.snapshot.shape)
    if (ref.kind === 'input') return g.input(name, inputs[ref.name].dtype, shapeOf(name, inputs[ref.name]))
    const { dtype, shape } = ref.kind === 'output' ? ref.step.outputs[ref.index] : ref.type
    return g.input(name, dtype, shape)
  }
  const values = new Map([...step.inputs].map(([name, ref]) => [name, placeholder(name, ref)]))
  const { kernel, attrs, outputs } = step
  const result = [LOWERINGS.get(kernel)!(g, { kernel, inputs: values, attrs, outputs })].flat() as Value[]
  return nodesOf(result).map(({ op }) => op)
}

function onWebgpu(op: string): string {
  if (NEVER_ON_WEBGPU.has(op)) return 'on the CPU'
  const types = WEBGPU_ON_CPU.get(op)
  const not = REFUSED_BY_WEBGPU.get(op)
  return ['yes', types && `${types.join(' and ')} on the CPU`, not].filter(Boolean).join('; ')
}

/** What `npm run bench -- exporter` wrote. */
const { processor, rows: PUBLIC_MODELS } = JSON.parse(
  readFileSync(new URL('../../../bench/exporter.json', import.meta.url), 'utf8'),
) as { processor: string; rows: readonly ExporterRow[] }

const figure = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? '–'

/** Which rows are of another machine. */
function elsewhere(): string {
  const rows = PUBLIC_MODELS.filter((row) => row.processor)
  const names = [...new Set(rows.map((row) => row.processor))].map(
    (other) =>
      `${rows
        .filter((row) => row.processor === other)
        .map(({ model }) => model)
        .join(' and ')} on ${other}`,
  )
  return names.length > 0 ? `Timed elsewhere: ${names.join('; ')}.` : ''
}

function publicModel(row: ExporterRow): string {
  const { refused, nodes, tf2onnx, bytes, seconds, error, onnxruntime_ms, wasm_ms } = row
  const peer = typeof tf2onnx === 'string' ? 'fails' : (tf2onnx ?? '–')
  const [reason] = refused?.split('. ') ?? []
  const measured = reason
    ? [`refused: ${reason}`, peer, '–', '–', '–', '–', '–']
    : [
        ...[nodes, peer, bytes, figure(seconds, 1), error?.toExponential(0)],
        ...[figure(onnxruntime_ms, 1), figure(wasm_ms, 1)],
      ]
  return `| ${[row.package, row.version, row.model, ...measured].join(' | ')} |`
}

/** docs/coverage.md. */
export async function coverage(rows: readonly Row[]): Promise<string> {
  const operators = new Map<string, Set<string>>()
  const count = new Map<string, number>()
  for (const row of rows) {
    const recording = await recorded(row)
    for (const step of recording.unified.steps.filter(({ kernel }) => kernel === row.kernel)) {
      const found = operators.get(row.kernel) ?? new Set()
      for (const op of operatorsOf(step, recording)) found.add(op)
      operators.set(row.kernel, found)
    }
    count.set(row.kernel, (count.get(row.kernel) ?? 0) + 1)
  }
  const kernels = [...LOWERINGS.keys()].sort()
  const used = [...new Set([...OPERATORS.keys(), ...WRITTEN, ...COUNTED_OPERATORS])].sort()
  return `# What the ONNX exporter covers

Generated from the table of lowerings and its tests by \`npx vitest run test/exporters/onnx -u\`; do not edit.

## tfjs kernels

${kernels.length} kernels of tfjs 4.22 have a lowering. Each is compared with tfjs by onnxruntime at sizes that were not recorded.
A kernel whose operators are "none" leaves no node behind, or becomes part of another.

| tfjs kernel | ONNX operators | test rows |
| --- | --- | --- |
${kernels.map((kernel) => `| ${kernel} | ${[...(operators.get(kernel) ?? [])].sort().join(', ') || 'none'} | ${count.get(kernel) ?? 0} |`).join('\n')}

## Kernels that are refused

| tfjs kernel | why |
| --- | --- |
${[...REFUSED]
  .sort()
  .map(([kernel, reason]) => `| ${kernel} | ${reason} |`)
  .join('\n')}

Kernels of your own are refused until \`registerLowering\` says how they are exported.

## Public models

${PUBLIC_MODELS.length} models of ${new Set(PUBLIC_MODELS.map((row) => row.package)).size} packages of npm, by \`npm run bench -- exporter\` on ${processor}, one thread, beside other work. Each file is compared
with tfjs at sizes that were not recorded; \`error\` is the largest difference, relative to the largest number of an output, and
\`seconds\` what export and comparison take together. The last two columns are milliseconds of one run of the same numbers, medians in turns;
tfjs-wasm lacks kernels of some. \`tf2onnx\`: nodes of what tf2onnx 1.16 makes of the same model.json with operator set 17; it takes graph models only.
Weights that are stored in float16 stay so, with a Cast each among the nodes, which onnxruntime folds when it opens the file and tf2onnx does not
write: 46 in handlandmark-full, 42 in handlandmark-lite, 45 in handlandmark-sparse, 33 in meet, 32 in selfie. ${elsewhere()}

| package | version | model | nodes | tf2onnx | bytes | seconds | error | onnxruntime | tfjs-wasm |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${PUBLIC_MODELS.map(publicModel).join('\n')}

## ONNX operators and onnxruntime's providers

A graph holds no other operators than these, but for those that registered lowerings make. The CPU, CUDA and WebGPU providers
run them; what WebGPU hands to the CPU (right, but with a copy there and back), and what it refuses, is named. ScatterElements
adds rightly at repeated indices on the CPU with four threads, in WebAssembly and on WebGPU; where rows are replaced instead of
added (tf.tensorScatterUpdate, tf.sparseToDense), which of those with one index stays is not defined on GPUs. WebGPU was measured with onnxruntime 1.30, node by node; CUDA is
after its documentation. int64 appears in shapes only, and in the result of ArgMax, ArgMin, TopK,
NonMaxSuppression and NonZero before its Cast to int32. The sizes of what NonMaxSuppression, NonZero and Range give depend on values: a GPU
waits for those before it goes on.

| ONNX operator | CPU | CUDA | WebGPU |
| --- | --- | --- | --- |
${used.map((op) => `| ${op} | yes | yes | ${onWebgpu(op)} |`).join('\n')}
`
}
