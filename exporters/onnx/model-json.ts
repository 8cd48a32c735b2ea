// A model of TensorFlow.js as it lies on a disk: model.json, which holds the graph and lists the weights, and files of
// weights beside it. What they claim is checked before anything of that size is made. Files are read by the caller.

import type { io } from '@tensorflow/tfjs-core'
import { LimitError, ModelFileError } from '../../src/errors.ts'

/** Bytes of weights, which are in memory several times at once. Above 2 GiB they get a file of their own. */
const MOST_BYTES = 2 ** 32
const MOST_TENSORS = 100_000

export interface ModelJson {
  readonly kind: 'graph-model' | 'layers-model'
  readonly artifacts: Omit<io.ModelArtifacts, 'weightData'>
  /** Files of weights, and how many bytes those of each group are together. */
  readonly groups: readonly { readonly paths: readonly string[]; readonly bytes: number }[]
}

const BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  uint16: 2,
  float16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
}

/**
 * @param file for messages
 * @throws ModelFileError for a text that is no model.json; LimitError for one that claims more than can be exported
 */
export function parseModelJson(text: string, file: string): ModelJson {
  let json: Record<string, unknown>
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new ModelFileError(`${file}: is no JSON, or is cut off (${(cause as Error).message})`, { cause })
  }
  const topology = json?.modelTopology as Record<string, unknown> | undefined
  const manifest = json?.weightsManifest
  if (!isRecord(topology) || !Array.isArray(manifest)) {
    throw new ModelFileError(
      `${file}: is no model of TensorFlow.js: it lacks ${isRecord(topology) ? 'weightsManifest' : 'modelTopology'}; expected ` +
        'the model.json that tensorflowjs_converter or model.save writes',
    )
  }
  const kind = kindOf(topology, file)
  const weightSpecs: io.WeightsManifestEntry[] = []
  const groups = manifest.map((group, g) => {
    const where = `${file}: weightsManifest[${g}]`
    if (!isRecord(group) || !isTexts(group.paths) || !Array.isArray(group.weights)) {
      throw new ModelFileError(`${where}: expected paths and weights`)
    }
    const bytes = group.weights.reduce<number>((sum, spec) => sum + bytesOf(spec, where), 0)
    weightSpecs.push(...(group.weights as io.WeightsManifestEntry[]))
    return { paths: group.paths, bytes }
  })
  const total = groups.reduce((sum, { bytes }) => sum + bytes, 0)
  if (total > MOST_BYTES || weightSpecs.length > MOST_TENSORS) {
    throw new LimitError(
      `${file}: claims ${total} bytes of weights in ${weightSpecs.length} tensors; at most ${MOST_BYTES} bytes and ` +
        `${MOST_TENSORS} tensors are exported`,
    )
  }
  const { format, generatedBy, convertedBy, signature, userDefinedMetadata, modelInitializer } = json
  const artifacts = {
    ...{ modelTopology: topology, weightSpecs, format, generatedBy, convertedBy, signature },
    ...{ userDefinedMetadata, modelInitializer },
  } as ModelJson['artifacts']
  return { kind, artifacts, groups }
}

function kindOf(topology: Record<string, unknown>, file: string): ModelJson['kind'] {
  if (Array.isArray(topology.node)) return 'graph-model'
  if (isRecord(topology.model_config) || typeof topology.class_name === 'string') return 'layers-model'
  throw new ModelFileError(
    `${file}: modelTopology has neither the nodes of a graph model nor the model_config of a layers model`,
  )
}

/** Bytes that a tensor of the manifest takes in its file. */
function bytesOf(spec: unknown, where: string): number {
  if (!isRecord(spec) || typeof spec.name !== 'string')
    throw new ModelFileError(`${where}: a weight has no name`)
  const { name, shape, dtype, quantization } = spec
  const stored = isRecord(quantization) ? quantization.dtype : dtype
  const width = BYTES[String(stored)]
  if (width === undefined) {
    throw new ModelFileError(
      `${where}: weight "${name}" is of type ${stored}, which ONNX models have no place for; expected ${Object.keys(BYTES).join(', ')}`,
    )
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size) && size >= 0)) {
    throw new ModelFileError(
      `${where}: weight "${name}" has the shape ${JSON.stringify(shape)}, expected whole numbers`,
    )
  }
  return shape.reduce((product, size) => product * size, width)
}

/** The model with its weights. @param files of all groups, in order; a file that fills its buffer is not copied */
export function withWeights({ artifacts }: ModelJson, files: readonly Uint8Array[]): io.ModelArtifacts {
  const weightData = files.map((file) => {
    const whole = file.byteLength === file.buffer.byteLength
    return (whole ? file : file.slice()).buffer as ArrayBuffer
  })
  return { ...artifacts, weightData }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string')
