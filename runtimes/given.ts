// Models that a caller has in hand: bytes of any kind, a Blob or File, a response of fetch.

import { ConfigError, ModelFileError } from '../src/errors.ts'
import { MAX_FILE } from './metadata.ts'
import { bytesOf } from './realm.ts'

/** What a model can be loaded from: a path or an address, a Blob or File, a response of fetch, or the bytes of an .onnx file. */
export type ModelSource = string | URL | Blob | Response | ArrayBuffer | SharedArrayBuffer | ArrayBufferView

/** The bytes of a model file. */
export interface ModelBytes {
  readonly bytes: Uint8Array
  /** how errors name the model */
  readonly file: string
}

/** `total` is missing where nobody tells it. */
export type OnBytes = (progress: { loaded: number; total?: number }) => void

/**
 * The bytes of what is in hand; undefined for a path or an address.
 * @throws ModelFileError for 2 GiB or more, or a response that is none; ConfigError for something else
 */
export async function givenBytes(
  source: ModelSource,
  onProgress: OnBytes = () => {},
): Promise<ModelBytes | undefined> {
  const bytes = bytesOf(source)
  if (bytes) return { bytes, file: 'model' }
  const kind = Object.prototype.toString.call(source)
  switch (kind) {
    case '[object String]':
    case '[object URL]':
      return undefined
    case '[object Blob]':
    case '[object File]':
      return blobBytes(source as Blob, onProgress)
    case '[object Response]':
      return responseBytes(source as Response, { onProgress })
    default:
      throw new ConfigError(
        `a model from ${source === null ? 'null' : kind.slice(8, -1)}: expected a path or an address, a Blob or File, a ` +
          'response of fetch, or the bytes of an .onnx file',
      )
  }
}

async function blobBytes(blob: Blob, onProgress: OnBytes): Promise<ModelBytes> {
  const file = 'name' in blob ? String(blob.name) : 'model'
  checkSize(blob.size, file)
  const bytes = new Uint8Array(await blob.arrayBuffer())
  onProgress({ loaded: bytes.length, total: bytes.length })
  return { bytes, file }
}

/** The body of a response, as it comes. @param url of the request, where the response does not tell it */
export async function responseBytes(
  response: Response,
  { url = response.url, onProgress }: { readonly url?: string; readonly onProgress: OnBytes },
): Promise<ModelBytes> {
  const name = url === '' ? 'model' : url
  if (!response.ok) {
    throw new ModelFileError(`${name}: the server answered ${response.status} ${response.statusText}`)
  }
  if (response.bodyUsed) throw new ModelFileError(`${name}: the response has been read; load a clone() of it`)
  const { pathname, host } = url === '' ? { pathname: '', host: 'model' } : new URL(url)
  const file = pathname.split('/').pop() || host
  const length = Number(response.headers.get('content-length'))
  const total = length > 0 ? { total: length } : {}
  const chunks: Uint8Array[] = []
  let loaded = 0
  // An answer without a body has none to read.
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader!.read()) {
    chunks.push(part.value)
    loaded += part.value.length
    checkSize(loaded, file)
    onProgress({ loaded, ...total })
  }
  const bytes = new Uint8Array(loaded)
  let place = 0
  for (const chunk of chunks) {
    bytes.set(chunk, place)
    place += chunk.length
  }
  return { bytes, file }
}

export function checkSize(size: number, file: string): void {
  if (size >= MAX_FILE) {
    throw new ModelFileError(`${file}: ${size} bytes or more, expected less than ${MAX_FILE} (2 GiB)`)
  }
}

/** @throws ConfigError for an option that is none of the known ones */
export function checkOptions(options: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name))
  if (unknown === undefined) return
  throw new ConfigError(
    `load has no option "${unknown}"; expected some of ${Object.keys(known).sort().join(', ')}`,
  )
}
