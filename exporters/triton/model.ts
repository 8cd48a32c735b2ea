// A finished model file as Triton Inference Server takes it: the graph with what joins the requests of a batch in front of
// it, run on the golden samples before it is returned, and its configuration.

import { CARD_KEY, type Card } from '../../runtimes/card.ts'
import { readMetadata } from '../../runtimes/metadata.ts'
import { LAYOUT_KEY, readModelFile } from '../../runtimes/model-file.ts'
import { EMBEDDING, MEMBERS } from '../../runtimes/outputs.ts'
import { OUTPUT } from '../../runtimes/runtime.ts'
import { ConfigError } from '../../src/errors.ts'
import { IMAGES_PER_SLOT } from '../../src/periodic/ragged.ts'
import { behind, type Front } from '../onnx/file/front.ts'
import type { FileModel } from '../onnx/file/graph.ts'
import { decodeModel, encodeModel } from '../onnx/proto.ts'
import { cellsFront } from './cells.ts'
import { checkLayout } from './check.ts'
import { configText } from './config.ts'
import type { Layout } from './names.ts'
import { raggedFront } from './ragged.ts'

/** Outputs with a row for every crystal. */
const OF_CRYSTALS: readonly string[] = [OUTPUT, EMBEDDING, MEMBERS]

/** A model and its configuration. */
export interface TritonModel {
  /** model.onnx */
  readonly bytes: Uint8Array
  /** config.pbtxt of a model of this name */
  readonly config: (name: string) => string
  /** largest relative error on the golden samples, in batches of several orders; undefined for tables, which were checked */
  readonly goldenError: number | undefined
}

/**
 * @param bytes a file of exportCrystalModel: with `inGraph` for the layout cells, without for the others
 * @param file how errors name it
 * @throws ConfigError for a file that the layout cannot be made of; ExportError when the graph is wrong
 */
export async function tritonModel(bytes: Uint8Array, layout: Layout, file = 'model'): Promise<TritonModel> {
  const { card, inputs, metadata } = readModelFile(bytes, file)
  if (layout === 'tables') {
    if (card.geometry.in_graph)
      throw new ConfigError(
        `${file}: makes the images itself, so that there are no tables; use the layout cells`,
      )
    return { bytes, goldenError: undefined, config: (name) => configText(name, layout, metadata) }
  }
  const model = decodeModel(bytes, file)
  const joined = encodeModel(
    described(behind(frontOf(card, inputs, model, layout, file), model), card, layout),
  )
  const values = readMetadata(joined, file)
  return {
    bytes: joined,
    config: (name) => configText(name, layout, values),
    goldenError: await checkLayout(joined, card, layout),
  }
}

function frontOf(
  { elements, geometry }: Card,
  inputs: readonly string[],
  { opset }: FileModel,
  layout: Exclude<Layout, 'tables'>,
  file: string,
): Front {
  if (layout === 'cells') {
    if (geometry.in_graph) return cellsFront(opset, elements, geometry.images.radius)
    throw new ConfigError(
      `${file}: takes neighbour tables; the layout cells is made of a run or of weights, or of a file of --geometry in-graph`,
    )
  }
  if (!geometry.in_graph) return raggedFront(opset, inputs, IMAGES_PER_SLOT)
  throw new ConfigError(`${file}: makes the images itself; use the layout cells`)
}

/**
 * With the card, and what the inputs are instead of what the card says; without the outputs that are of atoms, which Triton
 * cannot divide among the requests of a batch. Seal and places of weights are of another file.
 */
function described({ graph, ...model }: FileModel, card: Card, layout: Layout): FileModel {
  const outputs = graph.outputs.filter(({ name }) => OF_CRYSTALS.includes(name))
  const given = { ...card, outputs: card.outputs.filter((output) => output !== 'attention') }
  const made = { layout, ...(layout === 'ragged' && { images_per_slot: IMAGES_PER_SLOT }) }
  return {
    ...model,
    graph: { ...graph, outputs },
    metadata: new Map([
      [CARD_KEY, JSON.stringify(given)],
      [LAYOUT_KEY, JSON.stringify(made)],
    ]),
  }
}
