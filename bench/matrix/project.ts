// Fresh projects outside of this tree with the packed package, as users have them.

import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** Where `.ci/run` installs other programs that run JavaScript, and what drives Firefox. */
export const HOSTS = join(ROOT, 'node_modules/.cache/crystal-onnx/hosts')

/** Builds the package and packs it. @returns the tarball */
export async function pack(folder: string): Promise<string> {
  await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT })
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!)
}

/** Whether the npm registry is reached. */
export async function isReached(): Promise<boolean> {
  return run('npm', ['ping'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  )
}

export interface Project {
  readonly folder: string
  write(name: string, text: string): void
  /** Runs a program there. @throws with what it printed when it fails */
  run(program: string, args: readonly string[], env?: Record<string, string>): Promise<string>
  /** The version of a package that is installed. */
  version(name: string): string
}

/** An empty project with a structure file. */
export function emptyProject(folder: string): Project {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "name": "app", "type": "module" }')
  copyFileSync(join(ROOT, 'examples/structures/NaCl.cif'), join(folder, 'NaCl.cif'))
  return {
    folder,
    write(name, text) {
      mkdirSync(join(folder, name, '..'), { recursive: true })
      writeFileSync(join(folder, name), text)
    },
    async run(program, args, env = {}) {
      const all = { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', ...env }
      try {
        return (await run(program, args, { cwd: folder, env: all, timeout: 400_000, maxBuffer: 2 ** 26 }))
          .stdout
      } catch (error) {
        const { stdout, stderr, message } = error as Error & { stdout?: string; stderr?: string }
        throw new Error([message, stdout, stderr].filter(Boolean).join('\n'), { cause: error })
      }
    },
    version: (name) =>
      JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version,
  }
}

/** A project in which npm has installed the package and others. */
export async function npmProject(folder: string, tarball: string, packages: readonly string[]) {
  const project = emptyProject(folder)
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts']
  await project.run('npm', ['install', ...flags, tarball, ...packages])
  return project
}

/** A program from a package for this machine, such as `@oven/bun-linux-x64`; undefined where it is not installed. */
export function installedProgram(scope: string, path: string): string | undefined {
  const folder = join(HOSTS, 'node_modules', scope)
  const all = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, path)) : []
  return all.find((file) => existsSync(file))
}

/** The same. @throws where it is not installed */
export function hostProgram(scope: string, path: string): string {
  const found = installedProgram(scope, path)
  if (found === undefined) throw new Error(`not installed here: ${scope} (.ci/run installs it)`)
  return found
}
