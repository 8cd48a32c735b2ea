// What can be chosen about a training run, with the published defaults, and presets.

import { z } from 'zod'
import { type Architecture, type ModelConfig, modelConfig } from '../../models/attention/config.ts'
import { MODES } from '../../models/attention/geometry.ts'
import { TrainingError } from '../errors.ts'

const positive = z.number().positive().finite()
const fraction = z.number().min(0).lt(1)
const count = z.number().int().min(0).max(1_000_000)

export const LOSSES = ['l1', 'mse', 'smooth_l1'] as const
export const SCHEDULES = ['inverse_sqrt', 'cosine'] as const

const schema = z.strictObject({
  /** epochs, those of weight averaging included */
  epochs: count.min(1).default(500),
  /** crystals of one optimiser step, or of each of those that are accumulated */
  batch_size: count.min(1).default(128),
  /** batches whose gradients are averaged for one optimiser step: as a batch that much larger, in the same memory */
  accumulate: count.min(1).max(4096).default(1),
  /** a batch of more atoms is computed in portions whose gradients are summed: a bound on memory, not on the batch */
  max_batch_atoms: count.min(1).default(1024),
  /** on standardised targets: mean over the batch, sum over targets */
  loss: z.enum(LOSSES).default('l1'),
  learning_rate: positive.default(5e-4),
  /** inverse_sqrt: lr·√(4000 / (4000 + t)), as published. cosine: down to a twentieth, for short runs */
  schedule: z.enum(SCHEDULES).default('inverse_sqrt'),
  /** optimiser steps of linear warm-up; the published runs have none */
  warmup_steps: count.default(0),
  beta1: fraction.default(0.9),
  beta2: fraction.default(0.98),
  epsilon: positive.default(1e-8),
  weight_decay: z.number().min(0).finite().default(1e-5),
  /** of every parameter with "bias" in its name: surely unintended, but what the published models were trained with */
  bias_weight_decay: z.number().min(0).finite().default(0.01),
  /** largest global norm of the gradient */
  clip_norm: positive.default(1),
  /** the last epochs, over whose steps the weights are averaged; the learning rate stays as it is in them */
  swa_epochs: count.default(50),
  /** epochs without a better validation error after which averaging starts early; null: never */
  patience: count.min(1).nullable().default(null),
  seed: z.number().int().min(0).max(0xffffffff).default(0),
  /** which images attention sums over: see models/attention/geometry.ts */
  mode: z.enum(MODES).default('converged'),
  /** radius of the sum in Å; null: what the default error bound asks for. Converged mode only */
  radius: positive.max(100).nullable().default(null),
})

export type TrainingOptions = z.output<typeof schema>
export type TrainingOptionsInput = z.input<typeof schema>

/** Validated options with every default filled in. @throws TrainingError naming each wrong key. */
export function trainingOptions(input: unknown = {}): TrainingOptions {
  const parsed = schema.safeParse(input)
  if (!parsed.success) {
    throw new TrainingError(`training options: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  const options = parsed.data
  if (options.swa_epochs >= options.epochs) {
    throw new TrainingError(
      `swa_epochs ${options.swa_epochs} leaves no epoch to train; expected less than epochs ${options.epochs}`,
    )
  }
  if (options.mode === 'published' && options.radius !== null) {
    throw new TrainingError(`radius ${options.radius} has no meaning in published mode, whose box is given`)
  }
  return options
}

export const PRESETS = ['mp', 'jarvis', 'oqmd', 'quick'] as const
export type Preset = (typeof PRESETS)[number]

/** Crystals a step, epochs, and those of them in which weights are averaged, as published. */
const PUBLISHED: Record<Exclude<Preset, 'quick'>, Record<Architecture, [number, number, number]>> = {
  mp: { crystalformer: [128, 500, 50], crystalframer: [128, 500, 50] },
  jarvis: { crystalformer: [256, 800, 50], crystalframer: [256, 2000, 50] },
  oqmd: { crystalformer: [1024, 200, 20], crystalframer: [1024, 200, 20] },
}

/**
 * `mp`, `jarvis`, `oqmd`: the network and the schedule that the papers use for this collection. `quick`: a small network
 * that learns in minutes on a laptop.
 */
export function preset(
  name: Preset,
  architecture: Architecture = 'crystalformer',
): { config: ModelConfig; options: TrainingOptions } {
  if (name !== 'quick') {
    const [batch_size, epochs, swa_epochs] = PUBLISHED[name][architecture]
    return {
      config: modelConfig({ architecture }),
      options: trainingOptions({ batch_size, epochs, swa_epochs }),
    }
  }
  const angular = { value_pe_angle_real: 16, value_pe_angle_wscale: 1 }
  return {
    config: modelConfig({
      architecture,
      num_layers: 2,
      model_dim: 64,
      head_num: 4,
      ff_dim: 128,
      embedding_dim: [64],
      value_pe_dist_real: 32,
      ...(architecture === 'crystalframer' ? angular : {}),
    }),
    options: trainingOptions({
      epochs: 40,
      batch_size: 16,
      learning_rate: 3e-3,
      schedule: 'cosine',
      warmup_steps: 50,
      swa_epochs: 8,
    }),
  }
}
