// Work that may give a promise, and what follows it: at once where it does not, so that nothing of the process comes between.

import * as tf from '@tensorflow/tfjs-core'

/** `then` of what `run` gives; `last` after that, or after what went wrong. */
export function settled<T, R>(
  run: () => T | Promise<T>,
  then: (result: T) => R,
  last: () => void,
): R | Promise<R> {
  let waiting = false
  try {
    const result = run()
    if (!(result instanceof Promise)) return then(result)
    waiting = true
    return result.then(then).finally(last)
  } finally {
    if (!waiting) last()
  }
}

/** Like `tf.tidy`, also of what waits: all tensors that are made until then are disposed. Nothing of it is given back. */
export function inScope<R>(run: () => R | Promise<R>): R | Promise<R> {
  tf.engine().startScope()
  return settled(
    run,
    (result) => result,
    () => tf.engine().endScope(),
  )
}
