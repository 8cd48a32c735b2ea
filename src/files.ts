// Files that are either there whole or not at all.

import { randomUUID } from 'node:crypto'
import { open, rename, rm, writeFile } from 'node:fs/promises'

/**
 * Writes to a temporary name, flushes to the disk, then renames: a reader, or a crash, never sees half a file. When
 * `content` comes in pieces and one of them fails, there is no file.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array | AsyncIterable<string>,
): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      await writeFile(file, content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
