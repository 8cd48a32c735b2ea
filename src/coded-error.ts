// An error of the toolkit from its code and message, as they come from another thread or a server: the class is that of
// the code.

import * as errors from './errors.ts'

const CLASSES: Readonly<Record<string, new (message: string) => errors.CrystalOnnxError>> = {
  ACCESS: errors.AccessError,
  CONFIG: errors.ConfigError,
  CONNECTION: errors.ConnectionError,
  DATASET: errors.DatasetError,
  DEADLINE: errors.DeadlineError,
  DEVICE: errors.DeviceError,
  DOMAIN: errors.DomainError,
  ELEMENT: errors.ElementError,
  LIMIT: errors.LimitError,
  MODEL_FILE: errors.ModelFileError,
  OVERLOADED: errors.OverloadError,
  OUTPUT: errors.OutputError,
  PARSE: errors.ParseError,
  REQUEST: errors.RequestError,
  STRUCTURE: errors.StructureError,
  UNKNOWN_MODEL: errors.UnknownModelError,
}

/** Undefined for a code that no error has on its way. */
export function codedError(code: string, message: string): errors.CrystalOnnxError | undefined {
  return Object.hasOwn(CLASSES, code) ? new CLASSES[code](message) : undefined
}
