// The file of public keys that `verify` and `serve` are given: PEM of one or several.

import { textOf } from '../files.ts'

/** The text of the file. @throws ConfigError for one without an Ed25519 public key */
export async function readPublicKeys(file: string): Promise<string> {
  const { publicKeys } = await import('../../runtimes/signature.ts')
  const pem = await textOf(file)
  publicKeys(pem, file)
  return pem
}
