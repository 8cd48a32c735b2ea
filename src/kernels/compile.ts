// Compiles the programs of targets.ts and writes their generated/: `npm run kernels`. The same bytes on every machine, which
// a test holds by compiling again. Not part of the published package.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { hexModule } from '../hex-module.ts'
import {
  ADDON_FLAGS,
  ADDONS,
  type AddonRow,
  type AddonTarget,
  COMMON,
  MODULE_FLAGS,
  type ModuleTarget,
  PROGRAMS,
  type Program,
} from './targets.ts'

/** Another one would write other bytes. */
const VERSION = '0.17.1'
const INSTALL = `pip install ziglang==${VERSION}, or set ZIG to the program of another installation`

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What all programs include. */
const SHARED = fileURLToPath(new URL('source/', import.meta.url))
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

/** Where the compiled files of a program lie. */
export function generatedOf({ folder }: Program): string {
  return join(ROOT, folder, 'generated')
}

/** The files of a program's generated/ by their names. */
export async function compileProgram(zig: Compiler, program: Program): Promise<Map<string, Uint8Array>> {
  const folder = await mkdtemp(join(tmpdir(), 'kernels-'))
  const build: Build = { zig, folder, program }
  try {
    const files = new Map<string, Uint8Array>()
    for (const target of program.modules) {
      const text = hexModule(await compileModule(build, target), 'MODULE', '../source')
      files.set(`${target.name}.ts`, new TextEncoder().encode(text))
    }
    for (const row of program.addons) {
      for (const target of ADDONS) {
        files.set(`${row.prefix}${target.name}.node`, await compileAddon(build, row, target))
      }
    }
    return files
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Build {
  readonly zig: Compiler
  readonly folder: string
  readonly program: Program
}

function sourceOf({ program }: Build, file: string): string {
  return join(ROOT, program.folder, 'source', file)
}

async function compileModule(build: Build, { name, flags }: ModuleTarget) {
  const file = `${name}.wasm`
  const all = [...COMMON, `-I${SHARED}`, ...MODULE_FLAGS, ...build.program.moduleFlags, ...flags]
  await build.zig(['cc', ...all, sourceOf(build, 'wasm.c'), '-o', file], build.folder)
  return readFile(join(build.folder, file))
}

async function compileAddon(build: Build, row: AddonRow, { name, triple, kinds, link }: AddonTarget) {
  const { zig, folder } = build
  const headers = join(dirname(createRequire(import.meta.url).resolve('node-api-headers')), 'include')
  const flags = ['cc', '-target', triple, ...COMMON, `-I${SHARED}`, ...ADDON_FLAGS, ...row.flags]
  const objects: string[] = []
  const compile = async (object: string, source: string, own: readonly string[]) => {
    await zig([...flags, ...own, '-c', sourceOf(build, source), '-o', object], folder)
    objects.push(object)
  }
  for (const [kind, processor] of Object.entries(kinds)) {
    await compile(`${kind}.o`, row.perKind, [`-mcpu=${processor}`, `-DVARIANT=${kind}`])
  }
  const oldest = `-mcpu=${Object.values(kinds).at(-1)}`
  for (const source of row.once) await compile(`${source}.o`, source, [oldest])
  // macOS keeps the name of the file.
  const file = `${row.prefix}${name}.node`
  const own = [oldest, `-I${headers}`, '-shared', '-Wl,-s', ...link]
  await zig([...flags, ...own, sourceOf(build, 'addon.c'), ...objects, '-o', file], folder)
  return readFile(join(folder, file))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const zig = await findCompiler()
  for (const program of PROGRAMS) {
    for (const [name, bytes] of await compileProgram(zig, program)) {
      await writeFile(join(generatedOf(program), name), bytes)
      console.log(`${program.folder}/generated/${name}: ${bytes.length} bytes`)
    }
  }
}
