// The configuration of a model in a repository of Triton Inference Server: config.pbtxt, a protobuf message as text. Its
// words are those of Triton's ModelConfig; the onnxruntime backend reads it.

import type { GraphValue } from '../../runtimes/metadata.ts'
import { ATOMS_END, type Layout } from './names.ts'

/** Crystals of a batch at most: what a graph needs of memory grows with the square of its atoms. Triton counts requests. */
const MOST_CRYSTALS = { cells: 16, ragged: 32 }
/** How long Triton waits for more requests, µs. */
const DELAY = 2000

/** ONNX element types as Triton calls them. */
const TYPES: Readonly<Record<number, string>> = { 1: 'TYPE_FP32', 6: 'TYPE_INT32' }

/** First line of every file, by which the layout of what is there already is told. */
export const layoutLine = (layout: Layout) => `# crystal-onnx, layout ${layout}`

export interface GraphValues {
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
}

/** @param name of the model: the name of its folder */
export function configText(name: string, layout: Layout, { inputs, outputs }: GraphValues): string {
  const batched = layout !== 'tables'
  const counted = layout === 'cells' ? 'numbers' : 'share'
  const given = inputs.filter((input) => input.name !== ATOMS_END)
  return [
    layoutLine(layout),
    '# On CPUs, one instance a core and one thread each is fastest:',
    '#   instance_group [ { kind: KIND_CPU count: 8 } ]',
    '#   parameters { key: "intra_op_thread_count" value: { string_value: "1" } }',
    `name: ${JSON.stringify(name)}`,
    'backend: "onnxruntime"',
    `max_batch_size: ${batched ? MOST_CRYSTALS[layout] : 0}`,
    ...given.map((input) => block('input', described(input, layout))),
    ...(batched
      ? [
          block('batch_input', [
            'kind: BATCH_ACCUMULATED_ELEMENT_COUNT',
            `target_name: "${ATOMS_END}"`,
            'data_type: TYPE_INT32',
            `source_input: "${counted}"`,
          ]),
        ]
      : []),
    ...outputs.map((output) =>
      block('output', fields(output, batched ? sizes(output).slice(1) : sizes(output))),
    ),
    ...(batched ? [`dynamic_batching { max_queue_delay_microseconds: ${DELAY} }`] : []),
    '',
  ].join('\n')
}

function described(input: GraphValue, layout: Layout): string[] {
  if (layout === 'tables') return fields(input, sizes(input))
  if (input.shape.length > 1) return fields(input, sizes(input).slice(1))
  // The requests of a batch may differ in length: the backend joins them to one axis.
  const perRequest = layout === 'cells' && input.name === 'frac' ? [-1, 3] : [-1]
  return [...fields(input, perRequest), 'allow_ragged_batch: true']
}

function fields({ name, type }: GraphValue, dims: readonly number[]): string[] {
  return [`name: ${JSON.stringify(name)}`, `data_type: ${TYPES[type]}`, `dims: [ ${dims.join(', ')} ]`]
}

/** What is open is −1. */
function sizes({ shape }: GraphValue): number[] {
  return shape.map((size) => (typeof size === 'number' ? size : -1))
}

function block(name: string, lines: readonly string[]): string {
  return `${name} {\n${lines.map((line) => `  ${line}\n`).join('')}}`
}
