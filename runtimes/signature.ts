// The signature of a model file: Ed25519 over the digest of everything before it, in an entry between the model and its
// seal. A seal says that a file is whole, a signature whose it is. It stands at a place that the length of the file gives,
// so that nothing of a file is read before its signature was found good.

import { ConfigError, SignatureError } from '../src/errors.ts'
import { fromBase64 } from '../src/math/base64.ts'
import { joined } from '../src/math/joined.ts'
import type { Platform } from './choose-device.ts'
import { hex, hexDigest, SEAL_BYTES } from './seal.ts'
import { lengthField, utf8 } from './wire-write.ts'

export const SIGNATURE_KEY = 'crystal-onnx.signature'

/** Bytes of a signature, which the entry has as digits. */
const LENGTH = 64
/** ModelProto.metadata_props. */
const METADATA_PROPS = 14

function entryOf(digits: string): Uint8Array {
  return lengthField(
    METADATA_PROPS,
    joined([lengthField(1, utf8(SIGNATURE_KEY)), lengthField(2, utf8(digits))]),
  )
}

/** The entry up to its digits: the same in every file. */
const BEFORE_DIGITS = entryOf('0'.repeat(2 * LENGTH)).subarray(0, -2 * LENGTH)

/** Where the public keys of those who may have signed come from: PEM of one or several, or the 32 or 44 bytes of one. */
export type PublicKey = string | Uint8Array

/** What is signed: the digest, with what it is a digest of, so that the same key may sign other things. */
async function signedText(model: Uint8Array): Promise<Uint8Array> {
  return utf8(`crystal-onnx model sha256:${await hexDigest(model)}`)
}

/** The entry of a signature. @param model everything before it */
export async function signatureEntry(
  model: Uint8Array,
  sign: (text: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  return entryOf(hex(sign(await signedText(model))))
}

/** A file in two: the model, and its signature where there is one. The seal behind them is left out. */
export function unsigned(file: Uint8Array): { readonly model: Uint8Array; readonly signature?: Uint8Array } {
  const end = Math.max(0, file.length - SEAL_BYTES)
  const digits = end - 2 * LENGTH
  const start = digits - BEFORE_DIGITS.length
  if (start < 0 || !BEFORE_DIGITS.every((byte, n) => byte === file[start + n])) {
    return { model: file.subarray(0, end) }
  }
  const text = new TextDecoder().decode(file.subarray(digits, end))
  const signature = Uint8Array.from({ length: LENGTH }, (_, n) =>
    Number.parseInt(text.slice(2 * n, 2 * n + 2), 16),
  )
  return { model: file.subarray(0, start), signature }
}

/** @throws SignatureError for a file that none of the keys has signed; ConfigError for what is no public key */
export async function checkSignature(
  bytes: Uint8Array,
  publicKey: PublicKey,
  { verifies }: Pick<Platform, 'verifies'>,
  file = 'model',
): Promise<void> {
  const keys = publicKeys(publicKey)
  const { model, signature } = unsigned(bytes)
  if (signature === undefined) {
    throw new SignatureError(
      `${file}: is not signed, and only what is signed is accepted; get the signed file, or sign it: export --sign KEY`,
    )
  }
  const text = await signedText(model)
  for (const key of keys) if (await verifies({ key, text, signature })) return
  const known = keys.length === 1 ? 'not of the public key' : `of none of the ${keys.length} public keys`
  throw new SignatureError(
    `${file}: its signature is ${known} given, or the file was changed after it was signed; get the file again, or the key ` +
      'of who signed it',
  )
}

/** What stands before the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo (RFC 8410). */
const SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
const KEY_LENGTH = 32

/** The 32 bytes of each key. @param name how errors call what is given @throws ConfigError for what is none */
export function publicKeys(given: PublicKey, name = 'publicKey'): Uint8Array[] {
  if (typeof given !== 'string') return [keyOf(given, name)]
  if (given.includes('PRIVATE KEY-----')) {
    throw new ConfigError(
      `${name}: a private key, which only who signs should have; the public one is written by: openssl pkey -in KEY -pubout`,
    )
  }
  const blocks = [...given.matchAll(/-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----/g)]
  if (blocks.length === 0) throw noKey('a text without -----BEGIN PUBLIC KEY-----', name)
  return blocks.map(([, text]) => keyOf(bytesOf(text, name), name))
}

function keyOf(bytes: Uint8Array, name: string): Uint8Array {
  if (bytes?.length === KEY_LENGTH) return bytes
  if (bytes?.length === SPKI.length + KEY_LENGTH && SPKI.every((byte, n) => byte === bytes[n])) {
    return bytes.subarray(SPKI.length)
  }
  throw noKey(
    bytes?.length === undefined ? `${typeof bytes}` : `a key of another kind (${bytes.length} bytes)`,
    name,
  )
}

function bytesOf(text: string, name: string): Uint8Array {
  const bytes = fromBase64(text.replace(/\s/g, ''))
  if (!bytes) throw noKey('a damaged one', name)
  return bytes
}

function noKey(found: string, name: string): ConfigError {
  return new ConfigError(`${name}: found ${found}, expected the PEM of an Ed25519 public key, or its bytes`)
}

/** The DER form of the 32 bytes of a key, which every library reads. */
export function derOf(key: Uint8Array): Uint8Array {
  return Uint8Array.from([...SPKI, ...key])
}
