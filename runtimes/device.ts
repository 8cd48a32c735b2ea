// Which device runs a model. onnxruntime never falls back by itself (asking for ['cuda', 'cpu'] throws where CUDA is
// missing), so the order, the reasons and the report are here.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DeviceError } from '../src/errors.ts'
import { DEVICES, type Device, type Runtime } from './runtime.ts'

export type DeviceChoice = Device | 'auto'

/**
 * What `auto` tries, in order. WebGPU is left out: where there is no GPU it runs on a software adapter, which is slower
 * than the CPU provider and looks the same from here. It runs when it is named.
 */
const AUTO_ORDER: readonly Device[] = ['cuda', 'cpu']

const NEXT_STEP: Record<Device, string> = {
  cpu: 'check that onnxruntime-node is installed for this platform (npm rebuild onnxruntime-node)',
  cuda:
    "install onnxruntime-node's CUDA provider (node node_modules/onnxruntime-node/script/install) with CUDA 12 and " +
    'cuDNN 9, or use device "cpu"',
  webgpu: 'install a Vulkan, Metal or Direct3D 12 driver, or use device "cpu"',
}

export interface ChosenDevice {
  readonly runtime: Runtime
  /** One line: the device that runs, and why others were passed over. */
  readonly report: string
}

/**
 * Opens the first device that works. `open` must throw for a device that is missing or that fails its self-check.
 * @throws DeviceError with the next step when the named device, or every device, fails.
 */
export async function chooseDevice(
  choice: DeviceChoice,
  open: (device: Device) => Promise<Runtime>,
): Promise<ChosenDevice> {
  if (choice !== 'auto') {
    if (!DEVICES.includes(choice)) {
      throw new DeviceError(`device "${choice}" is not one of ${DEVICES.join(', ')}, auto`)
    }
    return { runtime: await openNamed(choice, open), report: choice }
  }
  const passed: string[] = []
  for (const device of AUTO_ORDER) {
    const reason = absent(device)
    if (reason !== undefined) {
      passed.push(`${device}: ${reason}`)
      continue
    }
    try {
      const runtime = await open(device)
      return { runtime, report: [device, ...passed.map((why) => `passed over ${why}`)].join('; ') }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      passed.push(`${device}: ${error.message}`)
    }
  }
  throw new DeviceError(`no device runs this model. ${passed.join('; ')}`)
}

async function openNamed(device: Device, open: (device: Device) => Promise<Runtime>): Promise<Runtime> {
  try {
    return await open(device)
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    throw new DeviceError(`${error.message}; ${NEXT_STEP[device]}`, { cause: error })
  }
}

/** Why a device cannot be here, as far as that shows without trying it; undefined when it is worth a try. */
export function absent(device: Device): string | undefined {
  switch (device) {
    case 'cuda':
      return existsSync(cudaProvider()) ? undefined : 'its provider library is not installed'
    case 'webgpu':
      // Asked for without a loader, Dawn writes a warning of its own to the console.
      return process.platform === 'linux' && !hasVulkan()
        ? 'there is no Vulkan loader (libvulkan.so.1)'
        : undefined
    case 'cpu':
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
