// `--network FILE`: networks of the user's own, by the commands that need more of a network than its model file.

import { type Command, Option } from 'commander'
import { NETWORKS } from '../../models/networks.ts'

/** The networks of the toolkit, for a help text. */
export const NAMES = NETWORKS.map(({ name }) => name).join(', ')

export function networkOption(): Option {
  return new Option(
    '--network <file>',
    'a file that defines a network of your own (docs/networks.md); its code is run',
  )
}

/** Names of the networks that a file defines. */
export async function loadNetworks(file: string): Promise<string[]> {
  const { importNetworks } = await import('../../models/from-file.ts')
  return importNetworks(file)
}

/**
 * The network that an option names, or else the one of the file of `--network`; undefined where neither is given.
 * @throws CommanderError for a name that neither the toolkit nor the file has
 */
export async function chosenNetwork(
  { network }: { readonly network?: string },
  option: string,
  name: string | undefined,
  command: Command,
): Promise<string | undefined> {
  const own = network === undefined ? [] : await loadNetworks(network)
  if (name === undefined) {
    if (own.length <= 1) return own[0]
    return command.error(`error: ${network} defines ${own.join(', ')}; choose one of them with ${option}`)
  }
  const known = [...NETWORKS.map((row) => row.name), ...own]
  if (known.includes(name)) return name
  return command.error(
    `error: option '${option} <name>' argument '${name}' is invalid. Allowed choices are ${known.join(', ')}.`,
  )
}
