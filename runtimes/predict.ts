// From structures to predictions: one at a time, or a stream that is gathered into batches by total atoms. The next
// batch is built while the device works on the current one. Knows nothing of files or of how devices are chosen. What
// else a graph can be asked (embedding.ts) goes the same way, as a question of its own.

import { type Structure, validated } from '../src/crystal/structure.ts'
import { ConfigError, CrystalOnnxError, DeviceError, LimitError } from '../src/errors.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { refuseOverlap } from '../src/periodic/closest.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { type PreparedCrystal, prepareCrystal } from '../src/periodic/prepare.ts'
import type { Card } from './card.ts'
import { type Device, OUTPUT, type Outputs, type Runtime } from './runtime.ts'

/** What a model says about one crystal. */
export interface Prediction {
  /** The first target, the only one of most models, in `unit`. */
  readonly value: number
  /** Of `value`. */
  readonly unit: string
  /** Name of the first target. */
  readonly property: string
  /** Every target, in the order of `card.targets`. */
  readonly values: readonly number[]
  /** The device that ran. */
  readonly device: Device
  /** Milliseconds: in a batch, this crystal's share by atoms. */
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
  /** The answer for crystal c of a run. @param ms its share of the time, by atoms */
  read(outputs: Outputs, c: number, ms: number): T
}

/** How many crystals are gone through. */
export interface ManyOptions {
  /** Atoms of one run at most (the card's by default). A larger crystal runs alone. */
  readonly maxAtoms?: number
  /** Ends the predictions after the current batch, with its reason. */
  readonly signal?: AbortSignal
  /** `total` is missing for a stream. */
  readonly onProgress?: (progress: { done: number; failed: number; total?: number }) => void
}

/** Images of one run at most: 2²² fill about 3 GB of intermediate results in a network of 64 radial Gaussians. */
const MAX_IMAGES = 2 ** 22
/** Atoms of one cell at most: scores are made for all pairs of a run, 0.5 GB for each of a few tensors at this size. */
const MAX_CELL_ATOMS = 4096
/** Structures are gathered until they fill this many runs, then sorted by size: alike cells pad each other less. */
const WINDOW_RUNS = 8
const WINDOW_STRUCTURES = 512
/** Building tables is synchronous work: after so many milliseconds of it the event loop gets a turn. */
const TURN_MS = 8

/**
 * The value of one crystal.
 * @throws StructureError, ElementError or LimitError for the structure; DeviceError when the device fails.
 */
export async function predictOne(card: Card, runtime: Runtime, input: Structure): Promise<Prediction> {
  return askOne(card, runtime, propertyOf(card, runtime.device), input)
}

/** The answer to a question about one crystal. @throws as predictOne does */
export async function askOne<T>(
  card: Card,
  runtime: Runtime,
  question: Question<T>,
  input: Structure,
): Promise<T> {
  const start = performance.now()
  const outputs = await runtime.run(packBatch([prepare(card, input)]), question.outputs)
  return question.read(outputs, 0, performance.now() - start)
}

/**
 * The values of many crystals, in input order. A structure that cannot be predicted yields its error and the rest goes
 * on; a device that fails ends the iteration.
 * @throws the signal's reason when aborted; ConfigError for a `maxAtoms` below 1.
 */
export function predictMany(
  card: Card,
  runtime: Runtime,
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  options?: ManyOptions,
): AsyncGenerator<Outcome, void, undefined> {
  return askMany(card, runtime, propertyOf(card, runtime.device), structures, options)
}

/** The answers to a question about many crystals, as predictMany gives predictions. */
export async function* askMany<T extends object>(
  card: Card,
  runtime: Runtime,
  question: Question<T>,
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  options: ManyOptions = {},
): AsyncGenerator<Outcome<T>, void, undefined> {
  const { maxAtoms = card.max_atoms, signal, onProgress } = options
  if (!(maxAtoms >= 1)) throw new ConfigError(`maxAtoms ${maxAtoms}: expected a positive number of atoms`)
  const total = Array.isArray(structures) ? { total: structures.length } : {}
  const stop = new AbortController()
  const windows: Promise<Outcome<T>[]>[] = []
  let done = 0
  let failed = 0

  async function* finish(atMost: number): AsyncGenerator<Outcome<T>, void, undefined> {
    while (windows.length > atMost) {
      for (const outcome of await windows.shift()!) {
        signal?.throwIfAborted()
        done++
        if (outcome.error) failed++
        onProgress?.({ done, failed, ...total })
        yield outcome
      }
    }
  }
  function launch(window: Entry[]): void {
    const outcomes = runWindow(runtime, question, window, maxAtoms, stop.signal)
    // Awaited later, in order; until then a failure must not count as unhandled.
    outcomes.catch(() => {})
    windows.push(outcomes)
  }

  try {
    let window: Entry[] = []
    let atoms = 0
    let index = 0
    let turn = performance.now()
    for await (const input of structures) {
      signal?.throwIfAborted()
      const entry: Entry = attempt(index, () => ({ index, prepared: prepare(card, input) }))
      index++
      window.push(entry)
      atoms += entry.prepared?.atoms ?? 0
      if (atoms >= maxAtoms * WINDOW_RUNS || window.length >= WINDOW_STRUCTURES) {
        launch(window)
        window = []
        atoms = 0
        yield* finish(1)
      }
      if (performance.now() - turn > TURN_MS) {
        await nextTurn()
        turn = performance.now()
      }
    }
    if (window.length > 0) launch(window)
    yield* finish(0)
  } finally {
    stop.abort()
  }
}

interface Entry {
  readonly index: number
  readonly prepared?: PreparedCrystal
  readonly error?: CrystalOnnxError
}

/** Runs the crystals of a window, alike ones together, two batches ahead of the device. */
async function runWindow<T extends object>(
  runtime: Runtime,
  question: Question<T>,
  window: readonly Entry[],
  maxAtoms: number,
  stop: AbortSignal,
): Promise<Outcome<T>[]> {
  const good = window.filter((entry) => entry.prepared)
  const outcomes = new Map<number, Outcome<T>>()
  for (const { index, error } of window) if (error) outcomes.set(index, { index, error } as Outcome<T>)

  let previous = Promise.resolve()
  let finished = performance.now()
  const groups = groupAlike(
    good.map(({ prepared }) => prepared!),
    maxAtoms,
  )
  for (const group of groups) {
    if (stop.aborted) break
    const entries = group.map((n) => good[n])
    const start = performance.now()
    const batch = packBatch(entries.map(({ prepared }) => prepared!))
    const { atoms } = batch
    const run = runtime.run(batch, question.outputs).then(async (outputs) => {
      // The device answers in order: it started with this batch when the one before was done.
      const ms = performance.now() - Math.max(start, finished)
      finished = performance.now()
      for (const [c, entry] of entries.entries()) {
        const share = (ms * entry.prepared!.atoms) / atoms
        const outcome = outcomeOf(question, entry, outputs, c, share)
        // What is not a number in one crystal is none in any that shared its run: a second try is its own affair.
        const again = outcome.error !== undefined && entries.length > 1
        outcomes.set(entry.index, again ? await alone(runtime, question, entry) : outcome)
      }
    })
    run.catch(() => {})
    await previous
    previous = run
  }
  await previous
  return window.map(({ index }) => outcomes.get(index)!)
}

function outcomeOf<T extends object>(
  question: Question<T>,
  { index }: Entry,
  outputs: Outputs,
  c: number,
  ms: number,
): Outcome<T> {
  return attempt(index, () => ({ index, ...question.read(outputs, c, ms) })) as Outcome<T>
}

/** The crystal in a run of its own. */
async function alone<T extends object>(
  runtime: Runtime,
  question: Question<T>,
  entry: Entry,
): Promise<Outcome<T>> {
  const start = performance.now()
  const outputs = await runtime.run(packBatch([entry.prepared!]), question.outputs)
  return outcomeOf(question, entry, outputs, 0, performance.now() - start)
}

/** What `make` gives, or the error of that structure alone. */
function attempt<T>(index: number, make: () => T): T | { index: number; error: CrystalOnnxError } {
  try {
    return make()
  } catch (error) {
    if (error instanceof CrystalOnnxError) return { index, error }
    throw error
  }
}

/** Geometry of a structure for a model. @throws StructureError, ElementError, LimitError */
export function prepare(
  { geometry, elements }: Pick<Card, 'geometry' | 'elements'>,
  input: Structure,
): PreparedCrystal {
  const structure = validated(input)
  const prepared = prepareCrystal(structure, geometry, elements)
  refuseOverlap(structure)
  if (prepared.atoms > MAX_CELL_ATOMS) {
    throw new LimitError(
      `a cell of ${prepared.atoms} atoms, expected at most ${MAX_CELL_ATOMS}; use a primitive cell`,
    )
  }
  const images = prepared.images?.neighbour.length ?? 0
  if (images > MAX_IMAGES) {
    throw new LimitError(
      `a cell of ${prepared.atoms} atoms with ${images} periodic images in reach, expected at most ${MAX_IMAGES}; ` +
        'check the lattice, or use a primitive cell',
    )
  }
  return prepared
}

/** What the model predicts. */
function propertyOf(card: Card, device: Device): Question<Prediction> {
  const count = card.targets.length
  const { name, unit } = card.targets[0]
  return {
    outputs: [OUTPUT],
    read({ [OUTPUT]: { data } }, c, ms) {
      const values = [...finite(data.subarray(c * count, (c + 1) * count), device)]
      return { value: values[0], unit, property: name, values, device, ms }
    },
  }
}

/** `values`, where they are numbers. @throws DeviceError */
export function finite(values: Float32Array, device: Device): Float32Array {
  const wrong = values.find((value) => !Number.isFinite(value))
  if (wrong === undefined) return values
  throw new DeviceError(
    `the model gives ${wrong} for this crystal on device ${device}, expected finite numbers`,
  )
}

/** Lets the event loop go round once: timers of a browser would cost four milliseconds. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
