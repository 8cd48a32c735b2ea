// Any graph on onnxruntime-node, in the current thread: tensors in, tensors out. For programs of our own that look at
// devices or at graphs without a card, not for predictions.

import type { GraphInputs, Outputs } from '../runtime.ts'
import { feedsOf } from '../session.ts'
import { setEnvironment } from './environment.ts'
import { refuseAbsent } from './open.ts'
import { openSession, type SessionOptions } from './session.ts'

export interface Graph {
  /** One forward pass: the named outputs, by default the prediction [C, targets]. @throws DeviceError when the device fails */
  run(inputs: GraphInputs, outputs?: readonly string[]): Promise<Outputs>
  release(): Promise<void>
}

/**
 * Opens a graph, of which `inputs` are the input names, on one device.
 * @throws DeviceError when the device is not there or refuses the graph
 */
export async function openGraph(
  bytes: Uint8Array,
  inputs: readonly string[],
  options: SessionOptions,
): Promise<Graph> {
  refuseAbsent(options.device)
  setEnvironment(process.env, options.device)
  const session = await openSession(bytes, options)
  return {
    run: (batch, outputs) => session.run(feedsOf(batch, inputs), outputs),
    release: () => session.release(),
  }
}
