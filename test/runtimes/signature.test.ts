// Signatures of model files: whose a file is, and what is refused. Keys and signatures are made and checked here with
// node:crypto, without the toolkit.

import { createHash, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signModel } from '../../exporters/crystal/sign.ts'
import { NODE } from '../../runtimes/node/devices.ts'
import { load } from '../../runtimes/node/load.ts'
import { sealed } from '../../runtimes/seal.ts'
import { checkSignature, publicKeys } from '../../runtimes/signature.ts'
import { WEB } from '../../runtimes/web/devices.ts'
import { ConfigError, ModelFileError, SignatureError } from '../../src/errors.ts'
import { exported } from './models.ts'

const HERE = { device: 'cpu', threads: 1, worker: false, selfCheck: false } as const
const SEAL_BYTES = 4 + 'crystal-onnx.seal'.length + 2 + 64
/** Tag and length of the entry, of its key and of its value, whose length takes two bytes. */
const SIGNATURE_BYTES = 3 + 2 + 'crystal-onnx.signature'.length + 3 + 128

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    der: publicKey.export({ format: 'der', type: 'spki' }),
    publicKey,
  }
}
const own = keyPair()
const other = keyPair()
const signed = Buffer.from(await signModel(exported.bytes, own.pem))

/** The file with another byte at `at`, sealed again as anyone can. */
async function edited(at: number): Promise<Uint8Array> {
  const changed = Buffer.from(signed.subarray(0, -SEAL_BYTES))
  changed[at] ^= 1
  return sealed(changed)
}

describe('a signed file', () => {
  it('is the model, its signature and its seal', () => {
    const model = Buffer.from(exported.bytes).subarray(0, -SEAL_BYTES)
    expect(signed.subarray(0, model.length).equals(model)).toBe(true)
    expect(signed.length).toBe(model.length + SIGNATURE_BYTES + SEAL_BYTES)
    const signature = Buffer.from(signed.subarray(-SEAL_BYTES - 128, -SEAL_BYTES).toString(), 'hex')
    const text = `crystal-onnx model sha256:${createHash('sha256').update(model).digest('hex')}`
    expect(verify(null, Buffer.from(text), own.publicKey, signature)).toBe(true)
  })

  it.each([
    ['the PEM of its key', own.publicPem],
    ['several, of which one is its', `${other.publicPem}\n${own.publicPem}`],
    ['44 bytes', own.der],
    ['32 bytes', new Uint8Array(own.der.subarray(-32))],
  ])('loads with %s', async (_, publicKey) => {
    const model = await load(signed, { ...HERE, publicKey })
    expect(model.sealed).toBe(true)
    await model.dispose()
  })

  it('loads without a key, as any other', async () => {
    await (await load(signed, HERE)).dispose()
  })

  it('is refused with the key of another', async () => {
    await expect(load(signed, { ...HERE, publicKey: other.publicPem })).rejects.toThrow(SignatureError)
  })

  it('is refused where a byte of model or signature was changed and the file sealed again', async () => {
    for (const at of [
      0,
      1000,
      signed.length - SEAL_BYTES - SIGNATURE_BYTES - 1,
      signed.length - SEAL_BYTES - 5,
    ]) {
      await expect(load(await edited(at), { ...HERE, publicKey: own.publicPem })).rejects.toThrow(
        SignatureError,
      )
    }
  })

  it('is refused with something behind it, or when its seal is damaged', async () => {
    const longer = Buffer.concat([signed, Buffer.from([0x72, 0x02, 0x0a, 0x00])])
    await expect(load(longer, { ...HERE, publicKey: own.publicPem })).rejects.toThrow(SignatureError)
    const damaged = Buffer.from(signed)
    damaged[damaged.length - 1] ^= 1
    await expect(load(damaged, { ...HERE, publicKey: own.publicPem })).rejects.toThrow(ModelFileError)
    await expect(load(damaged, HERE)).rejects.toThrow(ModelFileError)
  })

  it('can be signed anew, by another key alone', async () => {
    const anew = await signModel(signed, other.pem)
    expect(anew.length).toBe(signed.length)
    await (await load(anew, { ...HERE, publicKey: other.publicPem })).dispose()
    await expect(load(anew, { ...HERE, publicKey: own.publicPem })).rejects.toThrow(SignatureError)
  })

  it('is told by WebCrypto as by node:crypto', async () => {
    await checkSignature(signed, own.publicPem, WEB)
    await checkSignature(signed, own.publicPem, NODE)
    await expect(checkSignature(signed, other.publicPem, WEB)).rejects.toThrow(SignatureError)
  })
})

it('a file without a signature, or no model at all, is refused before it is read', async () => {
  for (const bytes of [exported.bytes, new Uint8Array(0), new Uint8Array(10), Buffer.from('<html>')]) {
    await expect(load(bytes, { ...HERE, publicKey: own.publicPem })).rejects.toThrow(/is not signed/)
  }
})

it.each([
  ['a private key', own.pem, /a private key, which only who signs should have/],
  ['no PEM', 'key', /a text without -----BEGIN PUBLIC KEY-----/],
  ['nothing', '', /a text without/],
  ['a key of another kind', new Uint8Array(91), /another kind \(91 bytes\)/],
  [
    'RSA',
    generateKeyPairSync('rsa', { modulusLength: 1024 })
      .publicKey.export({ format: 'pem', type: 'spki' })
      .toString(),
    /another kind/,
  ],
  ['a number', 5 as unknown as string, /found number/],
])('%s is no public key', (_, key, message) => {
  expect(() => publicKeys(key)).toThrow(ConfigError)
  expect(() => publicKeys(key)).toThrow(message)
})

it.each([
  ['a public key', own.publicPem, /no key that can be read/],
  ['no key', 'hello', /no key that can be read/],
  [
    'an encrypted one',
    generateKeyPairSync('ed25519')
      .privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString(),
    /is encrypted/,
  ],
  [
    'RSA',
    generateKeyPairSync('rsa', { modulusLength: 1024 })
      .privateKey.export({ format: 'pem', type: 'pkcs8' })
      .toString(),
    /is of kind rsa/,
  ],
])('%s signs nothing', async (_, key, message) => {
  await expect(signModel(exported.bytes, key)).rejects.toThrow(ConfigError)
  await expect(signModel(exported.bytes, key)).rejects.toThrow(message)
})
