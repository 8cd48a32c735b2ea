// The seam between what asks (predict.ts) and what computes: an evaluator takes crystals and gives rows of outputs. It
// lives in one thread, usually a worker's; neighbour tables, batches and runs are its own affair. Which engine computes
// is chosen in engines.ts, and in browsers in web/load.ts.

import type { Structure } from '../src/crystal/structure.ts'
import type { Look } from '../src/domain/look.ts'
import type { CrystalOnnxError } from '../src/errors.ts'
import type { Attention } from './attention.ts'
import type { Card } from './card.ts'
import type { EngineName } from './engine-name.ts'

/** What an evaluator is opened from: plain data, which any thread can be sent. */
export interface ModelContent {
  /** The .onnx file. */
  readonly bytes: Uint8Array
  readonly card: Card
  /** Names of the graph's inputs. */
  readonly inputs: readonly string[]
  /** Names of the graph's outputs. */
  readonly outputs: readonly string[]
}

/** From and to as of performance.now(). */
export type OnStage = (stage: 'queue' | 'run', from: number, to: number) => void

/** What a model gives for one crystal. */
export interface Rows {
  /** The row of each output that was asked for, by its name: finite numbers. */
  readonly rows: Readonly<Record<string, Float32Array>>
  /** Milliseconds: its tables, and its share by atoms of the run that it was part of. */
  readonly ms: number
  /** What the crystal looks like, where that was asked for. */
  readonly look?: Look
}

export interface EvaluateOptions {
  /** Atoms of one run at most (the engine's by default). A larger crystal runs alone. */
  readonly maxAtoms?: number
  /** Ends the evaluation after the current run, with its reason. */
  readonly signal?: AbortSignal
  /** Crystals that need not be searched for atoms that lie in each other. */
  readonly trusted?: boolean
  /** Look at every crystal, too: for its domain. */
  readonly look?: boolean
  /** Every core has an evaluator at work: no run should take more than one. */
  readonly crowded?: boolean
  /** Whose call it is: in a queue (batching.ts), clients take turns. */
  readonly client?: string
  /** Told by a queue when a run of the call's is answered: how long that had waited and how long it took. */
  readonly onStage?: OnStage
}

export interface Evaluator {
  /** What computes. */
  readonly engine: EngineName
  /** What a report should add, such as the instructions that are used. */
  readonly note?: string
  /**
   * The named outputs, which have one row a crystal, for each of some crystals, in their order; or the error of that
   * crystal alone. The crystals are validated and may be copies that went from thread to thread. Calls may overlap.
   * @throws DeviceError when the device fails, ModelFileError when the graph does not fit its card
   */
  evaluate(
    crystals: readonly Structure[],
    outputs: readonly string[],
    options?: EvaluateOptions,
  ): Promise<readonly (Rows | CrystalOnnxError)[]>
  /**
   * How every atom of a validated crystal attends to the periodic images around it.
   * @throws ConfigError when the graph does not give it; ElementError, LimitError, StructureError or DeviceError
   */
  attention(crystal: Structure): Promise<Attention>
  /** Frees what it holds once the calls under way are answered. The last call. */
  release(): Promise<void>
}
