// Names of models: they stand in addresses, in metrics and in logs.

import { basename } from 'node:path'
import { ConfigError } from '../errors.ts'
import { shown } from './tensors.ts'

export const MODEL_NAME = /^[A-Za-z0-9][\w.-]{0,99}$/

/** A model that a server is started with. */
export interface NamedSource {
  readonly name: string
  /** A path, an address, or the name of a model of the package. */
  readonly source: string
}

/** `NAME=SOURCE`, or a source whose file gives the name. @throws ConfigError for a name that cannot be one */
export function namedSource(text: string): NamedSource {
  const [, given, rest] = /^([^=/\\]*)=(.+)$/.exec(text) ?? []
  const source = rest ?? text
  const name = given ?? basename(source.replace(/[?#].*$/, '')).replace(/\.onnx$/, '')
  if (MODEL_NAME.test(name)) return { name, source }
  throw new ConfigError(
    `model name ${shown(name)}: expected letters, digits, ".", "-" and "_", at most 100; name it, as in NAME=${source}`,
  )
}
