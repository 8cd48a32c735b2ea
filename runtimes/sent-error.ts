// An error on its way between threads, which copy its message but not its class.

import { CrystalOnnxError, DeviceError, ModelFileError } from '../src/errors.ts'

export interface SentError {
  readonly message: string
  readonly code: string
}

/** What is sent of an error: of one that is not ours, as the device's. */
export function sentError(error: unknown): SentError {
  const { message } = error as Error
  return { message, code: error instanceof CrystalOnnxError ? error.code : 'DEVICE' }
}

/** The error in the class that it had on the other side. */
export function receivedError({ message, code }: SentError): CrystalOnnxError {
  return code === 'MODEL_FILE' ? new ModelFileError(message) : new DeviceError(message)
}
