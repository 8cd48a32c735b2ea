// Keys of callers: compared by their hashes, all of them, in a time that tells nothing of which was near.

import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AccessError, ConfigError } from '../errors.ts'

/** Shorter ones can be guessed. */
const SHORTEST = 16

export interface Keys {
  /**
   * Who has the key of these headers, as a name that tells nothing of it; undefined where no keys are asked for.
   * @throws AccessError
   */
  holder(headers: { readonly authorization?: unknown; readonly 'x-api-key'?: unknown }): string | undefined
}

/** Those of a text or of a file with one a line, where "#" begins a remark. @throws ConfigError for keys that are none */
export async function keysOf(key: string | undefined, file: string | undefined): Promise<Keys> {
  const lines = file === undefined ? [] : (await textOf(file)).split('\n')
  const listed = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  if (file !== undefined && listed.length === 0) throw new ConfigError(`${file}: holds no API key`)
  const keys = [...(key === undefined ? [] : [key]), ...listed]
  for (const [n, one] of keys.entries()) {
    if (one.length >= SHORTEST && /^[\x21-\x7e]+$/.test(one)) continue
    throw new ConfigError(
      `API key ${n + 1} of ${keys.length}: expected at least ${SHORTEST} letters without spaces, such as of "openssl rand -hex 24"`,
    )
  }
  return keysFrom(keys)
}

export function keysFrom(keys: readonly string[]): Keys {
  const hashes = keys.map(hashOf)
  return {
    holder({ authorization, 'x-api-key': given }) {
      if (hashes.length === 0) return undefined
      const key =
        given ?? (typeof authorization === 'string' ? /^Bearer (.+)$/i.exec(authorization)?.[1] : undefined)
      if (typeof key !== 'string')
        throw new AccessError('an API key is expected, as in "Authorization: Bearer KEY"')
      const hash = hashOf(key)
      const matches = hashes.map((known) => timingSafeEqual(known, hash))
      const n = matches.indexOf(true)
      if (n < 0) throw new AccessError('the API key is none of those that the server knows')
      return `key ${n + 1}`
    },
  }
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

/** The system does not say of which folder it says that it is one. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EISDIR'
      ? new ConfigError(`${file}: is a folder, expected a file with API keys`)
      : error
  }
}
