// The inputs of a model of tfjs, as the options of its export name them.

import { ExportError } from '../../src/errors.ts'
import type { InputSpec } from './options.ts'

/** @throws ExportError for an input that the model does not have */
export function checkNames(names: readonly string[], given: Readonly<Record<string, unknown>> = {}): void {
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) {
      throw new ExportError(`the model has no input "${name}"; its inputs are ${names.join(', ')}`)
    }
  }
}

/** @throws ExportError for a type that no export has */
export function inputType(name: string, dtype: string): InputSpec['dtype'] {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype
  throw new ExportError(`input "${name}" has dtype ${dtype}; only float32, int32 and bool can be exported`)
}
