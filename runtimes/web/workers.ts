// The scripts of our workers, how one starts, and what it says when it stops.

import { DeviceError } from '../../src/errors.ts'

/** Bundlers look for exactly these expressions, with every option written out; the names differ for webpack's sake. */
const START = {
  fused: () =>
    new Worker(new URL('./worker-fused.ts', import.meta.url), { type: 'module', name: 'crystal-onnx-fused' }),
  wasm: () =>
    new Worker(new URL('./worker-wasm.ts', import.meta.url), { type: 'module', name: 'crystal-onnx-wasm' }),
  webgpu: () =>
    new Worker(new URL('./worker-webgpu.ts', import.meta.url), {
      type: 'module',
      name: 'crystal-onnx-webgpu',
    }),
  plain: () =>
    new Worker(new URL('./worker-plain.ts', import.meta.url), { type: 'module', name: 'crystal-onnx-plain' }),
}

export type WorkerScript = keyof typeof START

/** @throws DeviceError when the browser refuses to start it */
export function startScript(script: WorkerScript): Worker {
  try {
    return START[script]()
  } catch (cause) {
    throw new DeviceError(
      `the worker cannot start (${(cause as Error).message}): its script must come from the page's own origin; serve ` +
        'crystal-onnx from there, or load with "worker: false"',
      { cause },
    )
  }
}

/** Ends a worker after an error that nothing in it has caught. `then` is told why. */
export function whenStopped(worker: Worker, then: (why: string) => void): void {
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    // A script that cannot be loaded tells nothing about itself.
    then(event.message || 'its script cannot be loaded, or is not served as JavaScript')
  }
}
