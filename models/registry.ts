// Networks by name, and what is asked of any of them. Rows of users stand beside those of the toolkit.

import { ConfigError, WeightsError } from '../src/errors.ts'
import { network as cgcnn } from './cgcnn/network.ts'
import { network as crystalformer } from './crystalformer/network.ts'
import { network as crystalframer } from './crystalframer/network.ts'
import { definedNetworks } from './define.ts'
import { networkFrom } from './defined.ts'
import { ensembleNetwork } from './ensemble/network.ts'
import type { Network, NetworkConfig } from './network.ts'
import { DEFAULT_NETWORK, NETWORKS, type OwnNetworkName } from './networks.ts'
import type { Weights } from './safetensors.ts'
import { checkShapes } from './weights.ts'

/** Imported, not awaited: a module that awaits cannot be required, nor bundled into a plain script. */
const OWN: Readonly<Record<OwnNetworkName['name'], Network>> = { crystalformer, crystalframer, cgcnn }

const rows = new Map<string, Network>()
for (const { name } of NETWORKS) rows.set(name, OWN[name])
/** Made of networks that were trained: nobody asks for a new one. */
const ensemble = ensembleNetwork(networkOf, inferConfig) as unknown as Network

/** Adds a network. @throws ConfigError when another one has its name. */
export function registerNetwork(network: Network): void {
  if (network.name === ensemble.name || allRows().has(network.name))
    throw new ConfigError(`there is a network "${network.name}" already`)
  rows.set(network.name, network)
}

/** With those that were defined (define.ts). */
function allRows(): ReadonlyMap<string, Network> {
  for (const [name, definition] of definedNetworks()) {
    if (!rows.has(name)) rows.set(name, networkFrom(definition))
  }
  return rows
}

/** Whether another thread can have the network: one of the toolkit, or of a file that is known. */
export function isLoadable({ name, module }: Network): boolean {
  return module !== undefined || NETWORKS.some((row) => row.name === name)
}

/** Names of all networks that can be asked for, in the order in which they were added. */
export function networkNames(): string[] {
  return [...allRows().keys()]
}

/** Whether the network of a configuration can be asked for, and of an ensemble those of its members. */
export function isKnown({ architecture, members }: Readonly<Record<string, unknown>>): boolean {
  if (architecture !== ensemble.name) return allRows().has(String(architecture))
  return Array.isArray(members) && members.every(isKnown)
}

/** The network that a configuration is of. @throws ConfigError for a name that is not known. */
export function networkOf({ architecture }: Pick<NetworkConfig, 'architecture'>): Network {
  const network = architecture === ensemble.name ? ensemble : allRows().get(architecture)
  if (network) return network
  throw new ConfigError(
    `architecture ${JSON.stringify(architecture)} is not known; expected one of ${networkNames().join(', ')}, or the file ` +
      'that defines it (--network)',
  )
}

/** Validated configuration of the network that it names. @throws ConfigError naming each wrong key. */
export function configure(input: unknown = {}): NetworkConfig {
  const { architecture = DEFAULT_NETWORK } = (input ?? {}) as { architecture?: string }
  return networkOf({ architecture }).configure(input)
}

/**
 * The configuration that weights belong to: network and sizes from the tensors, the rest from `given` or defaults.
 * @throws WeightsError when the weights are those of no network; ConfigError when `given` contradicts them
 */
export function inferConfig(weights: Weights, given: Readonly<Record<string, unknown>> = {}): NetworkConfig {
  const names = new Set(weights.keys())
  const all = [...allRows().values(), ensemble]
  const claiming = all.find((network) => network.claims(names))
  if (!claiming) {
    throw new WeightsError(
      `weights hold no ${all.map(({ title }) => title).join(' and no ')}; expected one of them`,
    )
  }
  const { architecture = claiming.name } = given
  if (architecture !== claiming.name) {
    throw new ConfigError(
      `configuration says architecture ${architecture}, the weights have ${claiming.name}`,
    )
  }
  return claiming.inferConfig(weights, given)
}

/** @throws WeightsError naming missing, extra, mis-shaped and non-finite tensors. */
export function checkWeights(weights: Weights, config: NetworkConfig): void {
  checkShapes(weights, networkOf(config).parameterShapes(config))
}

/** Refuses weights that do not fit, and where it shows, those that were never trained. @throws WeightsError */
export function checkTrained(weights: Weights, config: NetworkConfig): void {
  checkWeights(weights, config)
  networkOf(config).checkTrained?.(weights, config)
}

/** Numbers in all parameters of a network. */
export function countParameters(config: NetworkConfig): number {
  return [...networkOf(config).parameterShapes(config).values()]
    .map((shape) => shape.reduce((product, size) => product * size, 1))
    .reduce((sum, size) => sum + size, 0)
}
