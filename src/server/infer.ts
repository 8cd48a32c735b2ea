// Inference as the protocol has it: from the tensors of a request to those of its answer, by one model.

import type { Card } from '../../runtimes/card.ts'
import type { Model } from '../../runtimes/model.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { Structure } from '../crystal/structure.ts'
import { DEFAULT_LEVEL } from '../domain/levels.ts'
import { CrystalOnnxError, RequestError } from '../errors.ts'
import { AtCrystal } from './failure.ts'
import { type Crystal, crystalsOf, type InputLimits, textReader } from './inputs.ts'
import type { InferRequest, TensorMetadata } from './protocol.ts'
import type { Readers } from './reading/readers.ts'
import type { OnStage } from './spans.ts'
import { shown, type Tensor } from './tensors.ts'

/** Who asks, and for how long. */
export interface Caller {
  /** Callers take turns. */
  readonly client: string
  /** Ends the work with its reason. */
  readonly signal: AbortSignal
  /** Told of every stage. */
  readonly onStage?: OnStage
}

type Outcome = Prediction | CrystalOnnxError

/** An output of a model: what it has for each crystal, in a row. */
interface Output {
  readonly metadata: TensorMetadata
  /** @param crystals in their order */
  tensor(crystals: readonly Outcome[]): Tensor
}

/** Made once a model. */
const known = new WeakMap<Card, ReadonlyMap<string, Output>>()

/** What a model gives, by name; `errors` comes with partial answers alone. */
export function outputsOf({ card }: Model): ReadonlyMap<string, Output> {
  const made = known.get(card) ?? new Map(outputsIn(card).map((output) => [output.metadata.name, output]))
  known.set(card, made)
  return made
}

function outputsIn(card: Card): Output[] {
  const { length } = card.targets
  return [
    numbers('prediction', [length], ({ values }) => values),
    ...(card.domain
      ? [
          numbers('uncertainty', [length, 2], ({ interval }) =>
            interval ? interval.low.flatMap((low, t) => [low, interval.high[t]]) : undefined,
          ),
          texts('domain', (outcome) =>
            outcome instanceof CrystalOnnxError ? '' : JSON.stringify(outcome.domain),
          ),
        ]
      : []),
    ...(card.outputs.includes('members') ? [numbers('spread', [length], ({ spread }) => spread)] : []),
    ...(card.outputs.includes('embedding')
      ? [numbers('embedding', [Number(card.config.model_dim)], ({ embedding }) => embedding)]
      : []),
  ]
}

/** Rows that are not there are not numbers. */
function numbers(
  name: string,
  row: readonly number[],
  read: (prediction: Prediction) => ArrayLike<number> | undefined,
): Output {
  const width = row.reduce((product, size) => product * size, 1)
  return {
    metadata: { name, datatype: 'FP32', shape: [-1, ...row] },
    tensor(crystals) {
      const data = new Float32Array(crystals.length * width).fill(Number.NaN)
      for (const [c, outcome] of crystals.entries()) {
        const values = outcome instanceof CrystalOnnxError ? undefined : read(outcome)
        if (values) data.set(values, c * width)
      }
      return { name, datatype: 'FP32', shape: [crystals.length, ...row], data }
    },
  }
}

const encoder = new TextEncoder()

function texts(name: string, write: (outcome: Outcome) => string): Output {
  return {
    metadata: { name, datatype: 'BYTES', shape: [-1] },
    tensor: (crystals) => ({
      name,
      datatype: 'BYTES',
      shape: [crystals.length],
      data: crystals.map((outcome) => encoder.encode(write(outcome))),
    }),
  }
}

/** Of partial answers: the error of each crystal as JSON, empty where there is none. */
const ERRORS = texts('errors', (outcome) =>
  outcome instanceof CrystalOnnxError ? JSON.stringify({ code: outcome.code, message: outcome.message }) : '',
)

/**
 * The outputs that a request asks for. With its parameter `partial`, crystals that fail do so alone.
 * @throws RequestError or LimitError for the request, AtCrystal for a crystal of it, DeviceError, the signal's reason
 */
export async function infer(
  model: Model,
  request: InferRequest,
  caller: Caller,
  limits: InputLimits,
  readers: Readers,
): Promise<Tensor[]> {
  const given = outputsOf(model)
  const partial = request.parameters.partial === true
  const asked = request.outputs.length > 0 ? request.outputs.map(({ name }) => name) : [...given.keys()]
  const unknown = asked.find((name) => !given.has(name))
  if (unknown !== undefined) {
    throw new RequestError(`output ${shown(unknown)}: the model gives ${[...given.keys()].join(', ')}`)
  }
  const options = {
    level: levelOf(request.parameters.level),
    embedding: asked.includes('embedding'),
    trust: asked.some((name) => /^(uncertainty|domain|spread)$/.test(name)),
    ...caller,
  }
  const start = performance.now()
  const crystals = await crystalsOf(request.inputs, limits, textReader(readers, limits, caller.signal))
  caller.onStage?.('read', start, performance.now())
  const outcomes = await outcomesOf(model, crystals, options, partial)
  const tensors = asked.map((name) => given.get(name)!.tensor(outcomes))
  return partial ? [...tensors, ERRORS.tensor(outcomes)] : tensors
}

/** @throws RequestError for what is no number */
export function levelOf(level: unknown): number {
  if (level === undefined) return DEFAULT_LEVEL
  const number = Number(level)
  if (Number.isFinite(number)) return number
  throw new RequestError(`parameter level ${shown(level)}: expected a number`)
}

/** @throws AtCrystal for the first that fails, unless `partial` */
async function outcomesOf(
  model: Model,
  crystals: readonly Crystal[],
  options: Parameters<Model['predictMany']>[1],
  partial: boolean,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const places: number[] = []
  const good: Structure[] = []
  for (const [c, crystal] of crystals.entries()) {
    if (crystal instanceof CrystalOnnxError) {
      if (!partial) throw new AtCrystal(c, crystal)
      outcomes[c] = crystal
    } else {
      places.push(c)
      good.push(crystal)
    }
  }
  for await (const outcome of model.predictMany(good, options)) {
    const c = places[outcome.index]
    if (!outcome.error) outcomes[c] = outcome
    else if (partial) outcomes[c] = outcome.error
    else throw new AtCrystal(c, outcome.error)
  }
  return outcomes
}
