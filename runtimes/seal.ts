// The seal of a model file: SHA-256 over every byte before it, the last entry of the file's metadata. Golden samples
// touch few elements and few units of a network; the seal says that not one byte of graph, weights or card has changed.
// It is no signature: who writes a file can seal it (signature.ts).

import { ModelFileError } from '../src/errors.ts'
import type { ModelFile } from './model-file.ts'

export const SEAL_KEY = 'crystal-onnx.seal'
/** Cards of this format and later come with a seal. */
const SEALED_SINCE = 2

/** Hex digits of SHA-256. */
const DIGEST_LENGTH = 64
/** ModelProto.metadata_props (14) with a key (1) and a value (2), each behind its tag and length. */
const ENTRY = [0x72, 2 + SEAL_KEY.length + 2 + DIGEST_LENGTH, 0x0a, SEAL_KEY.length] as const
const VALUE = [0x12, DIGEST_LENGTH] as const
/** Of the last entry of a sealed file. */
export const SEAL_BYTES = ENTRY.length + SEAL_KEY.length + VALUE.length + DIGEST_LENGTH

/** `model` with its seal behind everything else. */
export async function sealed(model: Uint8Array): Promise<Uint8Array> {
  const seal = await sealOf(model)
  const bytes = new Uint8Array(model.length + seal.length)
  bytes.set(model)
  bytes.set(seal, model.length)
  return bytes
}

/**
 * Whether a file is sealed; one that was exported before there were seals is not.
 * @throws ModelFileError when the seal is missing or does not fit: the file is not what was exported.
 */
export async function checkSeal(
  bytes: Uint8Array,
  { card, metadata }: Pick<ModelFile, 'card' | 'metadata'>,
  file = 'model',
): Promise<boolean> {
  if (card.format < SEALED_SINCE && !metadata.metadata.has(SEAL_KEY)) return false
  const end = bytes.length - SEAL_BYTES
  const seal = await sealOf(bytes.subarray(0, end))
  if (seal.every((byte, n) => byte === bytes[end + n])) return true
  throw new ModelFileError(
    `${file}: damaged or edited: its bytes are not those that were sealed when it was exported; get the file again, or ` +
      'export the model again',
  )
}

/** The bytes of the seal of what stands before it. */
async function sealOf(before: Uint8Array): Promise<Uint8Array> {
  const text = new TextEncoder()
  return Uint8Array.from([
    ...ENTRY,
    ...text.encode(SEAL_KEY),
    ...VALUE,
    ...text.encode(await hexDigest(before)),
  ])
}

/** SHA-256 in hex digits. */
export async function hexDigest(bytes: Uint8Array): Promise<string> {
  return hex(await sha256(bytes))
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // Browsers have `subtle` on pages served by https or from localhost only.
  const subtle = globalThis.crypto?.subtle
  if (!subtle) return (await import('@noble/hashes/sha2.js')).sha256(bytes)
  // It takes no memory that is shared between threads.
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice()
  return new Uint8Array(await subtle.digest('SHA-256', own as Uint8Array<ArrayBuffer>))
}
