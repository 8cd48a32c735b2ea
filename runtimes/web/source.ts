// Where a model comes from in a browser: an address, a file that the user chose, or bytes.

import { ModelFileError } from '../../src/errors.ts'
import { fileBeside, together, withWeightsBeside } from '../apart.ts'
import { givenBytes, type ModelBytes, type ModelSource } from '../given.ts'
import { MAX_FILE } from '../metadata.ts'
import { readModelFile } from '../model-file.ts'
import { checkSeal } from '../seal.ts'
import { type DownloadOptions, download } from './download.ts'

/** @throws ModelFileError when the server refuses, the file is no exported model, or it is 2 GiB or larger. */
export async function readModel(
  source: ModelSource,
  options: Pick<DownloadOptions, 'cache' | 'signal' | 'onProgress'>,
): Promise<ModelBytes> {
  const given = await givenBytes(source, options.onProgress)
  if (given) return given
  const url = addressOf(String(source))
  const file = url.pathname.split('/').pop() || url.host
  const common = {
    ...options,
    limit: MAX_FILE,
    failure: (message: string, options?: ErrorOptions) => new ModelFileError(message, options),
  }
  const sealedOnly = async (bytes: Uint8Array) =>
    void (await checkSeal(bytes, readModelFile(bytes, file), file))
  const bytes = await download(url, {
    ...common,
    // The seal is of both, where there are two.
    check: async (bytes) => (fileBeside(bytes, file) === undefined ? sealedOnly(bytes) : undefined),
  })
  return withWeightsBeside({ bytes, file }, (location) =>
    download(new URL(encodeURIComponent(location), url), {
      ...common,
      check: (data) => sealedOnly(together(bytes, data, file)),
    }),
  )
}

function addressOf(source: string): URL {
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
