// Signs a finished model file with an Ed25519 private key: the signature between the model and a new seal (signature.ts).

import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { readModelFile } from '../../runtimes/model-file.ts'
import { checkSeal, sealed } from '../../runtimes/seal.ts'
import { signatureEntry, unsigned } from '../../runtimes/signature.ts'
import { ConfigError, ModelFileError } from '../../src/errors.ts'
import { joined } from '../../src/math/joined.ts'

/**
 * A sealed model file with a signature, in place of an earlier one. `load(…, { publicKey })`, `verify --key` and
 * `serve --require-signed` tell by it who made the file.
 * @param privateKey PEM (PKCS #8) of an Ed25519 private key
 * @throws ConfigError for another key; ModelFileError for a file that is damaged, or older than seals
 */
export async function signModel(bytes: Uint8Array, privateKey: string): Promise<Uint8Array> {
  const key = signingKey(privateKey)
  if (!(await checkSeal(bytes, readModelFile(bytes)))) {
    throw new ModelFileError('model: is older than seals, and cannot be signed; export the model again')
  }
  const { model } = unsigned(bytes)
  const entry = await signatureEntry(model, (text) => sign(null, text, key))
  return sealed(joined([model, entry]))
}

/** @param name how errors call it @throws ConfigError for what is no Ed25519 private key */
export function signingKey(pem: string, name = 'the key to sign with'): KeyObject {
  const expected =
    'expected the PEM of an Ed25519 private key, as openssl genpkey -algorithm ed25519 writes it'
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw new ConfigError(
      pem.includes('ENCRYPTED')
        ? `${name}: is encrypted; give it decrypted: openssl pkey -in KEY`
        : `${name}: is no key that can be read; ${expected}`,
      { cause },
    )
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw new ConfigError(`${name}: is of kind ${key.asymmetricKeyType}; ${expected}`)
}
