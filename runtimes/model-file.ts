// The card of a model file, checked against its graph: the door through which every .onnx file enters.

import { ModelFileError } from '../src/errors.ts'
import { CARD_KEY, type Card, parseCard } from './card.ts'
import { type OnnxMetadata, readMetadata } from './metadata.ts'
import { attendingBlocks, EMBEDDING } from './outputs.ts'
import { OUTPUT } from './runtime.ts'

/** The tensors of a batch (src/periodic/types.ts). */
const INPUTS = [
  'species',
  'occupancy',
  'pair',
  'pair_start',
  'pair_end',
  'translation',
  'image_mask',
  'image_reach',
  'near',
  'partner',
  'partner_mask',
  'wave_cosine',
  'wave_norm2',
  'log_volume',
  'frame',
  'pool',
  'frac',
  'lattice',
  'atom_mask',
  'translations',
]

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
  const card = parseCard(json, file)
  const inputs = metadata.inputs.map(({ name }) => name)
  const unknown = inputs.find((name) => !INPUTS.includes(name))
  if (unknown !== undefined) {
    throw new ModelFileError(`${file}: the graph wants the input "${unknown}", expected ${INPUTS.join(', ')}`)
  }
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
  for (const output of card.outputs) {
    const given = output === 'embedding' ? outputs.includes(EMBEDDING) : attendingBlocks(outputs).length > 0
    if (!given)
      throw new ModelFileError(`${file}: its card promises the output "${output}", its graph has none`)
  }
  return { card, metadata, inputs, outputs }
}
