// The part of a file that is there already: FILE.part, beside it which version of the file at the server it is a part of,
// and the running checksum of what was written.

import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises'
import { OutputError } from '../../errors.ts'
import { outputError } from '../../files/reasons.ts'
import { outputTarget, type Target } from '../../files/target.ts'
import { giveName, keepOwner } from '../../files/temporary.ts'

export type Algorithm = 'md5' | 'sha256'

/** A download in progress. Its checksum always is that of the bytes in the file. */
export class Part {
  size = 0
  /** The ETag or date that the server gave with these bytes. */
  validator: string | undefined
  private hash: Hash

  private constructor(
    readonly path: string,
    private readonly target: Extract<Target, { kind: 'file' }>,
    private readonly algorithm: Algorithm,
    private readonly file: FileHandle,
  ) {
    this.hash = createHash(algorithm)
  }

  /**
   * Opens FILE.part, or begins one; what is there is read once for the checksum.
   * @throws OutputError where no regular file can be
   */
  static async open(file: string, url: string, algorithm: Algorithm): Promise<Part> {
    const target = await outputTarget(file)
    if (target.kind !== 'file') throw new OutputError(`${file}: no regular file, which a download needs`)
    const path = `${target.path}.part`
    const part = new Part(path, target, algorithm, await opened(path))
    const known = await readNote(`${path}.json`)
    if (known?.url !== url) {
      await part.restart()
      return part
    }
    part.validator = known.validator
    for await (const chunk of createReadStream(path)) {
      part.hash.update(chunk as Buffer)
      part.size += (chunk as Buffer).length
    }
    return part
  }

  async append(chunk: Uint8Array): Promise<void> {
    try {
      await this.file.writeFile(chunk)
    } catch (error) {
      throw outputError(this.path, error)
    }
    this.hash.update(chunk)
    this.size += chunk.length
  }

  /** Forgets what is there. */
  async restart(): Promise<void> {
    await this.file.truncate(0)
    this.size = 0
    this.validator = undefined
    this.hash = createHash(this.algorithm)
  }

  /** Writes down which version of the file this is a part of, for another process to go on with. */
  async remember(url: string, validator: string | undefined): Promise<void> {
    this.validator = validator
    await writeFile(`${this.path}.json`, JSON.stringify({ url, validator }))
  }

  /** Of the bytes so far, in hexadecimal digits. */
  checksum(): string {
    return this.hash.copy().digest('hex')
  }

  close(): Promise<void> {
    return this.file.close()
  }

  /** Gives the whole file its name. */
  async finish(): Promise<void> {
    const { path, old } = this.target
    if (old !== undefined) keepOwner(this.file.fd, old)
    await this.file.sync()
    await giveName(this.path, path)
    await rm(`${this.path}.json`, { force: true })
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
    await rm(`${this.path}.json`, { force: true })
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a')
  } catch (error) {
    throw outputError(path, error)
  }
}

async function readNote(path: string): Promise<{ url?: unknown; validator?: string } | undefined> {
  try {
    const { url, validator } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    return { url, validator: typeof validator === 'string' ? validator : undefined }
  } catch {
    return undefined
  }
}

/** The checksum of a file on disk. */
export async function checksumOf(path: string, algorithm: Algorithm): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
