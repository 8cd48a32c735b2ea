// Where a model comes from: bytes, a path, an address, or the name of one that comes with the package. Reads within a limit and reports progress.

import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isPretrained, PRETRAINED } from '../../models/pretrained/addresses.ts'
import { ModelFileError } from '../../src/errors.ts'
import { notFound } from '../../src/not-found.ts'
import { fetchHere, proxyHint, reasonOf } from '../../src/proxy.ts'
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
  const url = addressOf(path)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return download(url, options)
  return readPath(url ? fileURLToPath(url) : path, options)
}

/** Undefined for a path. */
function addressOf(source: string): URL | undefined {
  if (isPretrained(source)) return PRETRAINED[source]
  return /^(https?|file):/i.test(source) ? new URL(source) : undefined
}

async function readPath(path: string, { signal, onProgress }: ReadOptions): Promise<ModelBytes> {
  const file = basename(path)
  try {
    const { size } = await stat(path)
    checkSize(size, file)
    const bytes = await readFile(path, { signal })
    onProgress?.({ loaded: bytes.length, total: size })
    return { bytes, file }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && Object.values(PRETRAINED).some((url) => fileURLToPath(url) === path)) {
      throw new ModelFileError(
        `${path}: a file of crystal-onnx that a bundler left behind; copy it there from node_modules/crystal-onnx/dist, or ` +
          'leave the package out of the bundle (esbuild --external:crystal-onnx)',
        { cause: error },
      )
    }
    if (code === 'ENOENT') {
      const names = Object.keys(PRETRAINED).join(', ')
      throw new ModelFileError(`${path}: ${notFound(path)}, and no model of the package (${names})`, {
        cause: error,
      })
    }
    if (code === 'EISDIR')
      throw new ModelFileError(`${path}: a folder, expected an .onnx file`, { cause: error })
    if (code === 'EACCES') throw new ModelFileError(`${path}: not allowed to read it`, { cause: error })
    throw error
  }
}

async function download(url: URL, { signal, onProgress = () => {} }: ReadOptions): Promise<ModelBytes> {
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
