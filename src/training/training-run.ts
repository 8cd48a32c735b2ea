// What a training run is given, and what it gives.

import type { NetworkConfig } from '../../models/network.ts'
import type { Crystals } from '../data/crystals.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import type { TargetScaling } from '../data/scaling.ts'
import type { BackendName } from '../engines/backends.ts'
import type { SelectedBackend } from '../engines/engine.ts'
import type { Transform } from '../math/transform.ts'
import type { Evaluation } from './evaluate.ts'
import type { EpochMetrics, OnEvent } from './events.ts'
import type { ChosenWeights } from './fit.ts'
import type { TrainingOptions, TrainingOptionsInput } from './options.ts'
import type { StartingPoint } from './start.ts'

/** What is trained, on what, and where it is left. */
export interface TrainingRun {
  /** A file or folder of labelled crystals, or several of them, or the crystals themselves under a title. */
  readonly data:
    | string
    | readonly string[]
    | {
        /** for the report and the card */
        readonly name: string
        /** in any order, in memory or as `openDataset` gives them; splits as they name them, or by a hash of their ids */
        readonly crystals: readonly LabelledCrystal[] | Crystals
      }
  /** What is to be predicted, one a column of the output. A crystal may lack some, but not all of them. */
  readonly targets: readonly {
    /** key in `targets` of the crystals */
    readonly name: string
    /** such as `eV/atom`; by default 1, or what a resumed run has */
    readonly unit?: string
    /** learned instead of the value: for positive quantities over orders of magnitude; by default none, or as a resumed run */
    readonly transform?: Transform | 'none'
  }[]
  /** Hyper-parameters of the network; num_targets follows from `targets`. Default: those of `from`, or the published ones. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Default: the published ones. */
  readonly options?: TrainingOptionsInput
  /**
   * A trained network to start from instead of random weights: everything but its last layer is taken, and its
   * hyper-parameters, with which those in `config` may not disagree. A resumed run needs it no more.
   */
  readonly from?: StartingPoint
  /** Take the last layer of `from` as well: for more labels of what it predicts. Needs its `targets`. */
  readonly keepHead?: boolean
  /** Made when it is not there. */
  readonly runFolder: string
  /**
   * Go on with the run in `runFolder`; config, options and targets are then those it was started with. Where no epoch was
   * finished yet the run starts anew, one that has ended stays as it is: safe to repeat after any interruption.
   */
  readonly resume?: boolean
  /** Default 'auto'. */
  readonly backend?: 'auto' | BackendName
  /** Threads that compute gradients, on the native and wasm backends; others have threads of their own. Default 1. */
  readonly threads?: number
  /** Told of every event as it happens. */
  readonly onEvent?: OnEvent
  /** Stops after the current step; the run can be resumed from its last whole epoch. */
  readonly signal?: AbortSignal
}

/** A run that has come to its end. */
export interface TrainingResult {
  /** Where it is. */
  readonly runFolder: string
  /** Null where the run had ended before and nothing was left to train. */
  readonly backend: SelectedBackend | null
  /** Of the network, with every default. */
  readonly config: NetworkConfig
  /** With every default. */
  readonly options: TrainingOptions
  /** With the scaling of the train split. */
  readonly targets: readonly TargetScaling[]
  /** The weights that were written to weights.safetensors, and what else there was to choose from. */
  readonly chosen: ChosenWeights
  /** That were trained, averaging included. */
  readonly epochs: number
  /** The lines of metrics.jsonl. */
  readonly history: readonly EpochMetrics[]
  /** Errors of the chosen weights; null for a split without crystals. */
  readonly val: Evaluation | null
  /** The same on the test split. */
  readonly test: Evaluation | null
  /** That this process trained. */
  readonly seconds: number
}
