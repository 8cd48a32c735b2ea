// Hyper-parameters from text: the JSON of the published repositories, or the hparams.yaml that Lightning writes beside a
// checkpoint. JSON is YAML, so one parser reads both.

import { parse } from 'yaml'
import { ConfigError } from '../errors.ts'
import type { HyperParameters } from './hyper-parameters.ts'

/** The real files have 2 kB. */
export const MAX_TEXT = 2 ** 16

/** @throws ConfigError when the text is too long, neither YAML nor JSON, or no list of keys with values. */
export function parseHyperParameters(text: string, file: string): HyperParameters {
  if (text.length > MAX_TEXT) {
    throw new ConfigError(
      `${file}: ${text.length} characters are no hyper-parameters, expected at most ${MAX_TEXT}`,
    )
  }
  let value: unknown
  try {
    // Tags such as !!python/tuple keep their plain value; nothing is constructed from them.
    value = parse(text, { mapAsMap: true, logLevel: 'error' })
  } catch (cause) {
    const [reason] = cause instanceof Error ? cause.message.split('\n') : []
    throw new ConfigError(`${file}: neither YAML nor JSON: ${reason}`, { cause })
  }
  if (!(value instanceof Map) || ![...value.keys()].every((key) => typeof key === 'string')) {
    throw new ConfigError(`${file}: expected hyper-parameters, a key and a value each`)
  }
  return value
}
