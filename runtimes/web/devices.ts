// The devices of a browser, a row each: what onnxruntime-web can run on, and why one of them cannot be here.

import type { Platform } from '../choose-device.ts'
import type { Device } from '../runtime.ts'

/** Why a device is not taken. */
export interface Lack {
  readonly reason: string
  /** It cannot be here; else it is not worth a try unless it is named. */
  readonly missing: boolean
}

interface WebRow {
  readonly lack?: () => Promise<Lack | undefined>
  readonly nextStep: string
}

/** In the order of `auto`. */
const WEB_TABLE = {
  webgpu: {
    lack: lackOfGpu,
    nextStep: 'use a browser with WebGPU on a machine with a GPU, or device "wasm"',
  },
  wasm: {
    nextStep: 'it needs a browser with WebAssembly SIMD',
  },
} as const satisfies Partial<Record<Device, WebRow>>

/** One of WEB_DEVICES. */
export type WebDevice = keyof typeof WEB_TABLE

/** What can be asked for in a browser: the execution providers of onnxruntime-web. */
export const WEB_DEVICES: readonly WebDevice[] = Object.keys(WEB_TABLE) as WebDevice[]

/** Undefined for what is no device of a browser. */
function rowOf(device: Device): WebRow | undefined {
  return WEB_TABLE[device as WebDevice]
}

export const WEB: Platform = {
  devices: WEB_DEVICES,
  fused: 'wasm',
  auto: WEB_DEVICES,
  absent: async (device) => (await lackOf(device))?.reason,
  nextStep: (device) => WEB_TABLE[device as WebDevice].nextStep,
  warn: (message) => console.warn(`crystal-onnx: ${message}`),
  verifies: async (signed) => (await import('./verify-signature.ts')).verifies(signed),
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

/** What is known of a device before anything is downloaded for it. */
export async function lackOf(device: Device): Promise<Lack | undefined> {
  return rowOf(device)?.lack?.()
}

async function lackOfGpu(): Promise<Lack | undefined> {
  const gpu = (globalThis.navigator as unknown as { readonly gpu?: Gpu } | undefined)?.gpu
  if (gpu === undefined) {
    const reason =
      globalThis.isSecureContext !== false
        ? 'this browser has no WebGPU'
        : 'WebGPU needs a page served by https or from localhost'
    return { reason, missing: true }
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)
  if (adapter === null) return { reason: 'there is no GPU that this browser may use', missing: true }
  const { isFallbackAdapter, vendor, architecture } = adapter.info ?? {}
  // Browsers that predate isFallbackAdapter give the name of the software instead.
  const software =
    isFallbackAdapter ||
    [vendor, architecture].some((name) => /swiftshader|llvmpipe|lavapipe/i.test(name ?? ''))
  return software
    ? { reason: 'its adapter is software, which is slower than wasm', missing: false }
    : undefined
}
