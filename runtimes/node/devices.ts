// The devices of Node: what onnxruntime-node can run on, and why one of them cannot be here.

import { existsSync } from 'node:fs'
import type { Platform } from '../choose-device.ts'
import { findLibrary, installCommand, providerLibrary } from './libraries.ts'

/** What can be asked for in Node: the execution providers of onnxruntime-node. */
export const NODE_DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml'] as const
/** One of them. */
export type NodeDevice = (typeof NODE_DEVICES)[number]

const SYSTEM = `${process.platform} ${process.arch}`

/** Systems for which onnxruntime-node 1.30 is built with a provider, as its README says; the CPU is everywhere. */
const SYSTEMS: Partial<Record<NodeDevice, readonly string[]>> = {
  cuda: ['linux x64'],
  tensorrt: ['linux x64'],
  webgpu: ['linux x64', 'darwin arm64', 'win32 x64', 'win32 arm64'],
  dml: ['win32 x64', 'win32 arm64'],
  coreml: ['darwin arm64'],
}

const OR_CPU = 'or use device "cpu"'
const NEXT_STEP: Record<NodeDevice, () => string> = {
  cpu: () => 'check that onnxruntime-node is installed for this platform (npm rebuild onnxruntime-node)',
  cuda: () =>
    `"crystal-onnx doctor" shows what is missing (the provider itself comes by "${installCommand()}"), ${OR_CPU}`,
  tensorrt: () => `"crystal-onnx doctor" shows what CUDA lacks, TensorRT 10 comes besides, ${OR_CPU}`,
  webgpu: () => `install a Vulkan, Metal or Direct3D 12 driver, ${OR_CPU}`,
  dml: () => `update the driver of the GPU, ${OR_CPU}`,
  coreml: () => `use device "webgpu", ${OR_CPU}`,
}

export const NODE: Platform = {
  devices: NODE_DEVICES,
  // WebGPU is left out: where there is no GPU it runs on a software adapter, which is slower than the CPU provider and
  // looks the same from here. It runs when it is named, as TensorRT, DirectML and Core ML do.
  auto: ['cuda', 'cpu'],
  absent: (device) => absentInNode(device as NodeDevice),
  nextStep: (device) => NEXT_STEP[device as NodeDevice](),
  warn: warnOnce,
}

/**
 * What onnxruntime-node is built with on this system, whether it runs or not. Without TensorRT, which builds an engine
 * for every new shape, minutes each: that is for who names it.
 */
export function usualDevices(): NodeDevice[] {
  return NODE_DEVICES.filter((device) => device !== 'tensorrt' && (SYSTEMS[device]?.includes(SYSTEM) ?? true))
}

/** Why a device cannot be here, for certain; undefined when it is worth a try. */
export function absentInNode(device: NodeDevice): string | undefined {
  const systems = SYSTEMS[device]
  if (systems && !systems.includes(SYSTEM)) {
    return `onnxruntime-node has no such provider on ${SYSTEM}, only on ${systems.join(', ')}`
  }
  switch (device) {
    case 'cuda':
    case 'tensorrt':
      return existsSync(providerLibrary(device)) ? undefined : 'its provider library is not installed'
    case 'webgpu':
      // Asked for without a loader, Dawn writes a warning of its own to the console.
      return process.platform === 'linux' && findLibrary('libvulkan.so.1') === undefined
        ? 'there is no Vulkan loader (libvulkan.so.1)'
        : undefined
    default:
      return undefined
  }
}

/** Texts that were said: a server that opens a hundred models need not say it a hundred times. */
const said = new Set<string>()

/** As Node warns of anything: on stderr, for `process.on('warning')`, and not under `--no-warnings`. */
function warnOnce(message: string): void {
  if (said.has(message)) return
  said.add(message)
  process.emitWarning(message, { type: 'CrystalOnnxWarning', code: 'DEVICE' })
}
