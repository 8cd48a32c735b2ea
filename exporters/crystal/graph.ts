// The graph of an exported crystal model: the network's function recorded, with its prediction and what else it is to
// give (runtimes/outputs.ts says how that is named). Not here: the card and the weights of the file.

import * as tf from '@tensorflow/tfjs-core'
import { imageRadius, type Mode } from '../../models/geometry.ts'
import type { NetworkConfig, Parameters } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Card } from '../../runtimes/card.ts'
import { attentionName, EMBEDDING, framesName, MEMBERS } from '../../runtimes/outputs.ts'
import { OUTPUT } from '../../runtimes/runtime.ts'
import { isBetweenBlocks, keyName, stateName, valueName } from '../../runtimes/stage-names.ts'
import { ConfigError } from '../../src/errors.ts'
import type { Transformed } from '../../src/math/transform.ts'
import type { GeometrySpec, GraphGeometry } from '../../src/periodic/types.ts'
import { exportOnnx } from '../onnx/export.ts'
import type { ExportOptions, ExportResult } from '../onnx/options.ts'
import { CELL_INPUTS, inputSpecs } from './inputs.ts'

export interface GraphDescription {
  readonly config: NetworkConfig
  readonly mode: Mode
  readonly geometry: GeometrySpec
  readonly outputs: Card['outputs']
  /** one a column of the prediction */
  readonly targets: readonly Transformed[]
}

/** @throws ConfigError for an output that the network cannot give. */
export function checkOutputs(outputs: Card['outputs'], config: NetworkConfig): void {
  for (const output of outputs) {
    if (output === 'members') continue
    const reason = networkOf(config).lacks(config, output)
    if (reason !== undefined) throw new ConfigError(reason)
  }
}

/**
 * The same geometry, made by the graph itself.
 * @throws ConfigError where that cannot be: published mode, reciprocal space, frames of the cell
 */
export function inGraph(geometry: GeometrySpec): GraphGeometry {
  if (geometry.images?.kind !== 'sphere') {
    throw new ConfigError('geometry in the graph is that of the converged sum: leave out mode published')
  }
  if (geometry.reciprocal) {
    throw new ConfigError(
      'the waves of reciprocal space are made on the host: a graph does not make them itself',
    )
  }
  if (geometry.frame) {
    throw new ConfigError(
      `frames of kind ${geometry.frame} follow from the cell on the host: a graph does not make them itself`,
    )
  }
  return { images: geometry.images, in_graph: true }
}

/** Records the network with these parameters. @throws ExportError */
export async function crystalGraph(
  parameters: Parameters,
  { config, mode, geometry, outputs, targets }: GraphDescription,
  options: ExportOptions,
): Promise<ExportResult> {
  const network = networkOf(config)
  const radius = imageRadius(geometry)
  // What is traced is disposed when the forward ends, unless it is kept.
  const kept: tf.Tensor[] = []
  const record = (inputs: Record<string, tf.Tensor>) => {
    const given: Record<string, tf.Tensor> = {}
    const trace = (traced: string, value: tf.Tensor): void => {
      const name = outputName(traced, outputs) ?? (canBeCut(geometry) ? betweenBlocks(traced) : undefined)
      if (name === undefined) return
      given[name] = tf.keep(value)
      kept.push(value)
    }
    const prediction = network.forward(parameters, config, inputs, { radius, trace })
    const { [MEMBERS]: members } = given
    return {
      [OUTPUT]: inUnits(prediction, targets),
      ...given,
      ...(members && { [MEMBERS]: inUnits(members, targets) }),
    }
  }
  try {
    return await exportOnnx(
      record,
      geometry.in_graph ? CELL_INPUTS : inputSpecs(config, mode, geometry),
      // A network may be one that does not look at elements, or not at neighbours. What makes sense as its inputs are the
      // golden samples, which every file is checked with.
      { ...options, unusedInputs: 'drop', isOutput: (name) => !isBetweenBlocks(name), verify: false },
    )
  } finally {
    tf.dispose(kept)
  }
}

/** Values of which `learned` [.., targets] were learned. */
function inUnits(learned: tf.Tensor, targets: readonly Transformed[]): tf.Tensor {
  const asLogarithm = targets.map(({ transform }) => (transform === 'log10' ? 1 : 0))
  if (!asLogarithm.includes(1)) return learned
  // 10^0 where it is the value: no number there can overflow.
  const exponents = asLogarithm.map((is) => is * Math.LN10)
  const powers = tf.exp(tf.mul(learned, exponents))
  if (!asLogarithm.includes(0)) return powers
  const others = asLogarithm.map((is) => 1 - is)
  return tf.add(tf.mul(powers, asLogarithm), tf.mul(learned, others))
}

/** The output that a traced value of the network is, if it is one. */
function outputName(traced: string, outputs: Card['outputs']): string | undefined {
  if (traced === 'members') return outputs.includes('members') ? MEMBERS : undefined
  if (traced === 'pooled') return outputs.includes('embedding') ? EMBEDDING : undefined
  const [, l, what] = /^layer(\d+)\/(weights|frames)$/.exec(traced) ?? []
  if (what === undefined || !outputs.includes('attention')) return undefined
  return what === 'weights' ? attentionName(Number(l)) : framesName(Number(l))
}

/** Whether atoms meet others only as the atoms that their images are of: then a cell can be evaluated in parts. */
function canBeCut({ images, in_graph, reciprocal }: GeometrySpec): boolean {
  return images?.kind === 'sphere' && !in_graph && !reciprocal
}

/** The name inside the graph of a traced value where a run of a large cell may be cut, if it is one. */
function betweenBlocks(traced: string): string | undefined {
  if (traced === 'embedded') return stateName(0)
  const [, l, what] = /^layer(\d+)\/(key|value|out)$/.exec(traced) ?? []
  if (what === 'key') return keyName(Number(l))
  if (what === 'value') return valueName(Number(l))
  return what === 'out' ? stateName(Number(l) + 1) : undefined
}
