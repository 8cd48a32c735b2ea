// Compiles source/ for every row of targets.ts and writes generated/: `npm run kernels`. The same bytes on every machine,
// which a test holds by compiling again. Not part of the published package.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { base64Module } from '../../src/base64-module.ts'
import {
  ADDON_FLAGS,
  ADDONS,
  type AddonTarget,
  COMMON,
  MODULE_FLAGS,
  MODULES,
  type ModuleTarget,
} from './targets.ts'

/** Another one would write other bytes. */
const VERSION = '0.17.1'
const INSTALL = `pip install ziglang==${VERSION}, or set ZIG to the program of another installation`

const SOURCE = fileURLToPath(new URL('source/', import.meta.url))
export const GENERATED = fileURLToPath(new URL('generated/', import.meta.url))
const run = promisify(execFile)

/** Runs the compiler in a folder. Rejects with its own messages. */
export type Compiler = (args: readonly string[], folder: string) => Promise<string>

/** The compiler of this machine. Rejects where there is none, or another version. */
export async function findCompiler(): Promise<Compiler> {
  const { ZIG } = process.env
  const [program, ...before] = ZIG ? [ZIG] : ['python3', '-m', 'ziglang']
  const zig: Compiler = async (args, folder) => {
    // Nothing that was compiled before is taken.
    const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: folder, ZIG_LOCAL_CACHE_DIR: folder }
    return (await run(program, [...before, ...args], { cwd: folder, env })).stdout
  }
  const found = await zig(['version'], tmpdir()).catch((cause) => {
    throw new Error(`no compiler: ${ZIG ?? 'python3 -m ziglang'} does not run; ${INSTALL}`, { cause })
  })
  if (found.trim() !== VERSION) throw new Error(`zig ${found.trim()} where ${VERSION} is needed; ${INSTALL}`)
  return zig
}

/** The files of generated/ by their names. */
export async function compileFused(zig: Compiler): Promise<Map<string, Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'fused-'))
  try {
    const files = new Map<string, Uint8Array>()
    for (const target of MODULES) {
      const text = base64Module(await compileModule(zig, folder, target), 'MODULE', '../source')
      files.set(`${target.name}.ts`, new TextEncoder().encode(text))
    }
    for (const target of ADDONS) files.set(`${target.name}.node`, await compileAddon(zig, folder, target))
    return files
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function compileModule(zig: Compiler, folder: string, { name, flags }: ModuleTarget) {
  const file = `${name}.wasm`
  await zig(['cc', ...COMMON, ...MODULE_FLAGS, ...flags, join(SOURCE, 'wasm.c'), '-o', file], folder)
  return readFile(join(folder, file))
}

async function compileAddon(zig: Compiler, folder: string, { name, triple, variants, link }: AddonTarget) {
  const headers = join(dirname(createRequire(import.meta.url).resolve('node-api-headers')), 'include')
  const flags = ['cc', '-target', triple, ...COMMON, ...ADDON_FLAGS]
  const objects: string[] = []
  for (const [variant, processor] of Object.entries(variants)) {
    const object = `${name}-${variant}.o`
    const own = [`-mcpu=${processor}`, `-DVARIANT=${variant}`]
    await zig([...flags, ...own, '-c', join(SOURCE, 'forward.c'), '-o', object], folder)
    objects.push(object)
  }
  const tables = `${name}-tables.o`
  const oldest = `-mcpu=${Object.values(variants).at(-1)}`
  await zig([...flags, oldest, '-c', join(SOURCE, 'tables.c'), '-o', tables], folder)
  const file = `${name}.node`
  const own = [oldest, `-I${headers}`, '-shared', '-Wl,-s', ...link]
  await zig([...flags, ...own, join(SOURCE, 'addon.c'), ...objects, tables, '-o', file], folder)
  return readFile(join(folder, file))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, bytes] of await compileFused(await findCompiler())) {
    await writeFile(join(GENERATED, name), bytes)
    console.log(`generated/${name}: ${bytes.length} bytes`)
  }
}
