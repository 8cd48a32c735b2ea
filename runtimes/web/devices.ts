// The devices of a browser: what onnxruntime-web can run on, and why one of them cannot be here.

import type { Platform } from '../choose-device.ts'
import type { Device } from '../runtime.ts'

/** What can be asked for in a browser: the execution providers of onnxruntime-web. */
export const WEB_DEVICES = ['webgpu', 'wasm'] as const
/** One of them. */
export type WebDevice = (typeof WEB_DEVICES)[number]

const NEXT_STEP: Record<WebDevice, string> = {
  webgpu: 'use a browser with WebGPU on a machine with a GPU, or device "wasm"',
  wasm: 'check that the .wasm file of onnxruntime-web is served (option wasmPaths), in a browser with WebAssembly SIMD',
}

export const WEB: Platform = {
  devices: WEB_DEVICES,
  auto: ['webgpu', 'wasm'],
  absent: absentInBrowser,
  nextStep: (device) => NEXT_STEP[device as WebDevice],
  warn: (message) => console.warn(`crystal-onnx: ${message}`),
}

/** The little of WebGPU that is asked here; not every browser has it, nor does TypeScript's DOM library. */
interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<{
    readonly info?: {
      readonly isFallbackAdapter?: boolean
      readonly vendor?: string
      readonly architecture?: string
    }
  } | null>
}

/** Why a device cannot be here, or is not worth a try unless it is named. */
async function absentInBrowser(device: Device): Promise<string | undefined> {
  if (device !== 'webgpu') return undefined
  const gpu = (navigator as unknown as { readonly gpu?: Gpu }).gpu
  if (gpu === undefined) {
    return isSecureContext
      ? 'this browser has no WebGPU'
      : 'WebGPU needs a page served by https or from localhost'
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  if (adapter === null) return 'there is no GPU that this browser may use'
  const { isFallbackAdapter, vendor, architecture } = adapter.info ?? {}
  // Browsers that predate isFallbackAdapter give the name of the software instead.
  if (
    isFallbackAdapter ||
    [vendor, architecture].some((name) => /swiftshader|llvmpipe|lavapipe/i.test(name ?? ''))
  ) {
    return 'its adapter is software, which is slower than wasm'
  }
  return undefined
}
