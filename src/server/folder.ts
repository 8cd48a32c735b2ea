// A folder of models: NAME.onnx, or NAME/VERSION/model.onnx as Triton has them, of which the highest number counts.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MODEL_NAME } from './names.ts'

/** A model file that lies there. */
export interface Found {
  readonly name: string
  readonly path: string
  /** The number of its folder, where it has one. */
  readonly version?: string
  /** Another one when the file is another one. */
  readonly mark: string
}

/** The models of a folder, by name. @throws what the system says when the folder cannot be read */
export async function modelsIn(folder: string): Promise<Found[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found: Found[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    const name = entry.name.replace(/\.onnx$/, '')
    if (!MODEL_NAME.test(name)) continue
    const [file, version] = name === entry.name ? await highestVersion(path) : [path]
    const mark = file && (await markOf(file))
    if (mark) found.push({ name, path: file, version, mark })
  }
  return found
}

async function highestVersion(folder: string): Promise<[file?: string, version?: string]> {
  // A file that is no model, or a folder that went meanwhile.
  const inside = await readdir(folder).catch(() => [])
  const versions = inside.filter((name) => /^[1-9]\d{0,8}$/.test(name)).map(Number)
  if (versions.length === 0) return []
  const version = String(Math.max(...versions))
  return [join(folder, version, 'model.onnx'), version]
}

/** What changes when somebody writes the file; undefined where there is none. */
async function markOf(file: string): Promise<string | undefined> {
  const info = await stat(file).catch(() => undefined)
  return info?.isFile() ? `${file} ${info.ino} ${info.size} ${info.mtimeMs}` : undefined
}
