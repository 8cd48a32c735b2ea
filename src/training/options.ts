// What can be chosen about a training run, with the published defaults, and presets.

import { z } from 'zod'
import { MODES } from '../../models/geometry.ts'
import type { NetworkConfig, PresetName } from '../../models/network.ts'
import { DEFAULT_NETWORK } from '../../models/networks.ts'
import { configure, networkOf } from '../../models/registry.ts'
import { TrainingError } from '../errors.ts'

const positive = z.number().positive().finite()
const fraction = z.number().min(0).lt(1)
const count = z.number().int().min(0).max(1_000_000)

const LOSSES = ['l1', 'mse', 'smooth_l1'] as const
const SCHEDULES = ['inverse_sqrt', 'cosine'] as const

const schema = z.strictObject({
  /** epochs, those of weight averaging included */
  epochs: count.min(1).default(500),
  /** crystals of one optimiser step, or of each of those that are accumulated */
  batch_size: count.min(1).default(128),
  /** batches whose gradients are averaged for one optimiser step: as a batch that much larger, in the same memory */
  accumulate: count.min(1).max(4096).default(1),
  /** a batch of more atoms is computed in micro-batches whose gradients are summed: a bound on memory, not on the batch */
  max_batch_atoms: count.min(1).default(1024),
  /** on standardised targets: mean over the batch, sum over the targets that a crystal carries */
  loss: z.enum(LOSSES).default('l1'),
  /** peak of the schedule */
  learning_rate: positive.default(5e-4),
  /** inverse_sqrt: lr·√(4000 / (4000 + t)), as published. cosine: down to a twentieth, for short runs */
  schedule: z.enum(SCHEDULES).default('inverse_sqrt'),
  /** optimiser steps of linear warm-up; the published runs have none */
  warmup_steps: count.default(0),
  /** decay of the first moment, AdamW */
  beta1: fraction.default(0.9),
  /** decay of the second moment */
  beta2: fraction.default(0.98),
  /** added to the root of the second moment */
  epsilon: positive.default(1e-8),
  /** decoupled, of every parameter without "bias" in its name */
  weight_decay: z.number().min(0).finite().default(1e-5),
  /** of every parameter with "bias" in its name: surely unintended, but what the published models were trained with */
  bias_weight_decay: z.number().min(0).finite().default(0.01),
  /** largest global norm of the gradient */
  clip_norm: positive.default(1),
  /** the last epochs, over whose steps the weights are averaged; the learning rate stays as it is in them */
  swa_epochs: count.default(50),
  /** epochs without a better validation error after which averaging starts early; null: never */
  patience: count.min(1).nullable().default(null),
  /** of initial weights and of the order of the crystals */
  seed: z.number().int().min(0).max(0xffffffff).default(0),
  /** share of the crystals to learn from that is left out by chemistry, to calibrate intervals on what is unlike them */
  leave_out_chemistry: z.number().min(0).max(0.3).default(0),
  /** which images attention sums over: see models/attention/geometry.ts */
  mode: z.enum(MODES).default('converged'),
  /** radius of the sum in Å; null: what the default error bound asks for. Converged mode only */
  radius: positive.max(100).nullable().default(null),
})

/** Settings of a run besides its network. */
export type TrainingOptions = z.output<typeof schema>
/** What can be given of them; the rest is as published. */
export type TrainingOptionsInput = z.input<typeof schema>

/** Whether a name is one of these, and not that of a hyper-parameter of a network. */
export function isTrainingOption(name: string): boolean {
  return Object.hasOwn(schema.shape, name)
}

/** Validated options with every default filled in. @throws TrainingError naming each wrong key. */
export function trainingOptions(input: unknown = {}): TrainingOptions {
  const parsed = schema.safeParse(input)
  if (!parsed.success) {
    throw new TrainingError(`training options: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
  }
  const options = parsed.data
  if (options.swa_epochs >= options.epochs) {
    throw new TrainingError(
      `swa_epochs ${options.swa_epochs} leaves no epoch to train; expected less than epochs ${options.epochs}: give a smaller swa_epochs, too (--swa-epochs)`,
    )
  }
  if (options.mode === 'published' && options.radius !== null) {
    throw new TrainingError(`radius ${options.radius} has no meaning in published mode, whose box is given`)
  }
  return options
}

/**
 * `mp`, `jarvis`, `oqmd`: the network and the schedule that the papers use for this collection. `quick`: a small network
 * that learns in minutes on a laptop.
 * @throws ConfigError for a network that is not known; TrainingError for one without such a preset
 */
export function preset(
  name: PresetName,
  architecture: string = DEFAULT_NETWORK,
): {
  /** hyper-parameters of the network */
  config: NetworkConfig
  /** settings of the run */
  options: TrainingOptions
} {
  const { presets, title } = networkOf({ architecture })
  const found = presets[name]
  if (!found) {
    throw new TrainingError(
      `there is no preset ${name} of ${title}; expected one of ${Object.keys(presets).join(', ')}`,
    )
  }
  return {
    config: configure({ architecture, ...found.config }),
    options: trainingOptions(found.training),
  }
}
