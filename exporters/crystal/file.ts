// Writes a finished model file, whole or not at all.

import { writeWhole } from '../../src/files.ts'

/** @throws OutputError when it cannot be written, such as when its folder does not exist. */
export async function writeModel(path: string, bytes: Uint8Array): Promise<void> {
  await writeWhole(path, bytes)
}
