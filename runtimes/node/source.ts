// Where a model comes from: bytes, a path, an address, or the name of one that comes with the package. Reads within a limit and reports progress.

import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isPretrained, PRETRAINED, type PretrainedName } from '../../models/pretrained/addresses.ts'
import { ModelFileError } from '../../src/errors.ts'
import { notFound } from '../../src/not-found.ts'
import { fetchHere, proxyHint, reasonOf } from '../../src/proxy.ts'
import { beside, inCheckout } from '../../src/threads.ts'
import { withWeightsBeside } from '../apart.ts'
import {
  checkSize,
  givenBytes,
  type ModelBytes,
  type ModelSource,
  type OnBytes,
  responseBytes,
} from '../given.ts'

export interface ReadOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: OnBytes
}

/** @throws ModelFileError when there is no such file, the server refuses, or it is 2 GiB or larger; ConfigError for no source. */
export async function readModel(source: ModelSource, options: ReadOptions = {}): Promise<ModelBytes> {
  const given = await givenBytes(source, options.onProgress)
  if (given) return given
  const path = String(source)
  if (isPretrained(path)) return readPath(packaged(path), options, LEFT_BEHIND)
  const url = /^(https?|file):/i.test(path) ? new URL(path) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return download(url, options)
  return readPath(url ? fileURLToPath(url) : path, options)
}

/**
 * The file of a model of the package. Not its address in `PRETRAINED`: of that, bundlers of servers make one for pages.
 */
function packaged(name: PretrainedName): string {
  const folder = inCheckout ? '../../models/pretrained/' : './'
  return fileURLToPath(beside(import.meta.url, `${folder}${name}.onnx`))
}

const LEFT_BEHIND =
  'a file of crystal-onnx that a bundler left behind; copy it there from node_modules/crystal-onnx/dist, or leave the package ' +
  'out of the bundle (esbuild --external:crystal-onnx)'

/** @param missing what is said of it where it is not there */
async function readPath(
  path: string,
  { signal, onProgress }: ReadOptions,
  missing = `${notFound(path)}, and no model of the package (${Object.keys(PRETRAINED).join(', ')})`,
): Promise<ModelBytes> {
  const file = basename(path)
  try {
    const { size } = await stat(path)
    checkSize(size, file)
    const bytes = await readFile(path, { signal })
    onProgress?.({ loaded: bytes.length, total: size })
    return await withWeightsBeside({ bytes, file }, (location) =>
      dataBeside(join(dirname(path), location), file, signal),
    )
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new ModelFileError(`${path}: ${missing}`, { cause: error })
    if (code === 'EISDIR')
      throw new ModelFileError(`${path}: a folder, expected an .onnx file`, { cause: error })
    if (code === 'EACCES') throw new ModelFileError(`${path}: not allowed to read it`, { cause: error })
    throw error
  }
}

/** The weights of a model in two files. */
async function dataBeside(path: string, model: string, signal?: AbortSignal): Promise<Uint8Array> {
  const file = basename(path)
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) {
    throw new ModelFileError(
      `${model}: its weights are in "${file}", which is not beside it; put both files into one folder`,
    )
  }
  checkSize(found.size, file)
  return readFile(path, { signal })
}

async function download(url: URL, { signal, onProgress = () => {} }: ReadOptions): Promise<ModelBytes> {
  const read = await downloaded(url, { signal, onProgress })
  return withWeightsBeside(read, async (location) => {
    const data = await downloaded(new URL(encodeURIComponent(location), url), { signal, onProgress })
    return data.bytes
  })
}

async function downloaded(url: URL, { signal, onProgress = () => {} }: ReadOptions): Promise<ModelBytes> {
  let response: Response
  try {
    const fetch = await fetchHere()
    response = await fetch(url, { signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new ModelFileError(
      `${url}: the server cannot be reached (${reasonOf(cause as Error)})${proxyHint(url)}`,
      { cause },
    )
  }
  return responseBytes(response, { url: url.href, onProgress })
}
