// A model on the onnxruntime of a page.

import type { Evaluator, ModelContent } from '../evaluator.ts'
import type { WebDevice } from './devices.ts'
import { type Engine, type EngineOptions, takeEngine } from './engine.ts'

/** @throws DeviceError when the device is not there or refuses the graph */
export async function openGraph(
  model: ModelContent,
  device: WebDevice,
  options: EngineOptions,
): Promise<Evaluator> {
  const engine = await takeEngine(device, options)
  const { host, leave } = engine
  let opened: number
  try {
    opened = await host.open(model, device)
  } catch (error) {
    leave()
    throw error
  }
  return {
    engine: 'onnxruntime',
    note: device === 'wasm' ? threadNote(engine, options) : undefined,
    evaluate: (...call) => host.evaluate(opened, ...call),
    attention: (crystal) => host.attention(opened, crystal),
    release: () => host.release(opened).finally(leave),
  }
}

/** How many threads run, and why only one where more could be had. */
function threadNote({ threads }: Engine, options: EngineOptions): string {
  const count = threads === 1 ? '1 thread' : `${threads} threads`
  return globalThis.crossOriginIsolated || options.threads === 1
    ? count
    : `${count}: the page is not cross-origin isolated, its COOP and COEP headers are missing`
}
