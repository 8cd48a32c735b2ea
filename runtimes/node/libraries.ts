// Shared libraries: where those of onnxruntime-node lie, what they need and whether the system has it, and the loader
// of Vulkan. Reads files and asks `ldd`; loads nothing.

import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

const LDD_TIMEOUT_MS = 10_000

/** A library that another one needs, and the file that the dynamic linker takes; undefined when it finds none. */
export interface Linked {
  readonly name: string
  readonly path: string | undefined
}

/** Folder of onnxruntime-node; where it is not installed, the one that it would be in. */
export function packageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  } catch {
    return join(process.cwd(), 'node_modules/onnxruntime-node')
  }
}

/** Folder of its native binding, where its provider libraries belong. */
export function bindingFolder(): string {
  return join(packageFolder(), 'bin/napi-v6', process.platform, process.arch)
}

/** The file of a provider that is not part of the npm package. */
export function providerLibrary(provider: 'cuda' | 'tensorrt'): string {
  return join(bindingFolder(), `libonnxruntime_providers_${provider}.so`)
}

/** The command that downloads these providers, as it is run in the current folder. */
export function installCommand(): string {
  return `node ${relative(process.cwd(), join(packageFolder(), 'script/install.js'))} --onnxruntime-node-install=cuda12`
}

/** What the output of `ldd FILE` says, without the libraries of the system itself that have no path there. */
export function linkedLibraries(ldd: string): Linked[] {
  return [...ldd.matchAll(/^\s*(\S+) => (not found|\S+)/gm)].map(([, name, path]) => ({
    name,
    path: path === 'not found' ? undefined : path,
  }))
}

/** What a library needs; undefined where there is no `ldd`. */
export async function librariesOf(file: string): Promise<Linked[] | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ldd', [file], { timeout: LDD_TIMEOUT_MS })
    return linkedLibraries(stdout)
  } catch {
    return undefined
  }
}

/** Path of a library as `dlopen` would find it on Linux: LD_LIBRARY_PATH, the linker's cache, the usual folders. */
export function findLibrary(name: string): string | undefined {
  const added = (process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== '')
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const usual = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', `/usr/lib/${machine}-linux-gnu`]
  const candidates = [
    ...added.map((folder) => join(folder, name)),
    ...cachedPaths(name),
    ...usual.map((folder) => join(folder, name)),
  ]
  return candidates.find((path) => existsSync(path))
}

/** The cache holds paths as strings that end with a zero byte; which of them is meant for which machine is not read. */
function cachedPaths(name: string): string[] {
  try {
    const cache = readFileSync('/etc/ld.so.cache', 'latin1')
    return cache.split('\0').filter((text) => text.startsWith('/') && text.endsWith(`/${name}`))
  } catch {
    return []
  }
}
