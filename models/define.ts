// A network of one's own: a function of the images around every atom, its hyper-parameters and the shapes of its weights.
// What such a network sees of a crystal are species and the images within a radius; for anything else there is the whole
// interface, network.ts. Defining one loads nothing; models/defined.ts makes a row of the registry of it when it is used.

import type * as tf from '@tensorflow/tfjs-core'
import { ConfigError } from '../src/errors.ts'
import { checkParameters, hyperParameters, type Value, type Widened } from './define-config.ts'
import { ENSEMBLE } from './ensemble/name.ts'
import { checkedRadius } from './geometry.ts'
import type { Neighbours } from './neighbours.ts'
import type { Network, Parameters, Preset, PresetName } from './network.ts'
import { NETWORKS } from './networks.ts'

/** Many crystals as the function of a network is given them: A atoms of C crystals, one after the other. */
export interface AtomBatch extends Neighbours {
  /** Features of every atom from its element, [A, d]: a column of `weight` [d, 98], of mixed sites their mean. */
  readonly embed: (weight: tf.Tensor) => tf.Tensor2D
  /** Mean of x [A, d] over the atoms of every crystal, [C, d]. The last one that is made is the embedding of a crystal. */
  readonly mean: (x: tf.Tensor) => tf.Tensor2D
}

/** Hyper-parameters by name: numbers, strings, truth values, lists of numbers. */
export type HyperParameters = Readonly<Record<string, Value>>

/** What makes a network of one's own (docs/networks.md). */
export interface NetworkDefinition<Hyper extends HyperParameters = HyperParameters> {
  /** the `architecture` of its configurations: lower case letters, digits and - */
  readonly name: string
  /** as it is written in a text; by default the name */
  readonly title?: string
  /**
   * Hyper-parameters with their default values; what is given has to be of the same kind. A file that is to give
   * embeddings needs `model_dim`, their width. `architecture` and `num_targets` are added.
   */
  readonly defaults: Hyper
  /** Å: the images that the network is given */
  readonly radius: (config: Widened<Hyper>) => number
  /** Shapes of the weights by name, in the order of files. */
  readonly parameters: (config: Widened<Hyper>) => Readonly<Record<string, readonly number[]>>
  /** The last linear layer: `.weight` [num_targets, n] and `.bias` [num_targets]; what follows it may not bend. */
  readonly lastLayer: string
  /**
   * Standardised properties, [C, num_targets], with operations of tfjs alone: no value may be read. Tensors between are
   * disposed of.
   */
  readonly forward: (parameters: Parameters, config: Widened<Hyper>, batch: AtomBatch) => tf.Tensor2D
  /**
   * First values of a weight from uniform numbers in [−1, 1); undefined for the default: zero for vectors, else such
   * numbers by n^−½, n the size of the last axis.
   */
  readonly initialise?: (
    name: string,
    shape: readonly number[],
    uniform: () => number,
  ) => ArrayLike<number> | undefined
  /**
   * Isometries of a crystal that leave the features of its atoms as they are, so that one atom of each orbit is enough for
   * a prediction: `all` where distances and angles count, `proper` where mirror images differ. By default every atom is
   * computed.
   */
  readonly symmetry?: 'proper' | 'all'
  /** By default `quick`, with these defaults and 40 epochs. */
  readonly presets?: Readonly<Partial<Record<PresetName, Preset>>>
  /** atoms of a batch; by default 256 in training and 64 in a run of an exported file */
  readonly limits?: Partial<Pick<Network['limits'], 'batchAtoms' | 'runAtoms'>>
  /**
   * `import.meta.url` of the file that defines the network and does nothing else: threads of training load it from there.
   * Without it training takes one thread.
   */
  readonly module?: string
}

/** The networks that were defined, by name. */
const definitions = new Map<string, NetworkDefinition>()

export function definedNetworks(): ReadonlyMap<string, NetworkDefinition> {
  return definitions
}

/**
 * Adds a network: training, export, verification and the command line know it by its name from now on.
 * @returns the definition
 * @throws ConfigError for a name that is none, or taken, and for defaults that do not make a network
 */
export function defineNetwork<const Hyper extends HyperParameters>(
  definition: NetworkDefinition<Hyper>,
): NetworkDefinition<Hyper> {
  const { name } = definition
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) {
    throw new ConfigError(
      `name ${JSON.stringify(name)} of a network: expected lower case letters, digits and -, such as "my-network"`,
    )
  }
  if (definitions.has(name) || [...NETWORKS, ENSEMBLE].some((row) => row.name === name)) {
    throw new ConfigError(`there is a network "${name}" already; choose another name`)
  }
  const general = definition as unknown as NetworkDefinition
  configured(general, {})
  definitions.set(name, general)
  return definition
}

/** The validated configuration. @throws ConfigError naming each wrong key, or what does not make a network */
export function configured(definition: NetworkDefinition, input: unknown): Widened<HyperParameters> {
  const { name, title = name, defaults, lastLayer, parameters, radius } = definition
  const config = hyperParameters(name, defaults, input)
  checkParameters(new Map(Object.entries(parameters(config))), lastLayer, config, title)
  checkedRadius(radius(config))
  return config
}
