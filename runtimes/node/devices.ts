// The devices of Node, a row each: what onnxruntime-node can run on, how it is asked to, and why one of them cannot be here.

import { existsSync } from 'node:fs'
import type { InferenceSession } from 'onnxruntime-common'
import type { Platform } from '../choose-device.ts'
import type { Device } from '../runtime.ts'
import { findLibrary, installCommand, providerLibrary } from './libraries.ts'

interface NodeRow {
  /** Place in the order of `auto`; without one it runs when it is named. */
  readonly auto?: number
  /** Systems for which onnxruntime-node 1.30 is built with it, as its README says; all of them without. */
  readonly systems?: readonly string[]
  /** Its provider is a library of its own, which loads those of CUDA: which one. */
  readonly library?: 'cuda' | 'tensorrt'
  /** Why it cannot be on a system that it is built for. */
  readonly absent?: () => string | undefined
  /** It takes minutes to start: for who names it. */
  readonly slow?: true
  /** What onnxruntime-node is asked for. It hands on these options and no others. */
  readonly providers: (deviceId: number) => readonly InferenceSession.ExecutionProviderConfig[]
  /** What a user can do when it fails. */
  readonly nextStep: () => string
}

/** There where the driver of an NVIDIA GPU is loaded, on Linux. */
const NVIDIA = '/dev/nvidiactl'

const OR_CPU = 'or use device "cpu"'

/** Flags of onnxruntime's coreml_provider_factory.h. */
const CREATE_MLPROGRAM = 0x10
const USE_CPU_AND_GPU = 0x20

const NODE_TABLE = {
  cpu: {
    auto: 2,
    providers: () => ['cpu'],
    nextStep: () =>
      'check that onnxruntime-node is installed for this platform (npm rebuild onnxruntime-node)',
  },
  cuda: {
    auto: 1,
    systems: ['linux x64'],
    library: 'cuda',
    // The number of the GPU alone is handed on, which is why environment.ts switches TF32 off another way.
    providers: (deviceId) => [{ name: 'cuda', deviceId }],
    nextStep: () =>
      `"crystal-onnx doctor" shows what is missing (the provider itself comes by "${installCommand()}"), ${OR_CPU}`,
  },
  tensorrt: {
    systems: ['linux x64'],
    library: 'tensorrt',
    // It builds an engine for every new shape.
    slow: true,
    // What TensorRT does not take goes to CUDA, as its documentation recommends, and not to the CPU.
    providers: (deviceId) => [
      { name: 'tensorrt', deviceId },
      { name: 'cuda', deviceId },
    ],
    nextStep: () => `"crystal-onnx doctor" shows what CUDA lacks, TensorRT 10 comes besides, ${OR_CPU}`,
  },
  // Not in `auto`: where there is no GPU it runs on a software adapter, which is slower than the CPU provider and looks the
  // same from here.
  webgpu: {
    systems: ['linux x64', 'darwin arm64', 'win32 x64', 'win32 arm64'],
    // Asked for without a loader, Dawn writes a warning of its own to the console.
    absent: () =>
      process.platform === 'linux' && findLibrary('libvulkan.so.1') === undefined
        ? 'there is no Vulkan loader (libvulkan.so.1)'
        : undefined,
    providers: () => ['webgpu'],
    nextStep: () => `install a Vulkan, Metal or Direct3D 12 driver, ${OR_CPU}`,
  },
  dml: {
    systems: ['win32 x64', 'win32 arm64'],
    providers: (deviceId) => [{ name: 'dml', deviceId }],
    nextStep: () => `update the driver of the GPU, ${OR_CPU}`,
  },
  coreml: {
    systems: ['darwin arm64'],
    // The older format and the neural engine compute in half precision.
    providers: () => [{ name: 'coreml', coreMlFlags: CREATE_MLPROGRAM | USE_CPU_AND_GPU }],
    nextStep: () => `use device "webgpu", ${OR_CPU}`,
  },
} as const satisfies Partial<Record<Device, NodeRow>>

/** One of NODE_DEVICES. */
export type NodeDevice = keyof typeof NODE_TABLE

/** What can be asked for in Node: the execution providers of onnxruntime-node. */
export const NODE_DEVICES: readonly NodeDevice[] = Object.keys(NODE_TABLE) as NodeDevice[]

export function nodeRow(device: NodeDevice): NodeRow {
  return NODE_TABLE[device]
}

export const NODE: Platform = {
  devices: NODE_DEVICES,
  fused: 'cpu',
  auto: NODE_DEVICES.filter((device) => nodeRow(device).auto !== undefined).sort(
    (a, b) => nodeRow(a).auto! - nodeRow(b).auto!,
  ),
  absent: (device) => absentInNode(device as NodeDevice),
  hasHardware: (device) => nodeRow(device as NodeDevice).library !== undefined && existsSync(NVIDIA),
  nextStep: (device) => nodeRow(device as NodeDevice).nextStep(),
  warn: warnOnce,
  verifies: async (signed) => (await import('./verify-signature.ts')).verifies(signed),
}

const SYSTEM = `${process.platform} ${process.arch}`

/** What onnxruntime-node is built with on this system, whether it runs or not, without what takes minutes to start. */
export function usualDevices(): NodeDevice[] {
  return NODE_DEVICES.filter((device) => {
    const { slow, systems } = nodeRow(device)
    return !slow && (systems?.includes(SYSTEM) ?? true)
  })
}

/** Why a device cannot be here, for certain; undefined when it is worth a try. */
export function absentInNode(device: NodeDevice): string | undefined {
  const { systems, library, absent } = nodeRow(device)
  if (systems && !systems.includes(SYSTEM)) {
    return `onnxruntime-node has no such provider on ${SYSTEM}, only on ${systems.join(', ')}`
  }
  if (library && !existsSync(providerLibrary(library))) return 'its provider library is not installed'
  return absent?.()
}

/** Warnings that were printed: a server that opens a hundred models need not say it a hundred times. */
const printed = new Set<string>()

/** As Node warns of anything: on stderr, for `process.on('warning')`, and not under `--no-warnings`. */
function warnOnce(message: string): void {
  if (printed.has(message)) return
  printed.add(message)
  process.emitWarning(message, { type: 'CrystalOnnxWarning', code: 'DEVICE' })
}
