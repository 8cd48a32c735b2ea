// What WebGPU stands on in Linux: the Vulkan loader, the drivers that are registered with it, and the adapters that
// `vulkaninfo` lists, where it is installed. A driver that computes on the CPU counts as software.

import { basename, join } from 'node:path'
import type { System } from './system.ts'

export interface VulkanAdapter {
  readonly name: string
  readonly driver: string
  readonly software: boolean
}

export interface VulkanFacts {
  /** Whether the kernel shows a GPU, of whatever maker. */
  readonly render_node: boolean
  readonly loader: string | null
  /** Manifests of drivers, and whether they are software. */
  readonly drivers: readonly { readonly manifest: string; readonly software: boolean }[]
  /** null where there is no `vulkaninfo` to ask */
  readonly adapters: readonly VulkanAdapter[] | null
}

const MANIFEST_FOLDERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d']
const SOFTWARE = /swiftshader|lvp|lavapipe|llvmpipe/i

export async function vulkanFacts(system: System): Promise<VulkanFacts> {
  const loader = system.findLibrary('libvulkan.so.1') ?? null
  const summary = loader === null ? undefined : await system.run('vulkaninfo', ['--summary'])
  return {
    render_node: system.list('/dev/dri').some((name) => name.startsWith('renderD')),
    loader,
    drivers: manifests(system).map((manifest) => ({
      manifest,
      software: SOFTWARE.test(`${basename(manifest)} ${system.read(manifest) ?? ''}`),
    })),
    adapters: summary === undefined ? null : adapterList(summary),
  }
}

/** Where the loader looks for drivers: a variable with their paths, or folders. */
function manifests(system: System): string[] {
  const named = system.env.VK_DRIVER_FILES ?? system.env.VK_ICD_FILENAMES
  const files =
    named?.split(':') ??
    MANIFEST_FOLDERS.flatMap((folder) => system.list(folder).map((name) => join(folder, name)))
  return files.filter((file) => file.endsWith('.json') && system.exists(file)).sort()
}

/** The sections `GPU0:` of `vulkaninfo --summary`, lines `key = value`. */
export function adapterList(summary: string): VulkanAdapter[] {
  return summary
    .split(/^GPU\d+:\s*$/m)
    .slice(1)
    .map((section) => {
      const values = new Map(
        [...section.matchAll(/^\s*(\w+)\s*= (.*)$/gm)].map(([, key, value]) => [key, value]),
      )
      const name = values.get('deviceName')?.trim() ?? '?'
      return {
        name,
        driver: values.get('driverName')?.trim() ?? '?',
        software: values.get('deviceType')?.trim() === 'PHYSICAL_DEVICE_TYPE_CPU',
      }
    })
}
