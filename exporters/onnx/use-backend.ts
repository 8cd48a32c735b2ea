// Which backend of tfjs runs what follows: changed and changed back within one turn of the event loop.

import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'

/** Makes a backend the current one at once: setBackend only waits for backends that are not ready. */
export function use(backend: string): void {
  void tf.setBackend(backend)
  if (tf.getBackend() !== backend) throw new ExportError(`the tfjs backend "${backend}" is not ready`)
}
