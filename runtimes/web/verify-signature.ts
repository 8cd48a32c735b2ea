// Ed25519 by WebCrypto, which browsers have since 2025 (Chrome 137, Firefox 129, Safari 17), on secure pages.

import { PlatformError } from '../../src/errors.ts'
import type { Signed } from '../choose-device.ts'

export async function verifies({ key, text, signature }: Signed): Promise<boolean> {
  const subtle = globalThis.crypto?.subtle
  const own = (bytes: Uint8Array) => new Uint8Array(bytes)
  try {
    const imported = await subtle.importKey('raw', own(key), 'Ed25519', false, ['verify'])
    return await subtle.verify('Ed25519', imported, own(signature), own(text))
  } catch (cause) {
    throw new PlatformError(
      'publicKey: signatures cannot be checked here: that takes a page served by https or from localhost, in a browser ' +
        'with Ed25519 (Chrome 137, Firefox 129, Safari 17 or later)',
      { cause },
    )
  }
}
