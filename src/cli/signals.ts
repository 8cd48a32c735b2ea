// What ends a command from outside: Ctrl-C, a scheduler, a terminal that closes. The process exits by itself, so that its
// temporary files and threads go with it; a command that has something to bring to an end first says so.

import { InterruptedError } from '../errors.ts'
import { exitCodeOf, SIGNALS, type Signal } from './exit.ts'

let finish: ((signal: Signal) => void) | undefined
let received: Signal | undefined

/** To be called once, before anything else. */
export function endOnSignals(): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      const first = finish
      finish = undefined
      if (first) first(signal)
      else process.exit(exitCodeOf(signal))
    })
  }
}

/**
 * The first signal from now on aborts the AbortSignal that this returns, with an InterruptedError; the next one ends the
 * process at once.
 * @param onSignal called when it comes
 */
export function firstSignal(message: string, onSignal = () => {}): AbortSignal {
  const controller = new AbortController()
  finish = (signal) => {
    received = signal
    onSignal()
    controller.abort(new InterruptedError(message))
  }
  return controller.signal
}

/** The exit code of an InterruptedError. */
export function interruptedCode(): number {
  return exitCodeOf(received ?? 'SIGINT')
}
