// From facts to what to do next: one rule a problem, in the order in which they stand in the way of each other. A rule
// says what is wrong and the command that helps, or nothing.

import { type CudaFacts, DRIVER_LIBRARY } from './cuda.ts'
import type { Facts } from './facts.ts'
import { atLeast } from './platform.ts'

export function advice(facts: Facts): string[] {
  return RULES.flatMap((rule) => rule(facts) ?? [])
}

type Rule = (facts: Facts) => string | undefined

const RULES: readonly Rule[] = [
  oldNode,
  otherCLibrary,
  noCpu,
  noDriver,
  noProvider,
  missingLibraries,
  oldDriver,
  noCuDnn,
  otherCudaFailure,
  noVulkan,
  softwareWebgpu,
]

function oldNode({ node }: Facts): string | undefined {
  return node.ok ? undefined : `Node ${node.version} is too old: install Node ${node.required} or later`
}

function otherCLibrary({ glibc }: Facts): string | undefined {
  if (glibc === undefined || glibc.ok) return undefined
  return glibc.version === null
    ? 'onnxruntime-node needs the GNU C library, which Alpine has not: use an image such as node:22-bookworm-slim'
    : `glibc ${glibc.version} is too old, ${glibc.required} is needed: use Debian 10, Ubuntu 20.04, RHEL 8 or later`
}

function noCpu({ binding, system, devices }: Facts): string | undefined {
  if (!binding) {
    return `onnxruntime-node holds nothing for ${system}: install it on this machine (npm ci), not copied from another`
  }
  const cpu = devices.find(({ device }) => device === 'cpu')
  return cpu && !cpu.runs
    ? `the CPU does not run a model (${cpu.reason}): npm rebuild onnxruntime-node`
    : undefined
}

/** Whether somebody means to use CUDA here: there is a GPU, or the provider was installed. */
function meansCuda({ nvidia, install, devices }: Facts): boolean {
  const runs = devices.some(({ device, runs }) => device === 'cuda' && runs)
  return !runs && (nvidia.gpus.length > 0 || nvidia.device_files || install.cuda)
}

function noDriver(facts: Facts): string | undefined {
  const { nvidia, cuda } = facts
  const here = cuda?.libraries.some(({ name, path }) => name === DRIVER_LIBRARY && path !== null)
  if (!meansCuda(facts) || !cuda || here || nvidia.gpus.length > 0) return undefined
  return nvidia.container
    ? 'this container was not given a GPU: start it with "docker run --gpus all", with the NVIDIA Container Toolkit on the host'
    : `there is no NVIDIA driver (${DRIVER_LIBRARY}): install it, then "nvidia-smi" must list the GPU`
}

function noProvider(facts: Facts): string | undefined {
  const { install, cuda } = facts
  if (!meansCuda(facts) || install.cuda || !cuda) return undefined
  const why = install.skipped_by.length > 0 ? `, because of ${install.skipped_by.join(', ')}` : ''
  return `the CUDA provider of onnxruntime-node was not downloaded${why}: ${install.command}`
}

function missingToolkit({ missing }: CudaFacts): string[] {
  return missing.filter((name) => name !== DRIVER_LIBRARY)
}

function missingLibraries({ cuda }: Facts): string | undefined {
  const missing = cuda ? missingToolkit(cuda) : []
  if (!cuda || missing.length === 0) return undefined
  const what = `the CUDA provider needs ${missing.join(', ')}`
  return cuda.elsewhere.length > 0
    ? `${what}, which the dynamic linker is not told of: export LD_LIBRARY_PATH=${cuda.elsewhere.join(':')}`
    : `${what}: install CUDA ${cuda.built_with ?? ''}, or in a Python environment "${pythonPackages(cuda)}", then run doctor in it`
}

/** NVIDIA's Python packages hold the libraries alone; from CUDA 13 on most have no version in the name. */
function pythonPackages({ built_with }: CudaFacts): string {
  const major = built_with ?? 12
  const names = ['cublas', 'cuda-runtime', 'curand', 'cufft'].map((name) =>
    major >= 13 ? `nvidia-${name}` : `nvidia-${name}-cu${major}`,
  )
  return `pip install ${names.join(' ')} nvidia-cudnn-cu${major}`
}

/** Drivers from which on a major version of CUDA runs, by NVIDIA's release notes. */
const FIRST_DRIVER = new Map([
  [12, '525.60.13'],
  [13, '580.65.06'],
])

function oldDriver({ nvidia, cuda }: Facts): string | undefined {
  const { driver, driver_cuda } = nvidia
  const needed = cuda?.built_with
  if (!needed || driver_cuda === null || atLeast(driver_cuda, String(needed))) return undefined
  return `driver ${driver} runs CUDA up to ${driver_cuda}, the provider is built with CUDA ${needed}: update the driver to ${FIRST_DRIVER.get(needed) ?? 'a newer one'} or later`
}

function noCuDnn(facts: Facts): string | undefined {
  const { cuda, install } = facts
  if (!cuda || !install.cuda || !meansCuda(facts)) return undefined
  const asked = missingToolkit(cuda).length > 0 && cuda.elsewhere.length === 0
  if (cuda.cudnn.path !== null || asked || cuda.missing.includes(cuda.cudnn.name)) return undefined
  return `there is no cuDNN (${cuda.cudnn.name}), which some operators of CUDA need: pip install nvidia-cudnn-cu${cuda.built_with ?? 12}`
}

/** Everything seems to be there and yet it does not run: onnxruntime's own word. */
function otherCudaFailure(facts: Facts): string | undefined {
  const { cuda, devices, install } = facts
  const failed = devices.find(({ device, runs }) => device === 'cuda' && !runs)
  if (!failed || !install.cuda || (cuda?.missing.length ?? 0) > 0 || oldDriver(facts)) return undefined
  return `cuda does not run: ${failed.reason}`
}

/** For GPUs of other makers: on one of NVIDIA's, CUDA is the way. */
function noVulkan({ vulkan, nvidia, devices }: Facts): string | undefined {
  const webgpu = devices.find(({ device }) => device === 'webgpu')
  if (!vulkan || !webgpu || webgpu.runs || !vulkan.render_node || nvidia.gpus.length > 0) return undefined
  return vulkan.loader === null
    ? 'for --device webgpu: install the Vulkan loader (apt install libvulkan1) and the driver of the GPU (mesa-vulkan-drivers for AMD and Intel)'
    : `for --device webgpu: ${webgpu.reason}; install the Vulkan driver of the GPU (mesa-vulkan-drivers for AMD and Intel)`
}

function softwareWebgpu({ vulkan, devices }: Facts): string | undefined {
  const runs = devices.some((probed) => probed.device === 'webgpu' && probed.runs)
  const known = vulkan?.adapters ?? vulkan?.drivers ?? []
  if (!runs || known.length === 0 || !known.every(({ software }) => software)) return undefined
  return 'webgpu runs in software here, slower than the CPU: name it for tests only'
}
