// Predictions of tfjs weights on labelled crystals, and how far they are off.

import * as tf from '@tensorflow/tfjs-core'
import type { NetworkConfig } from '../../models/network.ts'
import { checkTrained, networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import { reducedFormula } from '../crystal/formula.ts'
import { chosenOf, inMemory } from '../data/crystals.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import { type TargetScaling, unscale } from '../data/scaling.ts'
import { judgedBy, type Verdict } from '../domain/judge.ts'
import { lookAt } from '../domain/look-at.ts'
import type { Domain } from '../domain/section.ts'
import type { Engine } from '../engines/engine.ts'
import type { Feed } from '../engines/feed.ts'
import { feedFor } from '../engines/feed-for.ts'
import { SHOWN_LEVELS } from '../math/coverage.ts'
import { learned } from '../math/transform.ts'
import { groupByAtoms } from '../periodic/group.ts'
import { type Coverage, coverages } from './coverage.ts'
import type { TrainingOptions } from './options.ts'
import { type PreparedSet, preparedSet } from './prepared.ts'
import { supplyOf } from './supply.ts'
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
  /** What the data set says; null where it says nothing. */
  readonly actual: readonly (number | null)[]
  /** What the network says. */
  readonly predicted: readonly number[]
  /** Standard deviations of what the members of an ensemble say, where several judge the crystal. */
  readonly spread?: readonly number[]
  /** Whether it is of the kind that was trained on, of a run that knows its domain. */
  readonly domain?: Pick<Verdict, 'inside' | 'score'>
}

/** Errors on one target, in its unit. */
export interface TargetErrors {
  /** key in `targets` */
  readonly name: string
  /** of the errors */
  readonly unit: string
  /** crystals that carry the target; the errors are null where none does */
  readonly n: number
  /** mean |predicted − actual| */
  readonly mae: number | null
  /** √ mean (predicted − actual)² */
  readonly rmse: number | null
  /** mean error of what was learned of the target, in standard deviations of the train split */
  readonly standardised: number | null
}

/** How far predictions are off. */
export interface Evaluation {
  /** crystals */
  readonly n: number
  /** errors on each target */
  readonly targets: readonly TargetErrors[]
  /** values of each crystal; of more than 20,000 on a disk of every n-th */
  readonly crystals: readonly EvaluatedCrystal[]
  /** what the intervals of each target are worth, of a run that knows its domain */
  readonly intervals?: readonly (readonly Coverage[])[]
}

/** Atoms of one forward pass, which needs no more to be fast. */
const EVALUATION_ATOMS = 512

/**
 * Errors of weights on crystals that carry a target of `scaling`, or several.
 * @param domain judges every crystal, where it is known
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
  domain?: Domain,
): Promise<Evaluation> {
  const { geometry } = networkOf(config).geometry(config, options.mode, {
    radius: options.radius ?? undefined,
  })
  const feed = feedFor(engine, config, geometry)
  const all = inMemory(crystals)
  const set = preparedSet(chosenOf(all, Int32Array.from(crystals.keys())), scaling, supplyOf(all, feed))
  return evaluateSet(weights, config, set, scaling, feed, domain)
}

/** The same of crystals that are prepared for a feed. */
export async function evaluateSet(
  weights: Weights,
  config: NetworkConfig,
  set: PreparedSet,
  scaling: readonly TargetScaling[],
  feed: Feed,
  domain?: Domain,
): Promise<Evaluation> {
  checkTrained(weights, config)
  const parameters = uploadWeights(weights)
  try {
    const every = rowsEvery(set)
    const shown = Array.from({ length: Math.ceil(set.length / every) }, (_, row) => row * every)
    const embeddings = embeddingsOf(set.length, every)
    const predicted = await predict(parameters, config, set, scaling, feed, domain && embeddings.add)
    const evaluated = evaluation(set, shown, scaling, predicted)
    return domain ? withVerdicts(evaluated, set, shown, embeddings.at, judgedBy(domain, scaling)) : evaluated
  } finally {
    disposeAll(parameters)
  }
}

/** Crystals on a disk that an evaluation has rows of. */
const MOST_ROWS = 20_000

/** An evaluation has rows of all, or of very many on a disk of every n-th. */
function rowsEvery({ length, isOnDisk }: PreparedSet): number {
  return isOnDisk ? Math.ceil(length / MOST_ROWS) : 1
}

/**
 * @param shown the crystals of the rows
 * @param embeddingOf a crystal, of a network that gives some
 */
function withVerdicts(
  evaluated: Evaluation,
  set: PreparedSet,
  shown: readonly number[],
  embeddingOf: (c: number) => Float32Array | undefined,
  judge: ReturnType<typeof judgedBy>,
): Evaluation {
  const judged = evaluated.crystals.map((crystal, row) => {
    const look = lookAt(set.labelled(shown[row]).structure)
    const verdict = judge({ look, embedding: embeddingOf(shown[row]), values: crystal.predicted })
    const { inside, score } = verdict.domain
    // Not the verdict, which holds all that it was made of.
    return {
      crystal: { ...crystal, domain: { inside, score } },
      intervals: SHOWN_LEVELS.map(verdict.intervalAt),
    }
  })
  const crystals = judged.map(({ crystal }) => crystal)
  const intervals = coverages(
    judged.map(({ intervals }) => intervals),
    crystals.map(({ actual }) => actual),
    evaluated.targets.length,
  )
  return { ...evaluated, crystals, intervals }
}

/** The pooled atoms of every n-th crystal, as all come batch after batch. */
export function embeddingsOf(crystals: number, every = 1) {
  let all = new Float32Array()
  let width = 0
  let n = 0
  return {
    /** @param rows [count, width] */
    add: (rows: Float32Array, count: number): void => {
      width = rows.length / count
      if (n === 0) all = new Float32Array(Math.ceil(crystals / every) * width)
      for (let row = 0; row < count; row++, n++) {
        if (n % every === 0) all.set(rows.subarray(row * width, (row + 1) * width), (n / every) * width)
      }
    },
    /** Of an n-th crystal; undefined where the network gives none. */
    at: (c: number): Float32Array | undefined =>
      width === 0 ? undefined : all.subarray((c / every) * width, (c / every + 1) * width),
  }
}

/**
 * Predictions in the unit of each target, row major [crystals, targets].
 * @param onEmbeddings given the pooled atoms [crystals, width] of batch after batch, by networks that have those
 */
export async function predict(
  parameters: TensorMap,
  config: NetworkConfig,
  set: PreparedSet,
  scaling: readonly TargetScaling[],
  feed: Feed,
  onEmbeddings?: (rows: Float32Array, count: number) => void,
): Promise<Float64Array> {
  let outputs = new Float64Array()
  let crystalsBefore = 0
  const network = networkOf(config)
  const record = Object.fromEntries(parameters)
  const groups = groupByAtoms(set.sizes, Math.min(EVALUATION_ATOMS, feed.atoms))
  for await (const crystals of set.batches(groups)) {
    const batch = feed.upload(crystals)
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
    const rows = await values.data()
    const width = rows.length / crystals.length
    if (crystalsBefore === 0) outputs = new Float64Array(set.length * width)
    outputs.set(rows, crystalsBefore * width)
    crystalsBefore += crystals.length
    if (pooled) onEmbeddings?.((await pooled.data()) as Float32Array, crystals.length)
    tf.dispose([values, ...(pooled ? [pooled] : [])])
    batch.dispose()
  }
  return unscale(outputs, scaling)
}

/** Errors of predictions [crystals, targets] in the unit of each target, with a row of each crystal that is shown. */
function evaluation(
  set: PreparedSet,
  shown: readonly number[],
  scaling: readonly TargetScaling[],
  predicted: Float64Array,
): Evaluation {
  const rows = shown.map((c) => {
    const { id, structure } = set.labelled(c)
    return {
      id,
      formula: reducedFormula(structure),
      elements: [...new Set(structure.species.flat().map((o) => o.element))].sort((a, b) => a - b),
      sites: set.sizes[c],
      ...valuesAt(set, predicted, c),
    }
  })
  return { n: set.length, targets: errorsOf(valuesOf(set, predicted), scaling), crystals: rows }
}

type Value = Pick<EvaluatedCrystal, 'actual' | 'predicted'>
type Labels = Pick<PreparedSet, 'length' | 'actual'>

/** What the data and the network say of each crystal, one after the other. @param predicted [crystals, targets] */
export function valuesOf(set: Labels, predicted: Float64Array): Iterable<Value> {
  return {
    *[Symbol.iterator]() {
      for (let c = 0; c < set.length; c++) yield valuesAt(set, predicted, c)
    },
  }
}

function valuesAt({ length, actual }: Labels, predicted: Float64Array, c: number): Value {
  const width = predicted.length / length
  return { actual: actual(c), predicted: [...predicted.subarray(c * width, (c + 1) * width)] }
}

/** The crystals that carry target `t`, with what the data and the network say of it. */
export function labelledWith<Crystal extends Pick<EvaluatedCrystal, 'actual' | 'predicted'>>(
  crystals: readonly Crystal[],
  t: number,
): { readonly crystal: Crystal; readonly actual: number; readonly predicted: number }[] {
  return crystals.flatMap((crystal) => {
    const actual = crystal.actual[t]
    return actual === null ? [] : [{ crystal, actual, predicted: crystal.predicted[t] }]
  })
}

/** Errors of each target over some crystals. */
export function errorsOf(crystals: Iterable<Value>, targets: readonly TargetScaling[]): TargetErrors[] {
  return targets.map((target, t) => {
    const { name, unit, std } = target
    let n = 0
    let [absolute, square, standardised] = [0, 0, 0]
    for (const { actual, predicted } of crystals) {
      const value = actual[t]
      if (value === null) continue
      n++
      const error = predicted[t] - value
      absolute += Math.abs(error)
      square += error * error
      standardised += Math.abs(learned(predicted[t], target) - learned(value, target)) / std
    }
    if (n === 0) return { name, unit, n, mae: null, rmse: null, standardised: null }
    return {
      ...{ name, unit, n },
      ...{ mae: absolute / n, rmse: Math.sqrt(square / n), standardised: standardised / n },
    }
  })
}
