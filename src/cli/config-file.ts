// JSON files that `train` and `export` take: hyper-parameters, and what a card says of where its model comes from.

import { stat } from 'node:fs/promises'
import { ConfigError } from '../errors.ts'
import { textOf } from '../files.ts'

/** A file larger than this is no configuration. */
const MAX_BYTES = 2 ** 20

/** @throws ConfigError when the file is too large, not JSON, or not an object. */
export async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  const { size } = await stat(file)
  if (size > MAX_BYTES) throw new ConfigError(`${file}: ${size} bytes, expected at most ${MAX_BYTES}`)
  let value: unknown
  try {
    value = JSON.parse(await textOf(file))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new ConfigError(`${file}: not JSON: ${cause.message}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError(`${file}: expected a JSON object`)
  }
  return value as Record<string, unknown>
}
