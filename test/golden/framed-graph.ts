// The exported graph of a CrystalFramer in onnxruntime, with what the golden files hold as outputs and, where asked, the
// frames of every block as inputs. What the command line exports gives the prediction alone.

import * as tf from '@tensorflow/tfjs-core'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { inputSpecs } from '../../exporters/crystal/inputs.ts'
import { withParameters } from '../../exporters/crystal/tensors.ts'
import { exportOnnx } from '../../exporters/onnx/export.ts'
import type { InputSpec } from '../../exporters/onnx/options.ts'
import type { ModelConfig } from '../../models/attention/config.ts'
import { geometryOf } from '../../models/attention/geometry.ts'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import { imageRadius, type Mode } from '../../models/geometry.ts'
import { networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'

export interface FramedGraph {
  readonly bytes: Uint8Array
  /** `pred`, and what the network traces under its name. @param frames [A, H, 3, 3] by block, where they are inputs */
  run(crystals: readonly Structure[], frames?: readonly Float64Array[]): Promise<Map<string, Float32Array>>
  dispose(): Promise<void>
}

/** Small sizes to record at: what a published box holds takes long in plain JavaScript. */
const SIZES = [
  { A: 2, E: 3, S: 5, M: 7, N: 13, C: 11 },
  { A: 3, E: 5, S: 7, M: 2, N: 11, C: 13 },
  { A: 5, E: 2, S: 3, M: 11, N: 17, C: 7 },
]

const TRACED = /^(encoder_out|layer\d+\/(frames|attn_out|out))$/

/** @param injected whether frames are inputs instead of the network's own */
export async function framedGraph(
  weights: Weights,
  config: ModelConfig,
  mode: Mode,
  { injected = false, traced = true } = {},
): Promise<FramedGraph> {
  const { geometry } = geometryOf(config, mode)
  const radius = imageRadius(geometry)
  const frameInput = (l: number) => `given_frames.${l}`
  const layers = injected ? [...Array(config.num_layers).keys()] : []
  const frameShape = ['A', config.head_num, 3, 3] as const
  const { frame, near, ...own } = inputSpecs(config, mode, geometry)
  const specs: Record<string, InputSpec> = {
    ...own,
    ...(frame && !injected ? { frame } : {}),
    ...(near && !injected ? { near } : {}),
    ...Object.fromEntries(layers.map((l) => [frameInput(l), { dtype: 'float32', shape: frameShape }])),
  }
  const kept: tf.Tensor[] = []
  const { bytes } = await withParameters(weights, (parameters) =>
    exportOnnx(
      (inputs) => {
        const shown: Record<string, tf.Tensor> = {}
        const trace = (name: string, value: tf.Tensor) => {
          if (!traced || !TRACED.test(name)) return
          shown[name] = tf.keep(value)
          kept.push(value)
        }
        const frames = injected ? layers.map((l) => inputs[frameInput(l)] as tf.Tensor4D) : undefined
        const options = { radius, trace, frames }
        return { pred: networkOf(config).forward(parameters, config, inputs, options), ...shown }
      },
      specs,
      { sizes: SIZES },
    ),
  )
  tf.dispose(kept)
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 })
  return {
    bytes,
    run: async (crystals, frames) => {
      const batch = packBatch(crystals.map((crystal) => prepareCrystal(crystal, geometry, ELEMENT_TABLE)))
      const feeds = Object.fromEntries(
        session.inputNames.map((name) => {
          if (layers.some((l) => frameInput(l) === name)) {
            const data = Float32Array.from(frames![Number(name.split('.')[1])])
            return [name, new Tensor(data, [batch.atoms, ...frameShape.slice(1)] as number[])]
          }
          const { data, dims } = batch.tensors[name]
          return [name, data instanceof Int32Array ? new Tensor('int32', data, dims) : new Tensor(data, dims)]
        }),
      )
      const outputs = await session.run(feeds)
      return new Map(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]))
    },
    dispose: () => session.release(),
  }
}
