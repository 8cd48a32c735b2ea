// From structures to predictions: one at a time, or a stream that is gathered into windows of many crystals, which the
// evaluators of a runtime work on side by side. Knows nothing of files, of how devices are chosen, or of tables. What
// else a graph can be asked (embedding.ts) goes the same way, as a question of its own.

import { type Structure, validated } from '../src/crystal/structure.ts'
import { checkLevel } from '../src/domain/judge.ts'
import { DEFAULT_LEVEL } from '../src/domain/levels.ts'
import { ConfigError, CrystalOnnxError } from '../src/errors.ts'
import type { Card } from './card.ts'
import type { EvaluateOptions, Rows } from './evaluator.ts'
import { EMBEDDING, requireOutput } from './outputs.ts'
import { type Device, OUTPUT, type Runtime } from './runtime.ts'
import { type Trust, type Truster, trusterOf } from './trust.ts'
import { pauses } from './turns.ts'

/** What a model says about one crystal. */
export interface Prediction extends Trust {
  /** The first target, the only one of most models, in `unit`. */
  readonly value: number
  /** Of `value`. */
  readonly unit: string
  /** Name of the first target. */
  readonly property: string
  /** Every target, in the order of `card.targets`. */
  readonly values: readonly number[]
  /** Features of the crystal, [model_dim], where they were asked for. */
  readonly embedding?: Float32Array
  /** The device that ran. */
  readonly device: Device
  /** Milliseconds: its tables, and in a batch this crystal's share by atoms. */
  readonly ms: number
}

/** One entry of `predictMany`: a prediction, or the error of that structure alone. `index` counts the structures. */
export type Outcome<T = Prediction> =
  | (T & {
      /** Place in the input, from 0. */
      readonly index: number
      /** There is none. */
      readonly error?: undefined
    })
  | ({
      /** Place in the input, from 0. */
      readonly index: number
      /** Why there is no prediction. */
      readonly error: CrystalOnnxError
    } & { readonly [K in keyof T]?: undefined })

/** Outputs of the graph, and what becomes of them. */
export interface Question<T> {
  readonly outputs: readonly string[]
  /** Whether crystals have to be looked at. */
  readonly look?: boolean
  /** The answer for a crystal. */
  read(rows: Rows): T
}

/** Of every call. */
export interface CallOptions {
  /** Ends the call with its reason; what runs already ends after the current run. */
  readonly signal?: AbortSignal
  /** Whose call it is: with `batching`, clients take turns. */
  readonly client?: string
  /** With `batching`: told when a run of the call's is answered, how long that had waited and how long it took. */
  readonly onStage?: (stage: 'queue' | 'run', from: number, to: number) => void
}

/** What is asked of a prediction besides its value. */
export interface PredictOptions extends CallOptions {
  /** Probability with which the interval holds the true value, from 0.5 to 0.95; 0.9 by default. */
  readonly level?: number
  /** Give the embedding of the crystal, too. */
  readonly embedding?: boolean
  /** Judge whether the prediction can be trusted (default); without, it takes less time, and `domain` and `interval` are null. */
  readonly trust?: boolean
}

/** How many crystals are gone through. */
export interface ManyOptions extends CallOptions {
  /** Atoms of one run at most (the engine's by default). A larger crystal runs alone. */
  readonly maxAtoms?: number
  /** `total` is missing for a stream. */
  readonly onProgress?: (progress: { done: number; failed: number; total?: number }) => void
}

/** A window fills this many runs, or holds so many structures: sorted by size, alike cells pad each other less. */
const WINDOW_RUNS = 8
const WINDOW_STRUCTURES = 512
/** Runs of a window at the end of a list at least: of fewer, their padding costs more than cores that stand idle. */
const LAST_RUNS = 3
/** Windows under way for each evaluator: one that it works on and one that waits. */
const WINDOWS_AHEAD = 2

/**
 * The value of one crystal, and whether it can be trusted.
 * @throws StructureError, ElementError or LimitError for the structure; DeviceError when the device fails; ConfigError for
 *   a level that is none, or an embedding that the model does not give; the signal's reason when aborted.
 */
export async function predictOne(
  card: Card,
  runtime: Runtime,
  input: Structure,
  options?: PredictOptions,
): Promise<Prediction> {
  return askOne(runtime, propertyOf(card, runtime.device, options), input, options)
}

/** The answer to a question about one crystal. @throws as predictOne does */
export async function askOne<T>(
  runtime: Runtime,
  question: Question<T>,
  input: Structure,
  { signal, client, onStage }: CallOptions = {},
): Promise<T> {
  const { outputs, look } = question
  const [result] = await runtime.evaluate([validated(input)], outputs, { look, signal, client, onStage })
  if (result instanceof CrystalOnnxError) throw result
  return question.read(result)
}

/**
 * The values of many crystals, in input order. A structure that cannot be predicted yields its error and the rest goes
 * on; a device that fails ends the iteration.
 * @throws the signal's reason when aborted; ConfigError for a `maxAtoms` below 1 or a level that is none.
 */
export function predictMany(
  card: Card,
  runtime: Runtime,
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  options?: ManyOptions & PredictOptions,
): AsyncGenerator<Outcome, void, undefined> {
  return askMany(card, runtime, propertyOf(card, runtime.device, options), structures, options)
}

/** The answers to a question about many crystals, as predictMany gives predictions. */
export async function* askMany<T extends object>(
  card: Card,
  runtime: Runtime,
  question: Question<T>,
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  options: ManyOptions = {},
): AsyncGenerator<Outcome<T>, void, undefined> {
  const { maxAtoms = card.max_atoms, signal, client, onProgress } = options
  if (!(maxAtoms >= 1)) throw new ConfigError(`maxAtoms ${maxAtoms}: expected a positive number of atoms`)
  const total = Array.isArray(structures) ? structures.length : undefined
  if (Array.isArray(structures) && structures.length === 1) {
    // As servers ask for most: nothing is gathered, and nothing runs beside it.
    signal?.throwIfAborted()
    const [outcome] = await outcomesOf(runtime, question, [entryOf(0, structures[0])], options)
    onProgress?.({ done: 1, failed: outcome.error ? 1 : 0, total: 1 })
    yield outcome
    return
  }
  const underWay: { readonly outcomes: Promise<Outcome<T>[]>; readonly stop: AbortController }[] = []
  let done = 0
  let failed = 0
  function stopAll(): void {
    for (const { stop } of underWay) stop.abort(signal?.reason)
  }
  signal?.addEventListener('abort', stopAll)

  async function* finish(atMost: number): AsyncGenerator<Outcome<T>, void, undefined> {
    while (underWay.length > atMost) {
      for (const outcome of await underWay[0].outcomes) {
        signal?.throwIfAborted()
        done++
        if (outcome.error) failed++
        onProgress?.({ done, failed, ...(total !== undefined && { total }) })
        yield outcome
      }
      underWay.shift()
    }
  }
  function launch(window: readonly Entry[]): void {
    const stop = new AbortController()
    const outcomes = outcomesOf(runtime, question, window, {
      maxAtoms: options.maxAtoms,
      signal: stop.signal,
      client,
      onStage: options.onStage,
    })
    // Awaited later, in order; until then a failure must not count as unhandled.
    outcomes.catch(() => {})
    underWay.push({ outcomes, stop })
  }
  /** Towards the end of a list windows get smaller, so that the evaluators end together. */
  function isFull({ length }: readonly Entry[], atoms: number, index: number): boolean {
    if (atoms >= maxAtoms * WINDOW_RUNS || length >= WINDOW_STRUCTURES) return true
    if (runtime.parallel === 1 || total === undefined || atoms < maxAtoms * LAST_RUNS) return false
    return length * WINDOWS_AHEAD * runtime.parallel >= total - index + length
  }

  try {
    const pause = pauses()
    let window: Entry[] = []
    let atoms = 0
    let index = 0
    for await (const input of structures) {
      signal?.throwIfAborted()
      const entry = entryOf(index++, input)
      window.push(entry)
      atoms += entry.structure?.species.length ?? 0
      if (isFull(window, atoms, index)) {
        launch(window)
        window = []
        atoms = 0
        yield* finish(WINDOWS_AHEAD * runtime.parallel - 1)
      }
      await pause()
    }
    if (window.length > 0) launch(window)
    yield* finish(0)
  } finally {
    signal?.removeEventListener('abort', stopAll)
    stopAll()
  }
}

type Entry =
  | { readonly index: number; readonly structure: Structure; readonly error?: undefined }
  | { readonly index: number; readonly structure?: undefined; readonly error: CrystalOnnxError }

function entryOf(index: number, input: Structure): Entry {
  try {
    return { index, structure: validated(input) }
  } catch (error) {
    if (error instanceof CrystalOnnxError) return { index, error }
    throw error
  }
}

async function outcomesOf<T extends object>(
  runtime: Runtime,
  { outputs, look, read }: Question<T>,
  window: readonly Entry[],
  { maxAtoms, signal, client, onStage }: Pick<EvaluateOptions, 'maxAtoms' | 'signal' | 'client' | 'onStage'>,
): Promise<Outcome<T>[]> {
  const good = window.flatMap(({ structure }) => structure ?? [])
  const asked = { look, maxAtoms, signal, client, onStage }
  const results = [...(good.length > 0 ? await runtime.evaluate(good, outputs, asked) : [])]
  // Whether a prediction can be trusted takes a while to tell: a window of them would block a page.
  const pause = pauses()
  const outcomes: Outcome<T>[] = []
  for (const { index, error } of window) {
    const result = error ?? results.shift()!
    const outcome = result instanceof CrystalOnnxError ? { index, error: result } : { index, ...read(result) }
    outcomes.push(outcome as Outcome<T>)
    await pause()
  }
  return outcomes
}

/** Asks for nothing, and says nothing. */
const TRUSTING: Truster = { outputs: [], look: false, trust: () => ({ domain: null, interval: null }) }

/** What the model predicts, and how far it is to be trusted. */
function propertyOf(
  card: Card,
  device: Device,
  { level = DEFAULT_LEVEL, embedding = false, trust: judged = true }: PredictOptions = {},
): Question<Prediction> {
  checkLevel(level)
  if (embedding) requireOutput(card, 'embedding')
  const { name, unit } = card.targets[0]
  const { outputs, look, trust } = judged ? trusterOf(card) : TRUSTING
  const also = embedding && !outputs.includes(EMBEDDING) ? [EMBEDDING] : []
  return {
    outputs: [OUTPUT, ...outputs, ...also],
    look,
    read(answer) {
      const values = [...answer.rows[OUTPUT]]
      const { ms } = answer
      return {
        ...{ value: values[0], unit, property: name, values, ...trust(answer, values, level) },
        // A row is a view of those of the whole run.
        ...(embedding && { embedding: answer.rows[EMBEDDING].slice() }),
        ...{ device, ms },
      }
    },
  }
}
