// Writes a finished model file, whole or not at all.

import { ExportError } from '../../src/errors.ts'
import { writeWhole } from '../../src/files.ts'

/** @throws ExportError when the folder does not exist or may not be written. */
export async function writeModel(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeWhole(path, bytes)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'the folder does not exist' : message
    throw new ExportError(`${path}: cannot be written: ${why}`, { cause })
  }
}
