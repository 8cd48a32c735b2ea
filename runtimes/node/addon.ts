// The fused engine as an addon of Node, where one was built for this machine. The files come with the package.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { AddonKernels } from '../fused/kernels.ts'

/** The addon, or why there is none. */
export function loadAddon(platform = process.platform, arch = process.arch): AddonKernels | string {
  const name = `${platform}-${arch}`
  // Beside the built package, and in a checkout.
  const places = [`./${name}.node`, `../fused/generated/${name}.node`]
  const file = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find(existsSync)
  if (file === undefined) return `no addon is built for ${name}`
  try {
    const addon: Partial<AddonKernels> = createRequire(import.meta.url)(file)
    return addon.forward ? (addon as AddonKernels) : `${file} found no Node-API in this process`
  } catch (error) {
    return `${file} cannot be loaded: ${(error as Error).message}`
  }
}
