// What runs in the page for one device of a browser. onnxruntime-web writes the profile to the console.

import type { WebDevice } from '../../runtimes/web/devices.ts'
import { sessionOptions } from '../../runtimes/web/host.ts'
import { importHere } from '../../runtimes/web/onnxruntime.ts'
import { measure } from './measure.ts'

export interface PageRun {
  readonly device: WebDevice
  readonly threads: number
}

declare global {
  var measureInPage: (run: PageRun) => Promise<number[]>
}

globalThis.measureInPage = async ({ device, threads }) => {
  const ort = await importHere(device)
  ort.env.wasm.numThreads = threads
  const model = await (await fetch('/model.onnx')).arrayBuffer()
  const crystals = await (await fetch('/crystals.json')).json()
  // The profile is a message; it and nothing else may be written.
  const options = { ...sessionOptions(device), logSeverityLevel: 4 } as const
  return measure(ort, options, device, new Uint8Array(model), crystals)
}
