// Whether a backend that is an optional peer starts on this machine, for tests that need it.

import type { BackendName } from '../../src/training/backend/select.ts'
import { selectBackend } from '../../src/training/backend/select.ts'

/** Undefined when the backend starts, else why it does not. */
export async function whyNot(name: BackendName): Promise<string | undefined> {
  return selectBackend(name).then(
    () => undefined,
    (error: Error) => error.message.split(';')[0],
  )
}
