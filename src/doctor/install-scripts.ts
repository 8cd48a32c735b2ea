// Whether npm ran the install script of onnxruntime-node, which downloads the CUDA provider, and what keeps it from
// doing so: a setting that somebody made once is the usual reason why CUDA "is not installed".

import { dirname, join } from 'node:path'
import { installCommand, providerLibrary } from '../../runtimes/node/libraries.ts'
import type { System } from './system.ts'

export interface InstallFacts {
  /** Whether the providers lie beside the binding, where only the install script puts them. */
  readonly cuda: boolean
  readonly tensorrt: boolean
  /** Settings that keep the script from running, and where they stand. */
  readonly skipped_by: readonly string[]
  /** What runs the script now. */
  readonly command: string
}

/** @param folder where to look for the settings of a project: this folder and the first above with a package.json */
export function installFacts(system: System, folder: string): InstallFacts {
  return {
    cuda: system.exists(providerLibrary('cuda')),
    tensorrt: system.exists(providerLibrary('tensorrt')),
    skipped_by: skippedBy(system, folder),
    command: installCommand(),
  }
}

const SCRIPT_VARIABLES = [
  ['ONNXRUNTIME_NODE_INSTALL', 'skip'],
  ['ONNXRUNTIME_NODE_INSTALL_CUDA', 'skip'],
  ['npm_config_onnxruntime_node_install', 'skip'],
  ['npm_config_ignore_scripts', 'true'],
] as const
const SCRIPT_SETTING = /^\s*(onnxruntime-node-install(?:-cuda)?\s*=\s*skip|ignore-scripts\s*=\s*true)\s*$/gm

export function skippedBy(system: Pick<System, 'env' | 'read' | 'exists'>, folder: string): string[] {
  const project = projectFolder(system, folder)
  const home = system.env.HOME ?? system.env.USERPROFILE
  const files = [project, home].flatMap((f) => (f === undefined ? [] : [join(f, '.npmrc')]))
  return [
    ...SCRIPT_VARIABLES.filter(([name, value]) => system.env[name] === value).map(
      ([name, value]) => `${name}=${value} in the environment`,
    ),
    ...files.flatMap((file) =>
      [...(system.read(file) ?? '').matchAll(SCRIPT_SETTING)].map(([line]) => `${line.trim()} in ${file}`),
    ),
    ...(project !== undefined && forbids(system.read(join(project, 'package.json')))
      ? [`allowScripts in ${join(project, 'package.json')}`]
      : []),
  ]
}

function projectFolder({ exists }: Pick<System, 'exists'>, folder: string): string | undefined {
  if (exists(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : projectFolder({ exists }, parent)
}

/** Keys of allowScripts are package names, with or without a version. */
function forbids(packageJson: string | undefined): boolean {
  try {
    const { allowScripts = {} } = JSON.parse(packageJson ?? '{}') as {
      allowScripts?: Record<string, unknown>
    }
    return Object.entries(allowScripts).some(
      ([name, allowed]) => /^onnxruntime-node(@|$)/.test(name) && allowed === false,
    )
  } catch {
    return false
  }
}
