// The card of a model file, checked against its graph. Every .onnx file is read here.

import { ModelFileError } from '../src/errors.ts'
import { BATCH_TENSORS, CELL_TENSORS, type TensorRow } from '../src/periodic/tensors.ts'
import { CARD_KEY, type Card, parseCard } from './card.ts'
import { type GraphValue, type OnnxMetadata, readMetadata } from './metadata.ts'
import { attendingBlocks, EMBEDDING, MEMBERS } from './outputs.ts'
import { OUTPUT } from './runtime.ts'

/** What a graph may want; `species` stands in both tables, with the same type and number of sizes. */
const INPUTS: Readonly<Record<string, TensorRow>> = { ...BATCH_TENSORS, ...CELL_TENSORS }

/** Metadata of a file whose inputs a server joins from several requests (exporters/triton). */
export const LAYOUT_KEY = 'crystal-onnx.layout'

const ONNX_TYPE = { float32: 1, int32: 6 }

const OUTPUT_NAMES = { embedding: EMBEDDING, members: MEMBERS } as const

/** What a model file says of itself. */
export interface ModelFile {
  /** what it predicts, from what, and how well */
  readonly card: Card
  /** what any .onnx file says */
  readonly metadata: OnnxMetadata
  /** names of the graph's inputs, all of them tensors of a batch */
  readonly inputs: readonly string[]
  /** names of the graph's outputs: the prediction, and what the card says besides */
  readonly outputs: readonly string[]
}

/** @throws ModelFileError when the file is no ONNX model, has no valid card, or its graph does not fit the card. */
export function readModelFile(bytes: Uint8Array, file = 'model'): ModelFile {
  const metadata = readMetadata(bytes, file)
  const json = metadata.metadata.get(CARD_KEY)
  if (json === undefined) {
    throw new ModelFileError(
      `${file}: an ONNX model without a card (metadata "${CARD_KEY}"); expected one written by crystal-onnx export`,
    )
  }
  if (metadata.initializers.some(({ outside }) => outside)) {
    throw new ModelFileError(
      `${file}: its weights are in another file; load the model by its path or address, where that file lies beside it`,
    )
  }
  const card = parseCard(json, file)
  if (metadata.metadata.has(LAYOUT_KEY)) {
    throw new ModelFileError(
      `${file}: takes batches as Triton Inference Server joins them; use the file that export writes without --to triton`,
    )
  }
  for (const input of metadata.inputs) checkInput(input, file)
  const inputs = metadata.inputs.map(({ name }) => name)
  const outputs = metadata.outputs.map(({ name }) => name)
  if (!outputs.includes(OUTPUT)) {
    throw new ModelFileError(`${file}: the graph gives ${outputs.join(', ')}, expected "${OUTPUT}"`)
  }
  const columns = metadata.outputs.find(({ name }) => name === OUTPUT)!.shape.at(-1)
  if (typeof columns === 'number' && columns !== card.targets.length) {
    throw new ModelFileError(
      `${file}: its graph gives ${columns} values a crystal, its card names ${card.targets.length} targets`,
    )
  }
  const width = metadata.outputs.find(({ name }) => name === EMBEDDING)?.shape.at(-1)
  const features = card.domain?.features
  if (features && typeof width === 'number' && width !== features.width) {
    throw new ModelFileError(
      `${file}: the domain of its card is of ${features.width} features, its graph gives ${width}`,
    )
  }
  for (const output of card.outputs) {
    const given =
      output === 'attention' ? attendingBlocks(outputs).length > 0 : outputs.includes(OUTPUT_NAMES[output])
    if (!given)
      throw new ModelFileError(`${file}: its card promises the output "${output}", its graph has none`)
  }
  return { card, metadata, inputs, outputs }
}

/** @throws ModelFileError for an input that no batch has, or has as another type or with another number of sizes. */
function checkInput({ name, type, shape }: GraphValue, file: string): void {
  if (!Object.hasOwn(INPUTS, name)) {
    const known = Object.keys(INPUTS).join(', ')
    throw new ModelFileError(`${file}: the graph wants the input "${name}", expected ${known}`)
  }
  const { dtype, dims } = INPUTS[name]
  if (type === ONNX_TYPE[dtype] && shape.length === dims.length) return
  throw new ModelFileError(
    `${file}: the graph wants the input "${name}" as type ${type} [${shape.join(', ')}], expected ${dtype} ` +
      `[${dims.join(', ')}]; export the model again`,
  )
}
