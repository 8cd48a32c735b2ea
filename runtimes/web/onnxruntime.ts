// Where onnxruntime-web lies, and how its WebAssembly file gets here. The package has two builds that matter: `wasm`, and
// `webgpu`, which is larger. Its default entry is never used: its older WebGPU provider gives wrong results.

import { DeviceError } from '../../src/errors.ts'
import type { WebDevice } from './devices.ts'
import { type DownloadOptions, download } from './download.ts'
import type { Onnxruntime } from './host.ts'
import { baseAddress } from './source.ts'

/** The device that needs it gives a build its name. */
export type Build = WebDevice

interface BuildRow {
  /** Its WebAssembly file. */
  readonly file: string
  /** Its script, in the thread of the page. */
  readonly load: () => Promise<Onnxruntime>
  /** Where a bundler has put the file. */
  readonly bundled: () => URL
}

/** Bundlers pass over a package that is not installed where somebody catches it. */
function missing(cause: Error): never {
  throw new DeviceError(`onnxruntime-web cannot be loaded: ${cause.message}; npm install onnxruntime-web`, {
    cause,
  })
}

/** Bundlers look for exactly these expressions. */
const BUILDS: Record<Build, BuildRow> = {
  wasm: {
    file: 'ort-wasm-simd-threaded.wasm',
    load: () => import('onnxruntime-web/wasm').catch(missing),
    bundled: () => new URL('onnxruntime-web/ort-wasm-simd-threaded.wasm', import.meta.url),
  },
  webgpu: {
    file: 'ort-wasm-simd-threaded.asyncify.wasm',
    load: () => import('onnxruntime-web/webgpu').catch(missing),
    bundled: () => new URL('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm', import.meta.url),
  },
}
const LARGEST = 2 ** 27

/** Address of the build's script where the page itself resolves packages (an import map); undefined under a bundler. */
export function scriptAddress(build: Build): string | undefined {
  try {
    return import.meta.resolve(`onnxruntime-web/${build}`)
  } catch {
    return undefined
  }
}

/** The build, in the thread of the page. */
export function importHere(build: Build): Promise<Onnxruntime> {
  return BUILDS[build].load()
}

/**
 * The WebAssembly file of a build: from `wasmPaths` (the address of a folder), else from beside the script of
 * onnxruntime-web, else from where the bundler has put it.
 * @throws DeviceError when it cannot be had
 */
export async function fetchBinary(
  build: Build,
  wasmPaths: string | URL | undefined,
  options: Pick<DownloadOptions, 'cache' | 'signal' | 'onProgress'>,
): Promise<ArrayBuffer> {
  const url = binaryAddress(build, wasmPaths)
  const failure = (message: string, options?: ErrorOptions) =>
    new DeviceError(
      `onnxruntime-web cannot start: ${message}; its .wasm files must be served, beside its script or where wasmPaths says`,
      options,
    )
  const check = (bytes: Uint8Array) => {
    if (bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d) return
    const start = new TextDecoder('latin1').decode(bytes.subarray(0, 16)).trimStart()
    const found = start.startsWith('<') ? 'an HTML page' : `${bytes.length} bytes of something else`
    throw failure(`${url} is no WebAssembly but ${found}`)
  }
  const bytes = await download(url, { ...options, limit: LARGEST, check, failure })
  return bytes.buffer as ArrayBuffer
}

function binaryAddress(build: Build, wasmPaths: string | URL | undefined): URL {
  const { file, bundled } = BUILDS[build]
  if (wasmPaths !== undefined) {
    const folder = String(wasmPaths).replace(/\/*$/, '/')
    return new URL(file, new URL(folder, baseAddress()))
  }
  const script = scriptAddress(build)
  return script === undefined ? bundled() : new URL(file, script)
}
