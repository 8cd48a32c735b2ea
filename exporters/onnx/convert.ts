// A stored model of TensorFlow.js, graph or layers, to ONNX.

import type { io } from '@tensorflow/tfjs-core'
import { ModelFileError } from '../../src/errors.ts'
import { exportGraphModel, type GraphExportOptions } from './graph-model.ts'
import { exportLayersModel, type LayersModelGraph } from './layers.ts'
import type { ModelJson } from './model-json.ts'
import type { ExportResult } from './options.ts'

/**
 * Exports what a model.json and its weights hold.
 * @param artifacts their weights are taken out once they are tensors, so that they are not held twice
 * @param file for messages
 * @throws ModelFileError for what tfjs cannot load; ExportError naming the node or layer of what cannot be exported
 */
export async function convertModel(
  kind: ModelJson['kind'],
  artifacts: io.ModelArtifacts,
  file: string,
  options: GraphExportOptions = {},
): Promise<ExportResult> {
  const tf = await import('@tensorflow/tfjs')
  await tf.ready()
  const handler = { load: async () => artifacts }
  const loaded = async <T>(load: () => Promise<T>): Promise<T> => {
    try {
      const model = await load()
      artifacts.weightData = undefined
      return model
    } catch (cause) {
      throw new ModelFileError(`${file}: TensorFlow.js cannot load it: ${(cause as Error).message}`, {
        cause,
      })
    }
  }
  if (kind === 'graph-model') {
    const model = await loaded(() => tf.loadGraphModel(handler))
    try {
      return await exportGraphModel(model, options)
    } finally {
      model.dispose()
    }
  }
  const model = await loaded(() => tf.loadLayersModel(handler))
  try {
    return await exportLayersModel(model as unknown as LayersModelGraph, options)
  } finally {
    model.dispose()
  }
}
