// Where a model comes from: bytes, a path, or an address. Reads within a limit and reports progress.

import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { fileURLToPath } from 'node:url'
import { ModelFileError } from '../../src/errors.ts'
import { MAX_FILE } from '../metadata.ts'

export interface ModelBytes {
  readonly bytes: Uint8Array
  /** how errors name the model */
  readonly file: string
}

export interface ReadOptions {
  readonly signal?: AbortSignal
  /** `total` is missing when a server does not tell it. */
  readonly onProgress?: (progress: { loaded: number; total?: number }) => void
}

/** @throws ModelFileError when there is no such file, the server refuses, or it is 2 GiB or larger. */
export async function readModel(
  source: string | URL | Uint8Array,
  options: ReadOptions = {},
): Promise<ModelBytes> {
  if (source instanceof Uint8Array) return { bytes: source, file: 'model' }
  const url = source instanceof URL ? source : /^(https?|file):/i.test(source) ? new URL(source) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return download(url, options)
  return readPath(url ? fileURLToPath(url) : String(source), options)
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
    if (code === 'ENOENT') throw new ModelFileError(`${path}: no such file`, { cause: error })
    if (code === 'EISDIR')
      throw new ModelFileError(`${path}: a folder, expected an .onnx file`, { cause: error })
    if (code === 'EACCES') throw new ModelFileError(`${path}: not allowed to read it`, { cause: error })
    throw error
  }
}

async function download(url: URL, { signal, onProgress }: ReadOptions): Promise<ModelBytes> {
  const file = basename(url.pathname) || url.host
  let response: Response
  try {
    response = await fetch(url, { signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new ModelFileError(`${url}: the server cannot be reached (${(cause as Error).message})`, { cause })
  }
  if (!response.ok || !response.body) {
    throw new ModelFileError(`${url}: the server answered ${response.status} ${response.statusText}`)
  }
  const length = Number(response.headers.get('content-length'))
  const total = length > 0 ? { total: length } : {}
  const chunks: Uint8Array[] = []
  let loaded = 0
  for await (const chunk of response.body as NodeStream<Uint8Array>) {
    chunks.push(chunk)
    loaded += chunk.length
    checkSize(loaded, file)
    onProgress?.({ loaded, ...total })
  }
  return { bytes: Buffer.concat(chunks), file }
}

function checkSize(size: number, file: string): void {
  if (size >= MAX_FILE) {
    throw new ModelFileError(`${file}: ${size} bytes or more, expected less than ${MAX_FILE} (2 GiB)`)
  }
}
