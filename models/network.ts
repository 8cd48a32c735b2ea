// A network as the rest of the toolkit sees it: one row of the registry. Training, export, verification and the command
// line know of networks what stands here and nothing else.

import type * as tf from '@tensorflow/tfjs-core'
import type { Structure } from '../src/crystal/structure.ts'
import type { TableTensorName } from '../src/periodic/tensors.ts'
import type { CrystalframerConfig, ModelConfig } from './attention/config.ts'
import type { FusedRealAttention } from './attention/real-space.ts'
import type { GeometryOptions, Mode, RequiredGeometry } from './geometry.ts'
import type { NetworkName } from './network-name.ts'
import type { Weights, WeightTensor } from './safetensors.ts'

/** What every configuration has; the rest is the network's own. */
export type NetworkConfig = {
  /** name of the network */
  readonly architecture: string
  /** columns of the output */
  readonly num_targets: number
}

/** Parameters by name; variables while training. */
export type Parameters = Readonly<Record<string, tf.Tensor>>

/** The tensors of a batch by name: src/periodic/tensors.ts. */
export type Inputs = Readonly<Record<string, tf.Tensor>>

/** What a forward pass may be told besides parameters and inputs. */
export interface ForwardOptions {
  /**
   * Shown intermediate values: `pooled` [C, d], what the head sees of every crystal; of networks that attend to images
   * `layer0/weights` [A, H, M·S] and `layer0/frames` [A, H, 3, 3]; where atoms meet in keys and values alone `embedded`,
   * `layer0/key`, `layer0/value` and `layer0/out` [A, d], between which a large cell is cut; and others of their own. They
   * are disposed after the forward: keep what must live on.
   */
  readonly trace?: (name: string, value: tf.Tensor) => void
  /** Å beyond which the batch holds no image; of cells without neighbour tables the radius their images are taken from. */
  readonly radius?: number
  /** Attention in real space by a kernel that has the images already, for networks with `attention`. */
  readonly fusedAttention?: FusedRealAttention
}

/** What a network can give besides its prediction: the pooled atoms, the weight of every periodic image. */
export const EXTRA_OUTPUTS = ['attention', 'embedding'] as const
/** One of them. */
export type ExtraOutput = (typeof EXTRA_OUTPUTS)[number]

/** Settings of a run that suit a network: its hyper-parameters, and options of src/training/options.ts. */
export interface Preset {
  /** hyper-parameters, over the published ones */
  readonly config: Readonly<Record<string, unknown>>
  /** options, over the published ones */
  readonly training: Readonly<Record<string, unknown>>
}

/** The training of `quick`, of whatever network. */
export const QUICK_TRAINING: Preset['training'] = {
  epochs: 40,
  batch_size: 16,
  learning_rate: 3e-3,
  schedule: 'cosine',
  warmup_steps: 50,
  swa_epochs: 8,
}

/** `mp`, `jarvis`, `oqmd`: as published for this collection. `quick`: a small network that learns in minutes. */
export const PRESETS = ['mp', 'jarvis', 'oqmd', 'quick'] as const
/** One of them. */
export type PresetName = (typeof PRESETS)[number]

/** A network as everything else sees it. */
export interface Network<Config extends NetworkConfig = NetworkConfig> extends NetworkName {
  /** Address of the file that adds the network to the registry, if it is not one of the toolkit: for other threads. */
  module?: string
  /** Validated configuration with every default filled in. @throws ConfigError naming each wrong key. */
  configure(input: unknown): Config
  /** Its size in a few words, such as "4 blocks". */
  describe(config: Config): string
  /** Names and shapes of every parameter, in the order in which files hold them. */
  parameterShapes(config: Config): ReadonlyMap<string, readonly number[]>
  /** Whether training changes a parameter. */
  isTrainable(name: string): boolean
  /** Fresh weights, determined by `seed`. */
  initialise(config: Config, seed: number): Map<string, WeightTensor>
  /** The last linear layer: `.weight` [num_targets, inputs] and `.bias`. Targets are scaled in it, `--from` renews it. Several where several outputs are averaged. */
  lastLayer(config: Config): string | readonly string[]
  /** Refuses weights that no training step has seen, where that shows. @throws WeightsError */
  checkTrained?(weights: Weights, config: Config): void
  /** Whether weights under such names are those of this network. */
  claims(names: ReadonlySet<string>): boolean
  /**
   * The configuration that weights belong to: sizes from tensor shapes, the rest from `given` or defaults.
   * @throws WeightsError, ConfigError when the weights are others, or `given` contradicts them
   */
  inferConfig(weights: Weights, given: Readonly<Record<string, unknown>>): Config

  /** Those that `geometry` knows. */
  readonly modes: readonly Mode[]
  /** Images, waves and frames that the network requires of the host. @throws ConfigError for options out of range */
  geometry(config: Config, mode: Mode, options: GeometryOptions): RequiredGeometry
  /** Sums over images, one after the other, each of which neglects what the error bound says. */
  sumsOverImages(config: Config): number
  /** The tensors of a batch that the network reads; a batch may hold more. */
  inputNames(config: Config, mode: Mode): readonly TableTensorName[]
  /** Standardised properties of every crystal, [C, num_targets], before target mean and deviation are put back. */
  forward(parameters: Parameters, config: Config, inputs: Inputs, options?: ForwardOptions): tf.Tensor2D
  /** Constants that follow from the first batch, by parameter name; the caller disposes of them. */
  statistics?(
    parameters: Parameters,
    config: Config,
    inputs: Inputs,
    options?: ForwardOptions,
  ): Map<string, tf.Tensor>
  /** Why the network cannot give an output; undefined where it can. The width of an embedding stands in `model_dim`. */
  lacks(config: Config, output: ExtraOutput): string | undefined

  /** The network once more in float64, sharing no code with `forward`; without it, the exported graph is evaluated so. */
  readonly reference?: {
    /** whether it is there for such a network; by default for all */
    covers?(config: Config): boolean
    /** the prediction of one crystal, [num_targets], standardised */
    evaluate(weights: Weights, config: Config, crystal: Structure, mode: Mode): ArrayLike<number>
    /** atoms that it takes about a second for */
    readonly quickAtoms: number
  }
  /** Gaussians whose widths on real crystals allow a smaller radius than their bound. */
  readonly calibration?: {
    /** name endings of traced values ρ, of which the smallest counts */
    readonly traced: string
    /** the bound b that ρ never goes below */
    lowerBound(config: Config): number
  }
  /** Whether golden samples must be without symmetry, since the network is not defined on symmetric crystals. */
  needsAsymmetry?(config: Config): boolean
  /**
   * Of what a prediction depends on by a choice, which rounding can decide, and at which it jumps when atoms move; undefined
   * where it changes smoothly.
   */
  jumps?(config: Config): string | undefined
  /** The network as the published code evaluates it. */
  asPublished?(config: Config): Config
  /** The network as one of periodic attention, which fused kernels compute and published files hold, if it is one. */
  attention?(config: Config): PeriodicAttention

  /** The networks that it is the mean of, if it is: it traces their values as `members`, [C, members, num_targets]. */
  members?(
    weights: Weights,
    config: Config,
  ): {
    /** under the names that the member knows */
    readonly weights: Weights
    /** of the member */
    readonly config: NetworkConfig
  }[]

  /** Settings by name, for those collections that there are some for. */
  readonly presets: Readonly<Partial<Record<PresetName, Preset>>>
  /** Sizes that suit the network. */
  readonly limits: {
    /** atoms a run of an exported file, for speed */
    readonly runAtoms: number
    /** atoms a batch of training: what the tensors of its gradient leave room for */
    readonly batchAtoms: number
    /** why the gradient is known to be wrong, by backend */
    readonly wrongGradients?: Readonly<Record<string, string>>
  }
}

/** The attention of Crystalformer, and with `frames` that of CrystalFramer. */
export interface PeriodicAttention {
  /** hyper-parameters of the attention */
  readonly config: ModelConfig
  /** hyper-parameters of the frames */
  readonly frames?: CrystalframerConfig
}
