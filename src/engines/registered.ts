// Making a backend current that tfjs has registered: all there is to do for the one in plain JavaScript.

// Not tfjs-core: its Node entry registers no gradients.
import * as tf from '@tensorflow/tfjs'

/** @throws Error when it does not start */
export async function useRegistered(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`the ${name} backend does not start`)
  await tf.ready()
}
