// The files of a tar archive as streams (POSIX.1-2001, ustar and pax; long names of GNU). Links, folders and devices are
// passed over.

import { DatasetError } from '../errors.ts'

const BLOCK = 512
/** A name that is longer than this is none. */
const NAME = 64 * 1024

export async function* tarMembers(
  archive: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ name: string; chunks: AsyncIterable<Uint8Array> }> {
  const source = new Blocks(archive, chunks)
  let longName: string | undefined
  for (;;) {
    const head = await source.take(BLOCK)
    if (head === undefined || head.every((byte) => byte === 0)) return
    const text = (from: number, to: number) => head.toString('utf8', from, to).replace(/\0.*$/s, '')
    const size = Number.parseInt(text(124, 136).trim() || '0', 8)
    if (!Number.isInteger(size) || size < 0) throw source.damaged('a size that is no number')
    const kind = text(156, 157)
    if (kind === 'x' || kind === 'L') {
      if (size > NAME) throw source.damaged(`a name of ${size} bytes`)
      const value = (await source.take(padded(size)))?.toString('utf8', 0, size) ?? ''
      longName =
        kind === 'L' ? value.replace(/\0.*$/s, '') : (/^\d+ path=([^\n]*)/m.exec(value)?.[1] ?? longName)
      continue
    }
    const prefix = text(345, 500)
    const name = longName ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`)
    longName = undefined
    let left = size
    const content = async function* () {
      while (left > 0) {
        const chunk = await source.some(left)
        left -= chunk.length
        yield chunk
      }
    }
    if (kind === '' || kind === '0') yield { name, chunks: content() }
    // What is left, and what fills the last block.
    while (left > 0) left -= (await source.some(left)).length
    const fill = padded(size) - size
    if (fill > 0) await source.take(fill)
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

class Blocks {
  readonly #archive: string
  readonly #source: AsyncIterator<Uint8Array>
  #buffer: Buffer = Buffer.alloc(0)

  constructor(archive: string, chunks: AsyncIterable<Uint8Array>) {
    this.#archive = archive
    this.#source = chunks[Symbol.asyncIterator]()
  }

  damaged(why: string): DatasetError {
    return new DatasetError(`${this.#archive}: tar archive is damaged (${why}); copy or download it again`)
  }

  /** So many bytes; undefined at the end of the archive. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#buffer.length < count) {
      const { value, done } = await this.#source.next()
      if (done && this.#buffer.length === 0) return undefined
      if (done) throw this.damaged('it is cut off')
      this.#buffer = Buffer.concat([this.#buffer, value])
    }
    return this.#cut(count)
  }

  /** From one to so many bytes. */
  async some(most: number): Promise<Buffer> {
    while (this.#buffer.length === 0) {
      const { value, done } = await this.#source.next()
      if (done) throw this.damaged('it is cut off')
      this.#buffer = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    return this.#cut(Math.min(most, this.#buffer.length))
  }

  #cut(count: number): Buffer {
    const taken = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return taken
  }
}
