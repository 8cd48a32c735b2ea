// Entries of this package that are loaded when a function is called that needs them. They are asked for by name, which bundlers
// of servers leave alone: they would look for TensorFlow.js, which a server that predicts does not install.

import { PlatformError } from './errors.ts'
import { needingPackages } from './missing-package.ts'
import { inCheckout } from './threads.ts'

/** What is asked of them. */
interface Entries {
  readonly training: Pick<typeof import('./training/run.ts'), 'train'>
  readonly exporters: Pick<typeof import('../exporters/crystal/export.ts'), 'exportCrystalModel'> &
    Pick<typeof import('../exporters/onnx/export.ts'), 'exportOnnx'>
}

const SOURCES: Record<keyof Entries, string> = {
  training: './training/index.ts',
  exporters: '../exporters/index.ts',
}

/** @throws PlatformError where a package that it needs is not installed, or a bundle is alone without this one */
export async function ownEntry<Name extends keyof Entries>(name: Name): Promise<Entries[Name]> {
  const address = inCheckout ? new URL(SOURCES[name], import.meta.url).href : `crystal-onnx/${name}`
  try {
    return await needingPackages(
      () => import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ address),
    )
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new PlatformError(
      `crystal-onnx/${name} is not part of a bundle, and crystal-onnx is not installed beside this one: npm install crystal-onnx`,
      { cause },
    )
  }
}

function isMissing(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string }
  return code === 'ERR_MODULE_NOT_FOUND' && message.includes("'crystal-onnx'")
}
