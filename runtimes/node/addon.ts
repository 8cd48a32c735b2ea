// The fused engine as an addon of Node.

import { loadAddon as load } from '../../src/kernels/addon.ts'
import type { AddonKernels } from '../fused/kernels.ts'

/** The addon, or why there is none. */
export function loadAddon(platform = process.platform, arch = process.arch): AddonKernels | string {
  return load<AddonKernels>('', import.meta.url, '../fused/generated', 'forward', { platform, arch })
}
