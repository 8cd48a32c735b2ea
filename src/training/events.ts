// What a training run tells whoever listens, for progress bars, logs and tests.

import type { SelectedBackend } from '../engines/engine.ts'

/** One line of metrics.jsonl. Errors are in the unit of each target, in the order of the targets. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number
  readonly phase: 'train' | 'average'
  /** Optimiser steps since the start. */
  readonly steps: number
  /** Mean over the steps of the epoch, on standardised targets. */
  readonly loss: number
  /** Mean global norm of the gradient before clipping. */
  readonly grad_norm: number
  /** At the last step. */
  readonly learning_rate: number
  /** Mean absolute error of these weights on the validation split; null without one. */
  readonly val_mae: readonly number[] | null
  /** The same of the averaged weights, in the averaging phase. */
  readonly average_val_mae: readonly number[] | null
  readonly seconds: number
  /** Largest memory of the process so far, MB. */
  readonly peak_memory_mb: number
}

export type TrainingEvent =
  | {
      readonly type: 'start'
      readonly backend: SelectedBackend
      readonly threads: number
      readonly parameters: number
      readonly train: number
      readonly val: number
      readonly test: number
      readonly epochs: number
      /** Epochs that were done before, of a run that is resumed. */
      readonly done: number
    }
  | {
      readonly type: 'step'
      readonly epoch: number
      /** Within the epoch, from 1, and how many it has. */
      readonly step: number
      readonly steps: number
      readonly loss: number
      readonly gradNorm: number
      readonly learningRate: number
    }
  | {
      readonly type: 'epoch'
      readonly metrics: EpochMetrics
      readonly epochs: number
      readonly units: readonly string[]
    }
  /** Something is not as it should be; training goes on. */
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'early-stop'; readonly epoch: number; readonly epochs: number }
  | {
      readonly type: 'end'
      readonly exported: 'average' | 'best' | 'last'
      readonly seconds: number
      readonly peakMemory: number
    }

export type OnEvent = (event: TrainingEvent) => void
