// Files that are either there whole or not at all: the one place through which everything is written, and what may not
// be there is read. Its parts are in files/.

import { closeSync, createWriteStream, fsyncSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { OutputError } from './errors.ts'
import { outputError } from './files/reasons.ts'
import { outputTarget, type Target } from './files/target.ts'
import { createTemporary, discard, giveName, giveNewName } from './files/temporary.ts'
import { openThrough } from './files/through.ts'

export { checkOutput } from './files/inputs.ts'
export { outputError } from './files/reasons.ts'

type Pieces = AsyncIterable<string | Uint8Array>

/**
 * Writes to a temporary name, flushes to the disk, then renames: a reader, or a crash, never sees half a file, and a file
 * that was there keeps its permissions. A link is followed. A pipe, a device or a descriptor (/dev/stdout) is written to
 * as it comes. When `content` comes in pieces and one of them fails, there is no file.
 * @throws OutputError when it cannot be written; what `content` throws
 */
export async function writeWhole(path: string, content: string | Uint8Array | Pieces): Promise<void> {
  let failed: { readonly error: unknown } | undefined
  async function* pieces(): Pieces {
    if (typeof content === 'string' || content instanceof Uint8Array) return yield content
    try {
      yield* content
    } catch (error) {
      failed = { error }
      throw error
    }
  }
  const target = await outputTarget(path)
  try {
    await (target.kind === 'file' ? replace(target, pieces()) : writeThrough(target, pieces()))
  } catch (error) {
    throw failed ? failed.error : outputError(path, error)
  }
}

/**
 * The same where another library writes, to the path of the temporary file.
 * @throws OutputError when it cannot be written, or is no regular file; what `write` throws
 */
export async function writeWholeBy(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const target = await outputTarget(path)
  if (target.kind !== 'file') throw new OutputError(`${path}: is no regular file, which this needs`)
  const temporary = await createTemporary(target.path, target.old).catch((error) => {
    throw outputError(path, error)
  })
  try {
    await write(temporary.path)
    fsyncSync(temporary.descriptor)
    await giveName(temporary.path, target.path)
  } finally {
    closeSync(temporary.descriptor)
    await discard(temporary.path)
  }
}

/** As writeWhole, of a file that is not there yet: one that came to be meanwhile stays. @throws OutputError */
export async function writeNew(path: string, content: string): Promise<void> {
  try {
    const temporary = await createTemporary(path, undefined)
    try {
      await pipeline([content], createWriteStream('', { fd: temporary.descriptor, flush: true }))
      await giveNewName(temporary.path, path)
    } finally {
      await discard(temporary.path)
    }
  } catch (error) {
    throw outputError(path, error)
  }
}

/** Of a file that must be there. The system does not say of which folder it says that it is one. */
export async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EISDIR' ? Object.assign(error as Error, { path }) : error
  }
}

/** Of a file that may not be there: undefined then. */
export async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** @throws OutputError when it cannot be made */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    throw outputError(path, error)
  }
}

async function replace({ path, old }: Extract<Target, { kind: 'file' }>, pieces: Pieces): Promise<void> {
  const temporary = await createTemporary(path, old)
  try {
    const file = createWriteStream('', { fd: temporary.descriptor, flush: true })
    await pipeline(pieces, file)
    await giveName(temporary.path, path)
  } catch (error) {
    await discard(temporary.path)
    throw error
  }
}

async function writeThrough(target: Exclude<Target, { kind: 'file' }>, pieces: Pieces): Promise<void> {
  const stream = await openThrough(target)
  const isLent = stream === process.stdout || stream === process.stderr
  await pipeline(pieces, stream, { end: !isLent })
}
