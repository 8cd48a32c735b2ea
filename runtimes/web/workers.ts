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

const SCRIPT_REFUSED =
  'its script cannot be loaded, is not served as JavaScript, lacks the header Cross-Origin-Embedder-Policy that the page has, ' +
  'or worker-src of the policy lacks its origin'

let refused = false

/**
 * Whether a page can have workers, as far as is known: there are none in edge functions, and scripts are refused by frames that
 * are sandboxed, by policies, and by isolated pages that serve them without their headers.
 */
export function canStartWorkers(): boolean {
  return 'Worker' in globalThis && !refused
}

/** @throws DeviceError when the browser refuses to start it */
export function startScript(script: WorkerScript): Worker {
  try {
    return isElsewhere(import.meta.url) ? startFromElsewhere(script) : START[script]()
  } catch (cause) {
    refused = true
    throw new DeviceError(
      `the worker cannot start (${(cause as Error).message}): serve crystal-onnx from the page's own origin, allow ` +
        '"worker-src blob:" in its policy, or load with "worker: false"',
      { cause },
    )
  }
}

/** Whether a script is of another origin than the page, as from a CDN. */
function isElsewhere(script: string): boolean {
  return /^https?:/.test(script) && new URL(script).origin !== globalThis.location?.origin
}

/**
 * Browsers start workers of the page's own origin only; a script of the page's own may import one of another, which must be
 * served with CORS. Bundlers, which put everything on one origin, must not find this address.
 */
function startFromElsewhere(script: WorkerScript): Worker {
  const address = import.meta.url.replace(/[^/]*$/, `worker-${script}.js`)
  const source = new Blob([`import ${JSON.stringify(address)}`], { type: 'text/javascript' })
  const own = URL.createObjectURL(source)
  const worker = new Worker(own, { type: 'module', name: `crystal-onnx-${script}` })
  // The browser has read it long before.
  setTimeout(() => URL.revokeObjectURL(own), 60_000)
  return worker
}

/** Ends a worker after an error that nothing in it has caught. `then` is told why. */
export function whenStopped(worker: Worker, then: (why: string) => void): void {
  worker.onerror = (event) => {
    event.preventDefault()
    worker.terminate()
    // A script that cannot be loaded tells nothing about itself.
    if (!event.message) refused = true
    then(event.message || SCRIPT_REFUSED)
  }
}
