// The machine as the doctor sees it. Everything it learns comes through this interface, so that tests can show it other
// machines: a server without driver, a container that was not given the GPU.

import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { promisify } from 'node:util'
import { findLibrary } from '../../runtimes/node/libraries.ts'
import { type Probe, probe } from './probe.ts'

const TIMEOUT_MS = 15_000

export interface System {
  readonly platform: string
  readonly arch: string
  /** Version of Node. */
  readonly node: string
  /** Version of the C library; undefined where it is another than GNU's. */
  readonly glibc: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  /** What a program prints; undefined where it is not there, fails, or takes longer than fifteen seconds. */
  run(program: string, args: readonly string[]): Promise<string | undefined>
  /** Text of a file; undefined where it cannot be read. */
  read(path: string): string | undefined
  exists(path: string): boolean
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): string[]
  /** The file behind symbolic links. */
  resolve(path: string): string
  /** The file that the dynamic linker takes for a library's name. */
  findLibrary(name: string): string | undefined
  /** Opens a small graph on a device and runs it. */
  probe: Probe
}

/** This machine. */
export function thisSystem(): System {
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    glibc: glibcVersion(),
    env: process.env,
    run,
    read: (path) => orUndefined(() => readFileSync(path, 'utf8')),
    exists: existsSync,
    list: (folder) => orUndefined(() => readdirSync(folder)) ?? [],
    resolve: (path) => orUndefined(() => realpathSync(path)) ?? path,
    findLibrary,
    probe,
  }
}

function glibcVersion(): string | undefined {
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime
}

async function run(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)(program, args, { timeout: TIMEOUT_MS })).stdout
  } catch {
    return undefined
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
