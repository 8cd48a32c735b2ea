// All facts about a machine that decide where models run, and what to do next. One object, which is what
// `doctor --json` prints.

import { NODE, usualDevices } from '../../runtimes/node/devices.ts'
import { advice } from './advice.ts'
import { type CudaFacts, cudaFacts } from './cuda.ts'
import { type InstallFacts, installFacts } from './install-scripts.ts'
import { type NvidiaFacts, nvidiaFacts } from './nvidia.ts'
import { type PlatformFacts, platformFacts } from './platform.ts'
import type { Probed } from './probe.ts'
import type { System } from './system.ts'
import { type VulkanFacts, vulkanFacts } from './vulkan.ts'

export interface Facts extends PlatformFacts {
  readonly install: InstallFacts
  readonly nvidia: NvidiaFacts
  /** of Linux only */
  readonly cuda?: CudaFacts
  /** of Linux only */
  readonly vulkan?: VulkanFacts
  readonly devices: readonly Probed[]
  /** what `auto` takes; null where nothing of its order runs */
  readonly default_device: string | null
}

export interface Examination extends Facts {
  /** what to do next, most important first; empty when there is nothing */
  readonly next: readonly string[]
}

/** @param folder of the project whose npm settings count */
export async function examine(system: System, folder: string): Promise<Examination> {
  const linux = system.platform === 'linux'
  const install = installFacts(system, folder)
  const named = install.tensorrt ? (['tensorrt'] as const) : []
  const [nvidia, cuda, vulkan, ...devices] = await Promise.all([
    nvidiaFacts(system),
    linux ? cudaFacts(system) : undefined,
    linux ? vulkanFacts(system) : undefined,
    ...[...usualDevices(), ...named].map((device) => system.probe(device)),
  ])
  const works = (device: string) => devices.some((probed) => probed.device === device && probed.runs)
  const facts: Facts = {
    ...platformFacts(system),
    install,
    nvidia,
    cuda,
    vulkan,
    devices,
    default_device: NODE.auto.find(works) ?? null,
  }
  return { ...facts, next: advice(facts) }
}
