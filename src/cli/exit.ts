// Exit codes: docs/cli.md is the contract.

import { constants } from 'node:os'

/** All done; failed; the command line itself was wrong; some inputs failed and the rest were done. */
export const EXIT = { ok: 0, failed: 1, usage: 2, partial: 3 } as const

/** The signals that end a command. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type Signal = (typeof SIGNALS)[number]

/** As a shell has it: 130, 143, 129. */
export function exitCodeOf(signal: Signal): number {
  return 128 + constants.signals[signal]
}
