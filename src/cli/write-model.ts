// The model file that a command writes: one file, or two with --external-data.

import { basename, dirname, join } from 'node:path'
import type { ModelFileOptions } from './model-file-options.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedModel } from './output-name.ts'

type Written = Pick<ModelFileOptions, 'output' | 'externalData'>

const besideOf = (output: string): string => `${basename(output)}.data`

/** @throws OutputError before the work begins; see checkOutputFile */
export async function checkModelFiles(
  { output, externalData }: Written,
  inputs: readonly (string | undefined)[],
): Promise<void> {
  await checkOutputFile(output, inputs)
  checkNamedModel(output)
  if (externalData) await checkOutputFile(join(dirname(output), besideOf(output)), inputs)
}

/** @returns what reports say of the second file */
export async function writeModelFiles(
  { output, externalData }: Written,
  bytes: Uint8Array,
): Promise<{ readonly external?: { readonly file: string; readonly bytes: number } }> {
  const { writeWhole } = await import('../files.ts')
  if (!externalData) {
    await writeWhole(output, bytes)
    return {}
  }
  const { splitModel } = await import('../../runtimes/apart.ts')
  const file = besideOf(output)
  const { model, data } = splitModel(bytes, file)
  // First: without it the other one is of no use.
  await writeWhole(join(dirname(output), file), data)
  await writeWhole(output, model)
  return { external: { file, bytes: data.length } }
}
