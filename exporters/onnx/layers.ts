// exportLayersModel: a tf.LayersModel in, an .onnx file out. Only finds the inputs; the rest is exportOnnx.

import type { Tensor } from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { scope } from '../../src/scope.ts'
import { exportOnnx } from './export.ts'
import { checkNames, inputType } from './model-inputs.ts'
import type { ExportOptions, ExportResult, InputSpec } from './options.ts'
import { type RecurrentLayer, recurrentCall } from './recurrent.ts'

/** A symbolic input or output of a layers model. */
interface LayersTensor {
  /** float32, int32 or bool */
  readonly dtype: string
  /** null for a size that the model leaves open */
  readonly shape: readonly (number | null)[]
  /** the layer that it comes from */
  readonly sourceLayer: { readonly name: string }
}

/**
 * What the exporter takes of a `tf.LayersModel`. It is written out here because the declarations of
 * @tensorflow/tfjs-layers have errors of their own, which would be those of everyone who checks libraries, too.
 */
export interface LayersModelGraph {
  /** of the model, in order */
  readonly inputs: readonly LayersTensor[]
  /** of the model, in order */
  readonly outputs: readonly LayersTensor[]
  /** every layer, of which `call` computes the tensors */
  readonly layers: readonly {
    /** names the nodes of the layer in the graph */
    readonly name: string
    /** what the layer computes */
    call(inputs: Tensor | Tensor[], kwargs: Record<string, unknown>): Tensor | Tensor[]
  }[]
  /** the tensors of all outputs */
  apply(inputs: Tensor | Tensor[], kwargs: { readonly training: boolean }): unknown
}

/** As for a function; the names of the outputs are those of the layers. */
export interface LayersExportOptions extends Omit<ExportOptions, 'outputs'> {
  /** Other shapes or types than the model's own, by input name: to name the sizes that it leaves open, for instance. */
  readonly inputs?: Readonly<Record<string, Partial<InputSpec>>>
}

/**
 * Exports a layers model as it predicts. The batch size is symbolic, `batch`; so is every other size that the model
 * leaves open, named `<input>_<axis>` unless `options.inputs` says otherwise.
 * @throws ExportError naming the kernel of what cannot be exported.
 */
export function exportLayersModel(
  model: LayersModelGraph,
  options: LayersExportOptions = {},
): Promise<ExportResult> {
  if (!model.inputs?.length || !model.outputs?.length) {
    throw new ExportError('the model is not built: give its first layer an inputShape, or run it once')
  }
  const names = layerNames(model.inputs)
  checkNames(names, options.inputs)
  const specs = model.inputs.map((input, i): [string, InputSpec] => {
    const name = names[i]
    const shape = input.shape.map((size, axis) => size ?? (axis === 0 ? 'batch' : `${name}_${axis}`))
    return [name, { dtype: inputType(name, input.dtype), shape, ...options.inputs?.[name] }]
  })
  const run = (inputs: Record<string, Tensor>) => {
    const tensors = names.map((name) => inputs[name])
    const given = tensors.length === 1 ? tensors[0] : tensors
    return inScopes(model, () => model.apply(given, { training: false }) as Tensor | Tensor[])
  }
  return exportOnnx(run, Object.fromEntries(specs), { ...options, outputs: layerNames(model.outputs) })
}

type Layer = LayersModelGraph['layers'][number]

/** What layers hold other layers: wrappers one or two, models many. */
interface Holder {
  readonly layer?: Layer
  readonly forwardLayer?: Layer
  readonly backwardLayer?: Layer
  readonly layers?: readonly Layer[]
}

/** A layer and those inside it. */
function within(outer: Layer): Layer[] {
  const { layer, forwardLayer, backwardLayer, layers = [] } = outer as Layer & Holder
  const inner = [layer, forwardLayer, backwardLayer, ...layers].filter((held) => held !== undefined)
  return [outer, ...inner.flatMap(within)]
}

/** Names the nodes of each layer after it, and makes recurrent layers one step each, while `run` runs. */
function inScopes<T>(model: LayersModelGraph, run: () => T): T {
  const all = new Set(model.layers.flatMap(within))
  const calls = [...all].map((layer) => ({ layer, call: layer.call }))
  for (const { layer } of calls) {
    const call = recurrentCall(layer as RecurrentLayer)
    layer.call = (inputs, kwargs) => scope(layer.name, () => call(inputs, kwargs))
  }
  try {
    return run()
  } finally {
    for (const { layer, call } of calls) layer.call = call
  }
}

/** Tensors are named after the layers that they come from; a Sequential has no other names for them. */
function layerNames(tensors: readonly LayersTensor[]): string[] {
  const names = tensors.map((tensor) => tensor.sourceLayer.name)
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}_${i}`))
}
