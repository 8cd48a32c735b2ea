// Machines that are not here: a System with the files, programs and devices that a test gives it.

import { join } from 'node:path'
import { bindingFolder } from '../../runtimes/node/libraries.ts'
import type { Probed } from '../../src/doctor/probe.ts'
import type { System } from '../../src/doctor/system.ts'

interface Machine {
  readonly system?: Partial<Pick<System, 'platform' | 'arch' | 'node' | 'glibc' | 'env'>>
  /** text by path */
  readonly files?: Record<string, string>
  /** symbolic links */
  readonly links?: Record<string, string>
  /** output by program */
  readonly programs?: Record<string, (args: readonly string[]) => string | undefined>
  /** paths by name, of what the dynamic linker finds */
  readonly libraries?: Record<string, string>
  /** devices that run, and why others do not */
  readonly devices?: Record<string, true | string>
}

/** A Linux server on which the CPU runs and nothing else is there, except what is given. */
export function machine(given: Machine = {}): System {
  const { system, links = {}, programs = {}, libraries = {}, devices = {} } = given
  const files: Record<string, string> = {
    [join(bindingFolder(), 'onnxruntime_binding.node')]: '',
    ...given.files,
  }
  return {
    platform: 'linux',
    arch: 'x64',
    node: '22.12.0',
    glibc: '2.36',
    env: {},
    run: async (program, args) => programs[program]?.(args),
    read: (path) => files[path],
    exists: (path) => path in files || path in links,
    list: (folder) => [
      ...new Set(
        [...Object.keys(files), ...Object.keys(links)]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1).split('/')[0]),
      ),
    ],
    resolve: (path) => links[path] ?? path,
    findLibrary: (name) => libraries[name],
    probe: async (device): Promise<Probed> => {
      const answer = devices[device] ?? (device === 'cpu' || 'its provider library is not installed')
      return answer === true
        ? { device, runs: true, ms: 20, max_error: 1e-7 }
        : { device, runs: false, reason: answer }
    },
    ...system,
  }
}
