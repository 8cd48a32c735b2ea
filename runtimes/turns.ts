// Turns: of calls that must not overlap, and of the event loop.

import type { Gate } from './session.ts'

/** Does one piece of work after another, in the order of the calls, whether the ones before failed or not. */
export function oneByOne(): Gate {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
}

/** Synchronous work lets the event loop have a turn after so many milliseconds. */
const TURN_MS = 8

/** To be awaited between pieces of synchronous work: lets the event loop go round when it has waited long enough. */
export function pauses(): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since <= TURN_MS) return undefined
    return nextTurn().then(() => {
      since = performance.now()
    })
  }
}

/** Lets the event loop go round once: timers of a browser would cost four milliseconds. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
