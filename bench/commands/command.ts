// What all commands of the bench have in common.

import { cpus } from 'node:os'
import { Command } from 'commander'

/** Stands beside every result. */
export const MACHINE = { processor: cpus()[0]?.model, node: process.version }

export function benchCommand(name: string, description: string): Command {
  return new Command(name).description(description).option('--json', 'one JSON object on stdout')
}
