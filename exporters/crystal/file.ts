// Writes a finished file: to a temporary name beside it, then renamed, so that nobody ever sees half a model.

import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { ExportError } from '../../src/errors.ts'

/** @throws ExportError when the folder does not exist or may not be written. */
export async function writeModel(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(temporary, bytes)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'the folder does not exist' : message
    throw new ExportError(`${path}: cannot be written: ${why}`, { cause })
  }
}
