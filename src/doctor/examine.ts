// Looks at a machine: all facts, and what to do next. One object, which is what `doctor --json` prints.

import { NODE, usualDevices } from '../../runtimes/node/devices.ts'
import { advice } from './advice.ts'
import { cudaFacts } from './cuda.ts'
import type { Facts } from './facts.ts'
import { installFacts } from './install-scripts.ts'
import { nvidiaFacts } from './nvidia.ts'
import { platformFacts } from './platform.ts'
import type { System } from './system.ts'
import { vulkanFacts } from './vulkan.ts'

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
