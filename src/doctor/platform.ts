// Whether Node and the C library are recent enough, and whether onnxruntime-node is built for this machine at all.

import { join } from 'node:path'
import { bindingFolder } from '../../runtimes/node/libraries.ts'
import type { System } from './system.ts'

/** As in `engines` of package.json. */
export const NODE_REQUIRED = '20.19'
/** The newest symbols that the Linux binding of onnxruntime-node 1.30 asks for. */
export const GLIBC_REQUIRED = '2.28'

export interface PlatformFacts {
  readonly node: { readonly version: string; readonly required: string; readonly ok: boolean }
  readonly system: string
  /** Of Linux only; version null where the C library is not GNU's. */
  readonly glibc?: { readonly version: string | null; readonly required: string; readonly ok: boolean }
  /** Whether the npm package holds a binding for this system. */
  readonly binding: boolean
}

export function platformFacts(system: System): PlatformFacts {
  const { platform, arch, node, glibc } = system
  return {
    node: { version: node, required: NODE_REQUIRED, ok: atLeast(node, NODE_REQUIRED) },
    system: `${platform} ${arch}`,
    ...(platform === 'linux' && {
      glibc: {
        version: glibc ?? null,
        required: GLIBC_REQUIRED,
        ok: glibc !== undefined && atLeast(glibc, GLIBC_REQUIRED),
      },
    }),
    binding: system.exists(join(bindingFolder(), 'onnxruntime_binding.node')),
  }
}

/** Whether a version of numbers and dots is another one or later. */
export function atLeast(version: string, required: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [n, least] of required.split('.').map(Number).entries()) {
    const part = parts[n] ?? 0
    if (part !== least) return part > least
  }
  return true
}
