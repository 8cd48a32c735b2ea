// A model in a repository of Triton Inference Server: REPOSITORY/NAME/config.pbtxt and REPOSITORY/NAME/VERSION/model.onnx.
// A new version appears whole, beside the old ones; a configuration that is there stays, whatever was changed in it.

import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../src/errors.ts'
import { makeFolder, textIfThere, writeWhole } from '../../src/files.ts'
import { layoutLine } from './config.ts'
import type { TritonModel } from './model.ts'
import { checkModelName, type Layout } from './names.ts'

/** Where a model was put. */
export interface Placed {
  /** path of model.onnx */
  readonly file: string
  /** from 1 */
  readonly version: number
  /** whether config.pbtxt was there */
  readonly configured: boolean
}

/** Before the number of a version that is still written: Triton passes over what is no number. */
const UNFINISHED = '.crystal-onnx-'

/** @throws ConfigError for a name that Triton does not take, or a model of another layout; OutputError */
export async function placeInRepository(
  repository: string,
  name: string,
  layout: Layout,
  model: TritonModel,
): Promise<Placed> {
  checkModelName(name)
  const folder = join(repository, name)
  const configFile = join(folder, 'config.pbtxt')
  await makeFolder(folder)
  const there = await textIfThere(configFile)
  if (there !== undefined && !there.startsWith(`${layoutLine(layout)}\n`)) {
    throw new ConfigError(
      `${configFile}: is of a model that takes other inputs than the layout ${layout}; choose another --name, or remove it`,
    )
  }
  const version = 1 + Math.max(0, ...(await versionsIn(folder)))
  const unfinished = join(folder, `${UNFINISHED}${version}-${process.pid}`)
  try {
    await makeFolder(unfinished)
    await writeWhole(join(unfinished, 'model.onnx'), model.bytes)
    if (there === undefined) await writeWhole(configFile, model.config(name))
    await rename(unfinished, join(folder, String(version)))
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
  return { file: join(folder, String(version), 'model.onnx'), version, configured: there !== undefined }
}

async function versionsIn(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number)
}
