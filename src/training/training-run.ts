// What a training run is given, and what it gives.

import type { NetworkConfig } from '../../models/network.ts'
import type { LabelledCrystal, TargetScaling } from '../data/index.ts'
import type { BackendName, SelectedBackend } from '../engines/engine.ts'
import type { Evaluation } from './evaluate.ts'
import type { EpochMetrics, OnEvent } from './events.ts'
import type { ChosenWeights } from './fit.ts'
import type { TrainingOptions, TrainingOptionsInput } from './options.ts'
import type { StartingPoint } from './start.ts'

export interface TrainingRun {
  /** A data file of labelled crystals, or the crystals themselves under a title. */
  readonly data: string | { readonly name: string; readonly crystals: readonly LabelledCrystal[] }
  readonly targets: readonly { readonly name: string; readonly unit: string }[]
  /** Hyper-parameters of the network; num_targets follows from `targets`. Default: those of `from`, or the published ones. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Default: the published ones. */
  readonly options?: TrainingOptionsInput
  /**
   * A trained network to start from instead of random weights: everything but its last layer is taken, and its
   * hyper-parameters, with which those in `config` may not disagree. A resumed run needs it no more.
   */
  readonly from?: StartingPoint
  /** Made when it is not there. */
  readonly runFolder: string
  /**
   * Go on with the run in `runFolder`; config, options and targets are then those it was started with. Where no epoch was
   * finished yet the run starts anew, one that has ended stays as it is: safe to repeat after any interruption.
   */
  readonly resume?: boolean
  /** Default 'auto'. */
  readonly backend?: 'auto' | BackendName
  /** Threads that compute gradients, on the wasm backend; others have threads of their own. Default 1. */
  readonly threads?: number
  readonly onEvent?: OnEvent
  /** Stops after the current step; the run can be resumed from its last whole epoch. */
  readonly signal?: AbortSignal
}

export interface TrainingResult {
  readonly runFolder: string
  /** Null where the run had ended before and nothing was left to train. */
  readonly backend: SelectedBackend | null
  readonly config: NetworkConfig
  readonly options: TrainingOptions
  readonly targets: readonly TargetScaling[]
  /** The weights that were written to weights.safetensors, and what else there was to choose from. */
  readonly chosen: ChosenWeights
  readonly epochs: number
  readonly history: readonly EpochMetrics[]
  /** Of the chosen weights; null for a split without crystals. */
  readonly val: Evaluation | null
  readonly test: Evaluation | null
  readonly seconds: number
}
