// The file of public keys that `verify` and `serve` are given: PEM of one or several.

import { readFile } from 'node:fs/promises'

/** The text of the file. @throws ConfigError for one without an Ed25519 public key */
export async function readPublicKeys(file: string): Promise<string> {
  const { publicKeys } = await import('../../runtimes/signature.ts')
  const pem = await readFile(file, 'utf8')
  publicKeys(pem, file)
  return pem
}
