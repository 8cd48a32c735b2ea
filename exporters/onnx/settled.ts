// Work that may give a promise, and what follows it: at once where it does not, so that nothing of the process comes between.

import * as tf from '@tensorflow/tfjs-core'

/** `then` of what `run` gives. */
export function followed<T, R>(run: () => T | Promise<T>, then: (result: T) => R): R | Promise<R> {
  const result = run()
  return result instanceof Promise ? result.then(then) : then(result)
}

/** What `run` gives; `last` after that, or after what went wrong. */
export function lastly<T>(run: () => T | Promise<T>, last: () => void): T | Promise<T> {
  let waiting = false
  try {
    const result = run()
    if (!(result instanceof Promise)) return result
    waiting = true
    return result.finally(last)
  } finally {
    if (!waiting) last()
  }
}

/** Like `tf.tidy`, also of what waits: all tensors that are made until then are disposed. Nothing of it is given back. */
export function inScope<R>(run: () => R | Promise<R>): R | Promise<R> {
  tf.engine().startScope()
  return lastly(run, () => tf.engine().endScope())
}
