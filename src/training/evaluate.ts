// Predictions of tfjs weights on labelled crystals, and how far they are off.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import { checkTrained, networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import { reducedFormula } from '../crystal/formula.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { type TargetScaling, unscale } from '../data/scaling.ts'
import type { Engine } from '../engines/engine.ts'
import type { Feed } from '../engines/feed.ts'
import { feedFor } from '../engines/feed-for.ts'
import { mean } from '../math/mean.ts'
import { groupByAtoms } from '../periodic/group.ts'
import type { TrainingOptions } from './options.ts'
import { PREPARED_BYTES, type PreparedSet, preparedSet } from './prepared.ts'
import { disposeAll, type TensorMap, uploadWeights } from './tensors.ts'

/** One crystal's values in the unit of each target. */
export interface EvaluatedCrystal {
  /** As in the data set. */
  readonly id: string
  /** Reduced formula. */
  readonly formula: string
  /** Atomic numbers in it, ascending. */
  readonly elements: readonly number[]
  /** In the cell. */
  readonly sites: number
  /** What the data set says. */
  readonly actual: readonly number[]
  /** What the network says. */
  readonly predicted: readonly number[]
}

/** Errors on one target, in its unit. */
export interface TargetErrors {
  /** key in `targets` */
  readonly name: string
  /** of the errors */
  readonly unit: string
  /** mean |predicted − actual| */
  readonly mae: number
  /** √ mean (predicted − actual)² */
  readonly rmse: number
}

/** How far predictions are off. */
export interface Evaluation {
  /** crystals */
  readonly n: number
  /** errors on each target */
  readonly targets: readonly TargetErrors[]
  /** values of each crystal */
  readonly crystals: readonly EvaluatedCrystal[]
}

/** Atoms of one forward pass, which needs no more to be fast. */
const EVALUATION_ATOMS = 512

/**
 * Errors of weights on crystals that carry every target of `scaling`.
 * @throws WeightsError for weights that are not those of `config` or were never trained; DatasetError for a crystal
 * without a target or with an element that the network does not know.
 */
export async function evaluate(
  engine: Engine,
  weights: Weights,
  config: NetworkConfig,
  crystals: readonly LabelledCrystal[],
  scaling: readonly TargetScaling[],
  options: Pick<TrainingOptions, 'mode' | 'radius'> = { mode: 'converged', radius: null },
): Promise<Evaluation> {
  checkTrained(weights, config)
  const { geometry } = networkOf(config).geometry(config, options.mode, {
    radius: options.radius ?? undefined,
  })
  const feed = feedFor(engine, config, geometry)
  const set = preparedSet(crystals, scaling, feed, { left: PREPARED_BYTES })
  const parameters = uploadWeights(weights)
  try {
    return evaluation(set, scaling, await predict(parameters, config, set, scaling, feed))
  } finally {
    disposeAll(parameters)
  }
}

/**
 * Predictions in the unit of each target, row major [crystals, targets].
 * @param onEmbeddings given the rows of the pooled atoms of crystal after crystal, by networks that have those
 */
export async function predict(
  parameters: TensorMap,
  config: NetworkConfig,
  set: PreparedSet,
  scaling: readonly TargetScaling[],
  feed: Feed,
  onEmbeddings?: (rows: readonly Float32Array[]) => void,
): Promise<Float64Array> {
  const outputs: number[] = []
  const network = networkOf(config)
  const record = Object.fromEntries(parameters)
  for (const indices of groupByAtoms(set.sizes, Math.min(EVALUATION_ATOMS, feed.atoms))) {
    const batch = feed.upload(indices.map(set.at))
    let pooled: tf.Tensor | undefined
    const trace = (name: string, value: tf.Tensor) => {
      if (name === 'pooled') pooled = tf.keep(value)
    }
    const { fusedAttention } = batch
    const values = tf.tidy(() =>
      network.forward(record, config, batch.inputs, {
        fusedAttention,
        ...(onEmbeddings && { trace }),
      }),
    )
    outputs.push(...(await values.data()))
    if (pooled) onEmbeddings?.(rowsOf((await pooled.data()) as Float32Array, indices.length))
    tf.dispose([values, ...(pooled ? [pooled] : [])])
    batch.dispose()
  }
  return unscale(outputs, scaling)
}

function rowsOf(data: Float32Array, rows: number): Float32Array[] {
  const width = data.length / rows
  return Array.from({ length: rows }, (_, n) => data.slice(n * width, (n + 1) * width))
}

/** Errors of predictions [crystals, targets] in the unit of each target. */
export function evaluation(
  { crystals, sizes }: PreparedSet,
  scaling: readonly TargetScaling[],
  predicted: Float64Array,
): Evaluation {
  const width = scaling.length
  const rows = crystals.map(({ id, structure, targets }, c) => ({
    id,
    formula: reducedFormula(structure),
    elements: [...new Set(structure.species.flat().map((o) => o.element))].sort((a, b) => a - b),
    sites: sizes[c],
    actual: scaling.map(({ name }) => targets[name]),
    predicted: [...predicted.subarray(c * width, (c + 1) * width)],
  }))
  return { n: rows.length, targets: errorsOf(rows, scaling), crystals: rows }
}

/** Errors of each target over some crystals. */
export function errorsOf(
  crystals: readonly EvaluatedCrystal[],
  targets: readonly { readonly name: string; readonly unit: string }[],
): TargetErrors[] {
  return targets.map(({ name, unit }, t) => {
    const errors = crystals.map(({ predicted, actual }) => predicted[t] - actual[t])
    return { name, unit, mae: mean(errors.map(Math.abs)), rmse: Math.sqrt(mean(errors.map((e) => e * e))) }
  })
}
