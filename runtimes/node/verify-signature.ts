// Ed25519 by node:crypto, whose WebCrypto warns that it is an experiment before Node 22.

import { createPublicKey, verify } from 'node:crypto'
import type { Signed } from '../choose-device.ts'
import { derOf } from '../signature.ts'

export function verifies({ key, text, signature }: Signed): boolean {
  const spki = createPublicKey({ key: Buffer.from(derOf(key)), format: 'der', type: 'spki' })
  return verify(null, text, spki, signature)
}
