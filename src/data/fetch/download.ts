// One file from a web server, whole and checked or not at all: retries what passes, goes on where it was cut off, and
// believes nothing about a server that its bytes do not show.

import { setTimeout as sleep } from 'node:timers/promises'
import { DownloadError, LimitError } from '../../errors.ts'
import { fetchHere, proxyHint, reasonOf } from '../../proxy.ts'
import { VERSION } from '../../version.ts'
import { type Algorithm, Part } from './part.ts'

export interface Checksum {
  readonly algorithm: Algorithm
  /** Hexadecimal digits, lower case. */
  readonly hex: string
}

export interface DownloadOptions {
  /** Published with the file. */
  readonly checksum?: Checksum
  /** Published size. */
  readonly bytes?: number
  readonly onProgress?: (bytes: number, totalBytes: number | undefined) => void
  /** What went wrong, and how long it waits before it tries again. */
  readonly onRetry?: (reason: string, milliseconds: number) => void
  /** What was downloaded by then stays, to go on with. */
  readonly signal?: AbortSignal
  /** Without a byte for so long a connection counts as dead. Default 30 s. */
  readonly idleMilliseconds?: number
  /** The first wait; it doubles with each failure in a row. Default 1 s. */
  readonly waitMilliseconds?: number
}

/** Failures in a row, none of which brought a byte. */
const ATTEMPTS = 6
const REDIRECTS = 5
const LONGEST_WAIT = 120_000
/** No public data set is larger; a server that sends without end is stopped. */
const MAX_BYTES = 32 * 2 ** 30

/** A failure that may pass: the network, or a server that is busy. */
class Passing extends Error {
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined

  constructor(message: string, options: ErrorOptions & { retryAfter?: number } = {}) {
    super(message, options)
    this.retryAfter = options.retryAfter
  }
}

/**
 * Downloads `url` to `path` through `path.part`, which stays when it is interrupted and is gone on with the next time.
 * @returns the checksum, of the published kind or SHA-256
 * @throws OutputError when it cannot be written; DownloadError when the server refuses, fails again and again, or sends
 * another file than the published one (the part is deleted then); LimitError beyond MAX_BYTES; the reason of `signal`.
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<Checksum> {
  const { checksum, bytes, signal, onRetry = () => {}, waitMilliseconds = 1000 } = options
  const algorithm = checksum?.algorithm ?? 'sha256'
  const part = await Part.open(path, url, algorithm)
  try {
    let failures = 0
    for (;;) {
      signal?.throwIfAborted()
      const before = part.size
      try {
        if (bytes === undefined || part.size !== bytes) await attempt(url, part, options)
        break
      } catch (error) {
        signal?.throwIfAborted()
        if (!(error instanceof Passing)) throw error
        failures = part.size > before ? 1 : failures + 1
        if (failures >= ATTEMPTS) {
          throw new DownloadError(
            `${url}: ${error.message}; given up after ${failures} attempts. ${part.size} bytes are in ${part.path}: run again to go on${proxyHint(new URL(url))}`,
            { cause: error },
          )
        }
        const wait = Math.min(error.retryAfter ?? waitMilliseconds * 2 ** (failures - 1), LONGEST_WAIT)
        onRetry(error.message, wait)
        await sleep(wait, undefined, { signal })
      }
    }
    const found = { algorithm, hex: part.checksum() }
    const wrong = unlike(found, part.size, options)
    if (wrong !== undefined) {
      await part.remove()
      throw new DownloadError(
        `${url}: ${wrong}. What was downloaded is deleted; try again, and if it stays so, the file has changed at its source`,
      )
    }
    await part.finish()
    return found
  } finally {
    await part.close()
  }
}

function unlike(found: Checksum, size: number, { checksum, bytes }: DownloadOptions): string | undefined {
  if (bytes !== undefined && size !== bytes) return `has ${size} bytes, published are ${bytes}`
  if (checksum === undefined || checksum.hex === found.hex) return undefined
  return `its ${checksum.algorithm} is ${found.hex}, published is ${checksum.hex}`
}

/** Downloads what is missing. @throws Passing for what is worth another attempt. */
async function attempt(url: string, part: Part, options: DownloadOptions): Promise<void> {
  const { signal, idleMilliseconds = 30_000, onProgress = () => {} } = options
  const idle = new AbortController()
  const timer = setTimeout(
    () => idle.abort(new Error(`no data for ${idleMilliseconds / 1000} s`)),
    idleMilliseconds,
  )
  const either = signal ? AbortSignal.any([signal, idle.signal]) : idle.signal
  try {
    // Bytes of another version must not be joined: without a way to tell versions apart it starts anew.
    if (part.size > 0 && part.validator === undefined && options.checksum === undefined) await part.restart()
    const response = await request(url, part, either)
    const totalBytes = await begin(url, response, part)
    if (totalBytes !== undefined && totalBytes > MAX_BYTES) {
      throw new LimitError(`${url}: ${totalBytes} bytes, at most ${MAX_BYTES} are downloaded`)
    }
    onProgress(part.size, totalBytes)
    // Node's stream can be iterated over; the types of browsers do not know it.
    for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
      timer.refresh()
      await part.append(chunk)
      if (part.size > MAX_BYTES) throw new LimitError(`${url}: more than ${MAX_BYTES} bytes`)
      onProgress(part.size, totalBytes)
    }
    if (totalBytes !== undefined && part.size < totalBytes) {
      throw new Passing(`cut off after ${part.size} of ${totalBytes} bytes`)
    }
  } catch (error) {
    if (idle.signal.aborted) throw new Passing((idle.signal.reason as Error).message, { cause: error })
    // What fetch throws for a network that fails, in the middle of a body too.
    if (error instanceof TypeError) throw new Passing(reasonOf(error), { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Asks for the bytes that are missing, and follows redirects. */
async function request(start: string, part: Part, signal: AbortSignal): Promise<Response> {
  // Packed by the server on the fly a file has no length and no ranges.
  const headers: Record<string, string> = {
    'accept-encoding': 'identity',
    'user-agent': `crystal-onnx/${VERSION}`,
  }
  if (part.size > 0) headers.range = `bytes=${part.size}-`
  if (part.size > 0 && part.validator !== undefined) headers['if-range'] = part.validator
  const fetch = await fetchHere()
  let url = new URL(start)
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    checkAddress(url)
    const response = await fetch(url, { headers, signal, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    url = new URL(location, url)
  }
  throw new DownloadError(`${start}: redirected more than ${REDIRECTS} times`)
}

/** https only, but for a server on this machine. */
function checkAddress(url: URL): void {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)) return
  throw new DownloadError(`${url.href}: not https, which would let anyone on the way change the file`)
}

/**
 * Brings the part in line with what the server is about to send, and returns the size of the whole file where the server
 * says it.
 */
async function begin(url: string, response: Response, part: Part): Promise<number | undefined> {
  const { status, headers } = response
  const validator = validatorOf(headers)
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '')
  if (status === 206) {
    const isSame = part.validator === undefined || validator === undefined || validator === part.validator
    if (range === null || Number(range[1]) !== part.size || !isSame) {
      await response.body?.cancel()
      await part.restart()
      throw new Passing('the server sent another part than asked for; starting anew')
    }
    return range[2] === '*' ? undefined : Number(range[2])
  }
  if (status === 200) {
    // The whole file: there was no part, the server knows no ranges, or the file has changed since.
    await part.restart()
    await part.remember(url, validator)
    const length = headers.get('content-length')
    return length === null || headers.has('content-encoding') ? undefined : Number(length)
  }
  await response.body?.cancel()
  if (status === 416) {
    // Nothing is missing, or the part is longer than the file.
    if (headers.get('content-range') === `bytes */${part.size}`) return part.size
    await part.restart()
    throw new Passing('the part on disk does not fit the file; starting anew')
  }
  const says = `the server answers ${status} ${response.statusText}`.trim()
  if (status === 408 || status === 429 || status >= 500) {
    throw new Passing(says, { retryAfter: secondsOf(headers.get('retry-after')) })
  }
  throw new DownloadError(
    `${url}: ${says}; the address may have changed (docs/data.md says where it is from)`,
  )
}

/** What tells versions of a file apart: a strong ETag, else the date. */
function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get('etag')
  if (tag !== null && !tag.startsWith('W/')) return tag
  return headers.get('last-modified') ?? undefined
}

/** Milliseconds of a Retry-After header, which has seconds or a date. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined
  const seconds = Number(header)
  const wait = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : 1000 * seconds
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}
