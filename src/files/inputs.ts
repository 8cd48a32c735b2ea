// Whether an output would overwrite what it is made from. Links and hard links are the same file.

import { fstatSync, type Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { OutputError } from '../errors.ts'
import { outputError } from './reasons.ts'
import { outputTarget, type Target } from './target.ts'

/**
 * To be called before the work begins: says now what would go wrong at its end.
 * @param inputs files, and folders with all files in them; one that is not there is no input
 * @throws OutputError when `path` is one of them, or cannot be an output
 */
export async function checkOutput(path: string, inputs: readonly string[] = []): Promise<Target> {
  const target = await outputTarget(path)
  const there = fileOf(target, path)
  for (const input of there ? inputs : []) {
    const same = await findSame(input, there!)
    if (same === undefined) continue
    throw new OutputError(`${path}: is ${same}, an input of this command; choose another name for the output`)
  }
  return target
}

/** The regular file behind it, where there is one. */
function fileOf(target: Target, path: string): Stats | undefined {
  if (target.kind === 'file') return target.old
  if (target.kind === 'stream') return undefined
  try {
    const found = fstatSync(target.descriptor)
    return found.isFile() ? found : undefined
  } catch (error) {
    throw outputError(path, error)
  }
}

/** The path of `file` as an input, or in a folder that is one. */
async function findSame(input: string, file: Stats): Promise<string | undefined> {
  const found = await stat(input).catch(() => undefined)
  const paths = found?.isDirectory() ? await filesIn(input) : [input]
  for (const path of paths) {
    const { dev, ino } = (await stat(path).catch(() => undefined)) ?? {}
    if (dev === file.dev && ino === file.ino) return path
  }
  return undefined
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}
