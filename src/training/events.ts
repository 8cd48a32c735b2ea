// What a training run tells whoever listens, for progress bars, logs and tests.

import type { SelectedBackend } from '../engines/engine.ts'

/** One line of metrics.jsonl. Errors are in the unit of each target, in the order of the targets. */
export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number
  /** Whether the weights are being averaged. */
  readonly phase: 'train' | 'average'
  /** Optimiser steps since the start. */
  readonly steps: number
  /** Mean over the steps of the epoch, on standardised targets. */
  readonly loss: number
  /** Mean global norm of the gradient before clipping. */
  readonly grad_norm: number
  /** At the last step. */
  readonly learning_rate: number
  /** Mean absolute error of these weights on the validation split, of a target that no crystal there carries null; null without a split. */
  readonly val_mae: readonly (number | null)[] | null
  /** The same in standard deviations of what is learned of the targets, over all of them; missing in files of older toolkits. */
  readonly val_error?: number | null
  /** The same of the averaged weights, in the averaging phase. */
  readonly average_val_mae: readonly (number | null)[] | null
  /** Of them, as `val_error`. */
  readonly average_val_error?: number | null
  /** Of the epoch. */
  readonly seconds: number
  /** Largest memory of the process so far, MB. */
  readonly peak_memory_mb: number
}

/** What happens in a training run. */
export type TrainingEvent =
  | {
      /** Before the first step. */
      readonly type: 'start'
      /** What trains. */
      readonly backend: SelectedBackend
      /** That compute gradients. */
      readonly threads: number
      /** Numbers in all weights. */
      readonly parameters: number
      /** Crystals to learn from. */
      readonly train: number
      /** Crystals to tune on. */
      readonly val: number
      /** Crystals to judge by. */
      readonly test: number
      /** In all. */
      readonly epochs: number
      /** Epochs that were done before, of a run that is resumed. */
      readonly done: number
    }
  | {
      /** After an optimiser step. */
      readonly type: 'step'
      /** From 1. */
      readonly epoch: number
      /** Within the epoch, from 1. */
      readonly step: number
      /** Of the epoch. */
      readonly steps: number
      /** Of the step, on standardised targets. */
      readonly loss: number
      /** Global norm of the gradient before clipping. */
      readonly gradNorm: number
      /** Of the step. */
      readonly learningRate: number
    }
  | {
      /** After an epoch. */
      readonly type: 'epoch'
      /** The line of metrics.jsonl. */
      readonly metrics: EpochMetrics
      /** In all. */
      readonly epochs: number
      /** Of the targets, in their order. */
      readonly units: readonly string[]
    }
  | {
      /** Something is not as it should be; training goes on. */
      readonly type: 'warning'
      /** For a person. */
      readonly message: string
    }
  | {
      /** Averaging starts early, since the validation error falls no more. */
      readonly type: 'early-stop'
      /** The last one before averaging. */
      readonly epoch: number
      /** In all, from now on. */
      readonly epochs: number
    }
  | {
      /** After the last epoch. */
      readonly type: 'end'
      /** Which weights were written. */
      readonly exported: 'average' | 'best' | 'last'
      /** Of the whole run, in this process. */
      readonly seconds: number
      /** Largest memory of the process, MB. */
      readonly peakMemory: number
    }

/** Told of every event as it happens. */
export type OnEvent = (event: TrainingEvent) => void
