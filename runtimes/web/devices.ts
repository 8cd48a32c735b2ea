// The devices of a browser, a row each: what onnxruntime-web can run on, and why one of them cannot be here.

import type { Platform } from '../choose-device.ts'
import type { Device } from '../runtime.ts'

interface WebRow {
  /** Why it cannot be here. */
  readonly missing?: () => Promise<string | undefined>
  /** Why it is not worth a try unless it is named. */
  readonly unwanted?: () => Promise<string | undefined>
  readonly nextStep: string
}

/** In the order of `auto`. */
const WEB_TABLE = {
  webgpu: {
    missing: whyNoGpu,
    unwanted: whySoftware,
    nextStep: 'use a browser with WebGPU on a machine with a GPU, or device "wasm"',
  },
  wasm: {
    nextStep:
      'check that the .wasm file of onnxruntime-web is served (option wasmPaths), in a browser with WebAssembly SIMD',
  },
} as const satisfies Partial<Record<Device, WebRow>>

/** One of WEB_DEVICES. */
export type WebDevice = keyof typeof WEB_TABLE

/** What can be asked for in a browser: the execution providers of onnxruntime-web. */
export const WEB_DEVICES: readonly WebDevice[] = Object.keys(WEB_TABLE) as WebDevice[]

function rowOf(device: Device): WebRow {
  return WEB_TABLE[device as WebDevice]
}

export const WEB: Platform = {
  devices: WEB_DEVICES,
  fused: 'wasm',
  auto: WEB_DEVICES,
  absent: async (device) => (await missingHere(device)) ?? rowOf(device).unwanted?.(),
  nextStep: (device) => rowOf(device).nextStep,
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

type Adapter = Awaited<ReturnType<Gpu['requestAdapter']>>

function gpu(): Gpu | undefined {
  return (navigator as unknown as { readonly gpu?: Gpu }).gpu
}

async function adapterOf(gpu: Gpu | undefined): Promise<Adapter> {
  return (await gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null)) ?? null
}

/** Why a device cannot be here, which is known before anything is downloaded. */
export async function missingHere(device: Device): Promise<string | undefined> {
  return rowOf(device).missing?.()
}

async function whyNoGpu(): Promise<string | undefined> {
  if (gpu() === undefined) {
    return globalThis.isSecureContext !== false
      ? 'this browser has no WebGPU'
      : 'WebGPU needs a page served by https or from localhost'
  }
  return (await adapterOf(gpu())) ? undefined : 'there is no GPU that this browser may use'
}

async function whySoftware(): Promise<string | undefined> {
  const { isFallbackAdapter, vendor, architecture } = (await adapterOf(gpu()))?.info ?? {}
  // Browsers that predate isFallbackAdapter give the name of the software instead.
  const software =
    isFallbackAdapter ||
    [vendor, architecture].some((name) => /swiftshader|llvmpipe|lavapipe/i.test(name ?? ''))
  return software ? 'its adapter is software, which is slower than wasm' : undefined
}
