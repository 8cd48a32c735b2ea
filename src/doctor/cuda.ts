// The CUDA libraries: which ones the provider of onnxruntime-node needs, by `ldd`, which of them the dynamic linker
// finds, in which version, and where others lie that it does not look for. The version of CUDA that the provider is
// built with is read from it, not assumed.

import { basename, join } from 'node:path'
import { type Linked, linkedLibraries, providerLibrary } from '../../runtimes/node/libraries.ts'
import type { System } from './system.ts'

export interface CudaLibrary {
  readonly name: string
  /** null where the dynamic linker finds none */
  readonly path: string | null
  /** as the file's name has it; null where it has none, as in Python packages */
  readonly version: string | null
}

export interface CudaFacts {
  /** Major version of CUDA that the provider is built with; null where it is not installed or has no `ldd`. */
  readonly built_with: number | null
  /** What the provider is linked with of NVIDIA's; where it is not installed, what there is. */
  readonly libraries: readonly CudaLibrary[]
  readonly missing: readonly string[]
  /** cuDNN, which is loaded when an operator asks for it and may not show in `ldd`. */
  readonly cudnn: CudaLibrary
  /** Folders outside the linker's path that hold some of the missing libraries. */
  readonly elsewhere: readonly string[]
}

const NVIDIA = /^lib(cuda|cudart|cublas|cublasLt|cudnn|cufft|curand|nvrtc|nvJitLink)\.so/
/** The driver's own library: it comes with the driver, not with CUDA. */
export const DRIVER_LIBRARY = 'libcuda.so.1'
const CUDNN = 'libcudnn.so.9'
/** What shows that a CUDA is here when there is no provider to ask. */
const SIGNS = ['libcudart.so.12', 'libcublasLt.so.12', 'libcudart.so.13', 'libcublasLt.so.13', DRIVER_LIBRARY]

export async function cudaFacts(system: System): Promise<CudaFacts> {
  const file = providerLibrary('cuda')
  const ldd = system.exists(file) ? await system.run('ldd', [file]) : undefined
  const linked = linkedLibraries(ldd ?? '').filter(({ name }) => NVIDIA.test(name))
  const missing = linked.filter(({ path }) => path === undefined).map(({ name }) => name)
  const find = (name: string): Linked => ({ name, path: system.findLibrary(name) })
  const shown = ldd === undefined ? SIGNS.map(find).filter(({ path }) => path !== undefined) : linked
  return {
    built_with: cudaMajor(linked),
    libraries: shown.map((library) => describe(system, library)),
    missing,
    cudnn: describe(system, linked.find(({ name }) => name === CUDNN) ?? find(CUDNN)),
    elsewhere: missing.length === 0 ? [] : foldersWith(system, missing),
  }
}

/** The runtime library of CUDA carries its major version: `libcudart.so.12`. */
export function cudaMajor(linked: readonly Linked[]): number | null {
  const major = linked.map(({ name }) => /^libcudart\.so\.(\d+)/.exec(name)?.[1]).find((m) => m !== undefined)
  return major === undefined ? null : Number(major)
}

function describe(system: System, { name, path }: Linked): CudaLibrary {
  if (path === undefined) return { name, path: null, version: null }
  const version = /\.so\.(\d+\.[\d.]+)$/.exec(basename(system.resolve(path)))?.[1] ?? null
  return { name, path, version }
}

/** NVIDIA's installer, and its Python packages in the environment that is active. */
function foldersWith(system: System, missing: readonly string[]): string[] {
  const toolkits = system
    .list('/usr/local')
    .filter((name) => /^cuda(-|$)/.test(name))
    .map((name) => `/usr/local/${name}/lib64`)
  const python = [system.env.VIRTUAL_ENV, system.env.CONDA_PREFIX].flatMap((root) => {
    if (root === undefined) return []
    const versions = system.list(join(root, 'lib')).filter((name) => name.startsWith('python3'))
    return versions.flatMap((version) => {
      const packages = join(root, 'lib', version, 'site-packages/nvidia')
      return system.list(packages).map((name) => join(packages, name, 'lib'))
    })
  })
  const folders = [...toolkits, ...python].filter((folder) =>
    missing.some((name) => system.exists(join(folder, name))),
  )
  return [...new Set(folders.map(system.resolve))]
}
