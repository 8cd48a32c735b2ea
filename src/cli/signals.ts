// What ends a command from outside: Ctrl-C, a scheduler, a terminal that closes. The process exits by itself, so that its
// temporary files and threads go with it; a command that has something to bring to an end first says so.

import { InterruptedError } from '../errors.ts'
import { exitCodeOf, SIGNALS, type Signal } from './exit.ts'

let finish: ((signal: Signal) => void) | undefined
let received: Signal | undefined

/** To be called before anything else. */
export function endOnSignals(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal)
}

function onSignal(signal: Signal): void {
  const first = finish
  finish = undefined
  if (first) first(signal)
  else process.exit(exitCodeOf(signal))
}

/**
 * For work that computes for seconds without a pause, in which JavaScript hears of no signal, and has nothing to clean up:
 * the system ends the process then, at once; a shell shows the same exit code.
 */
export async function endedBySystem<T>(work: () => Promise<T>): Promise<T> {
  for (const signal of SIGNALS) process.off(signal, onSignal)
  try {
    return await work()
  } finally {
    endOnSignals()
  }
}

/**
 * The first signal from now on aborts the AbortSignal that this returns, with an InterruptedError; the next one ends the
 * process at once.
 * @param announce called when it comes
 */
export function firstSignal(message: string, announce = () => {}): AbortSignal {
  const controller = new AbortController()
  finish = (signal) => {
    received = signal
    announce()
    controller.abort(new InterruptedError(message))
  }
  return controller.signal
}

/** The exit code of an InterruptedError. */
export function interruptedCode(): number {
  return exitCodeOf(received ?? 'SIGINT')
}
