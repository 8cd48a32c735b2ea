// The fused engine as addons of Node, in float32 and in float64.

import { loadAddon as load } from '../../src/kernels/addon.ts'
import type { AddonKernels } from '../fused/kernels.ts'

const GENERATED = '../fused/generated'

/** The addon, or why there is none. */
export function loadAddon(platform = process.platform, arch = process.arch): AddonKernels | string {
  return load<AddonKernels>('', import.meta.url, GENERATED, 'forward', { platform, arch })
}

/** The addon in float64, or why there is none. */
export function loadAddonInDouble(): AddonKernels<Float64Array> | string {
  return load<AddonKernels<Float64Array>>('double-', import.meta.url, GENERATED, 'forward')
}
