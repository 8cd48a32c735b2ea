// Where a model comes from in a browser: an address, a file that the user chose, or bytes.

import { ModelFileError } from '../../src/errors.ts'
import { MAX_FILE } from '../metadata.ts'
import { readModelFile } from '../model-file.ts'
import { checkSeal } from '../seal.ts'
import { type DownloadOptions, download } from './download.ts'

/** An address (relative to the page), a Blob or File, or the bytes of an .onnx file. */
export type ModelSource = string | URL | Blob | ArrayBuffer | Uint8Array

export interface ModelBytes {
  readonly bytes: Uint8Array
  /** how errors name the model */
  readonly file: string
}

/** @throws ModelFileError when the server refuses, the file is no exported model, or it is 2 GiB or larger. */
export async function readModel(
  source: ModelSource,
  options: Pick<DownloadOptions, 'cache' | 'signal' | 'onProgress'>,
): Promise<ModelBytes> {
  if (source instanceof Uint8Array) return { bytes: source, file: 'model' }
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source), file: 'model' }
  if (source instanceof Blob) {
    const file = source instanceof File ? source.name : 'model'
    if (source.size >= MAX_FILE)
      throw new ModelFileError(`${file}: ${source.size} bytes, expected less than 2 GiB`)
    const bytes = new Uint8Array(await source.arrayBuffer())
    options.onProgress?.({ loaded: bytes.length, total: bytes.length })
    return { bytes, file }
  }
  const url = addressOf(source)
  const file = url.pathname.split('/').pop() || url.host
  const bytes = await download(url, {
    ...options,
    limit: MAX_FILE,
    check: async (bytes) => void (await checkSeal(bytes, readModelFile(bytes, file), file)),
    failure: (message, options) => new ModelFileError(message, options),
  })
  return { bytes, file }
}

function addressOf(source: string | URL): URL {
  try {
    return new URL(source, baseAddress())
  } catch (cause) {
    throw new ModelFileError(
      `"${source}": not an address, expected one such as "models/formation-energy.onnx"`,
      { cause },
    )
  }
}

/** What relative addresses are relative to: the page, or in a worker its script. */
export function baseAddress(): string {
  return globalThis.document?.baseURI ?? location.href
}
