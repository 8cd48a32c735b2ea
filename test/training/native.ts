// Backends that are optional peers: whether one starts on this machine, for tests that need it, and the way of a GPU on
// machines without one.

import { beforeAll, describe, it } from 'vitest'
import type { BackendName } from '../../src/engines/backends.ts'
import type { Engine } from '../../src/engines/engine.ts'
import { selectBackend } from '../../src/engines/select.ts'

/** TensorFlow on the CPU, without the heap that it would not have on a GPU: everything is left to TensorFlow. */
export const LIKE_A_GPU = 'tensorflow like a GPU'
export type TestedBackend = BackendName | typeof LIKE_A_GPU

/** Undefined when the backend starts, else why it does not. */
export async function whyNot(name: TestedBackend): Promise<string | undefined> {
  return startBackend(name).then(
    () => undefined,
    (error: Error) => error.message.split(';')[0],
  )
}

export async function startBackend(name: TestedBackend): Promise<Engine> {
  if (name !== LIKE_A_GPU) return selectBackend(name)
  return { ...(await selectBackend('tensorflow')), heap: undefined }
}

/** A suite on a backend, which it gets when a test runs. Where that does not start: one skipped test that says why. */
export async function describeBackend(
  name: TestedBackend,
  title: string,
  suite: (engine: () => Engine) => void,
): Promise<void> {
  const absent = await whyNot(name)
  describe(title, () => {
    if (absent !== undefined) return it.skip(absent, () => {})
    let engine: Engine
    beforeAll(async () => {
      engine = await startBackend(name)
    })
    suite(() => engine)
  })
}
