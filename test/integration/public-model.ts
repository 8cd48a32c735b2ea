// One public model of TensorFlow.js, whatever way its package stores it: as files, as scripts that hold them in base64, or as
// weights of a network that the package's own code computes.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { convertModel } from '../../exporters/onnx/convert.ts'
import { exportOnnx } from '../../exporters/onnx/export.ts'
import { type ModelJson, parseModelJson, withWeights } from '../../exporters/onnx/model-json.ts'
import type { ExportResult, InputSpec } from '../../exporters/onnx/options.ts'
import type { RecordedFunction } from '../../exporters/onnx/recorder.ts'
import { random } from '../../src/math/random/xoshiro.ts'

/** Shapes of inputs of a model that does not take any size. */
export type Shapes = Readonly<Record<string, { readonly shape: readonly number[] }>>

export interface PublicModel {
  readonly name: string
  /** its model.json, where that is a file */
  readonly file?: string
  readonly export: (inputs?: Shapes) => Promise<ExportResult>
  /** What it computes, in tfjs. */
  readonly load: () => Promise<RecordedFunction>
}

/** An input of a file, with numbers. */
export interface GivenInput {
  readonly name: string
  readonly dtype: 'float32' | 'int32'
  readonly dims: number[]
  readonly data: Float32Array | Int32Array
}

/** One input of a batch; sizes that are open otherwise are 64. */
export function givenInputs({ inputs }: ExportResult): GivenInput[] {
  return inputs.map(({ name, dtype, shape }) => {
    const dims = shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 1 : 64))
    const count = dims.reduce((a, b) => a * b, 1)
    if (dtype === 'int32') return { name, dtype, dims, data: new Int32Array(count) }
    const { between } = random(count)
    return { name, dtype: 'float32', dims, data: Float32Array.from({ length: count }, () => between(0, 1)) }
  })
}

type Artifacts = tf.io.ModelArtifacts

function storedModel(name: string, kind: ModelJson['kind'], artifacts: () => Artifacts): PublicModel {
  const handler = { load: async () => artifacts() }
  return {
    name,
    export: (inputs) => convertModel(kind, artifacts(), name, inputs && { inputs }),
    async load() {
      if (kind === 'graph-model') {
        const model = await tf.loadGraphModel(handler)
        return async (inputs) => {
          const feeds = model.inputNodes.map((node) => [node, inputs[node.replace(/:0$/, '')]])
          const given = Object.fromEntries(feeds)
          try {
            return model.execute(given, model.outputNodes)
          } catch (error) {
            // Of loops, branches and sizes that values tell.
            if (!/executeAsync/.test((error as Error).message)) throw error
            return model.executeAsync(given, model.outputNodes)
          }
        }
      }
      const model = await tf.loadLayersModel(handler)
      return (inputs) => model.predict(Object.values(inputs)) as tf.Tensor | tf.Tensor[]
    },
  }
}

/** A model.json with files of weights beside it. */
export function fromFiles(file: string, name: string): PublicModel {
  const json = parseModelJson(readFileSync(file, 'utf8'), name)
  const beside = (path: string) => readFileSync(join(dirname(file), path))
  const model = storedModel(name, json.kind, () =>
    withWeights(
      json,
      json.groups.flatMap(({ paths }) => paths.map(beside)),
    ),
  )
  return { ...model, file }
}

/** Scripts that hold the model.json as an object, and files of weights as texts in base64 (nsfwjs). */
export function fromScripts(folder: string, name: string): PublicModel {
  const script = createRequire(join(folder, 'model.min.js'))
  const json = parseModelJson(JSON.stringify(script('./model.min.js')), name)
  return storedModel(name, json.kind, () =>
    withWeights(
      json,
      json.groups.flatMap(({ paths }) =>
        paths.map((path) => Buffer.from(script(`./${path}.min.js`), 'base64')),
      ),
    ),
  )
}

/** What a network of @vladmandic/face-api can do. */
interface FaceNetwork {
  loadFromWeightMap(weights: tf.NamedTensorMap): void
  /** @param size of the square that the image is brought to */
  forwardInput(input: object, size: number): ReturnType<RecordedFunction>
}

/** A network of face-api: its class computes it, a manifest and one file hold its weights. */
export function fromFaceApi(folder: string, className: string, weights: string, size: number): PublicModel {
  const inputs: Record<string, InputSpec> = { image: { dtype: 'float32', shape: [size, size, 3] } }
  const load = async (): Promise<RecordedFunction> => {
    await tf.ready()
    const faceApi = createRequire(join(folder, 'package.json'))('./dist/face-api.node-wasm.js')
    const network: FaceNetwork = new faceApi[className]()
    const read = (file: string) => readFileSync(join(folder, 'model', file))
    const groups = JSON.parse(read(`${weights}-weights_manifest.json`).toString())
    const specs = groups.flatMap((group: { weights: object[] }) => group.weights)
    network.loadFromWeightMap(tf.io.decodeWeights(Uint8Array.from(read(`${weights}.bin`)).buffer, specs))
    return ({ image }) => flat(network.forwardInput(new faceApi.NetInput([image]), size))
  }
  return { name: weights.replace(/_model$/, ''), load, export: async () => exportOnnx(await load(), inputs) }
}

/** Lists of tensors under a name become names of their own. */
function flat(results: unknown): ReturnType<RecordedFunction> {
  if (results instanceof tf.Tensor) return results
  const named = Object.entries(results as object).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((tensor, i) => [`${name}_${i}`, tensor]) : [[name, value]],
  )
  return Object.fromEntries(named)
}
