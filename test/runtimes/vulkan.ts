// Where a software Vulkan driver lies, for the tests of native WebGPU: that of Debian's Chromium, or Mesa's.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findLibrary } from '../../runtimes/node/libraries.ts'

const CHROMIUM = '/usr/lib/chromium'
const MANIFESTS = '/usr/share/vulkan/icd.d'

/** The environment of a process in which WebGPU finds the driver; undefined where there is none. */
export function softwareVulkan(): Record<string, string> | undefined {
  const swiftshader = join(CHROMIUM, 'vk_swiftshader_icd.json')
  if (existsSync(swiftshader) && existsSync(join(CHROMIUM, 'libvulkan.so.1'))) {
    const path = [CHROMIUM, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
    return { LD_LIBRARY_PATH: path, VK_ICD_FILENAMES: swiftshader }
  }
  const lavapipe =
    existsSync(MANIFESTS) && readdirSync(MANIFESTS).find((name) => /^lvp_icd.*json$/.test(name))
  return lavapipe && findLibrary('libvulkan.so.1')
    ? { VK_ICD_FILENAMES: join(MANIFESTS, lavapipe) }
    : undefined
}

/** A suite's title, with the reason where it is skipped. */
export function onVulkan(title: string): string {
  return softwareVulkan()
    ? title
    : `${title}: there is no Vulkan loader with a software driver on this machine`
}
