// The devices of Node: what onnxruntime-node can run on, and why one of them cannot be here.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Platform } from '../choose-device.ts'
import type { Device } from '../runtime.ts'

export const NODE_DEVICES = ['cpu', 'cuda', 'webgpu'] as const
export type NodeDevice = (typeof NODE_DEVICES)[number]

const NEXT_STEP: Record<NodeDevice, string> = {
  cpu: 'check that onnxruntime-node is installed for this platform (npm rebuild onnxruntime-node)',
  cuda:
    "install onnxruntime-node's CUDA provider (node node_modules/onnxruntime-node/script/install) with CUDA 12 and " +
    'cuDNN 9, or use device "cpu"',
  webgpu: 'install a Vulkan, Metal or Direct3D 12 driver, or use device "cpu"',
}

export const NODE: Platform = {
  devices: NODE_DEVICES,
  // WebGPU is left out: where there is no GPU it runs on a software adapter, which is slower than the CPU provider and
  // looks the same from here. It runs when it is named.
  auto: ['cuda', 'cpu'],
  absent: absentInNode,
  nextStep: (device) => NEXT_STEP[device as NodeDevice],
}

/** Why a device cannot be here, as far as that shows without trying it; undefined when it is worth a try. */
export function absentInNode(device: Device): string | undefined {
  switch (device) {
    case 'cuda':
      return existsSync(cudaProvider()) ? undefined : 'its provider library is not installed'
    case 'webgpu':
      // Asked for without a loader, Dawn writes a warning of its own to the console.
      return process.platform === 'linux' && !hasVulkan()
        ? 'there is no Vulkan loader (libvulkan.so.1)'
        : undefined
    default:
      return undefined
  }
}

function cudaProvider(): string {
  const require = createRequire(import.meta.url)
  const library =
    process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so'
  return join(
    require.resolve('onnxruntime-node'),
    '../../bin/napi-v6',
    process.platform,
    process.arch,
    library,
  )
}

/** Where the dynamic linker of the usual distributions looks. */
function hasVulkan(): boolean {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib', '/lib', `/usr/lib/${machine}-linux-gnu`]
  const added = process.env.LD_LIBRARY_PATH?.split(':') ?? []
  return [...folders, ...added].some((folder) => existsSync(join(folder, 'libvulkan.so.1')))
}
