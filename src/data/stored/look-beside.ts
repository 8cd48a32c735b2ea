// Looks at a data set on a disk in a thread (look-thread.ts): the garbage of a million crystals stays below a limit there, and
// goes with it.

import { once } from 'node:events'
import { beside, startThread, type ThreadFile } from '../../threads.ts'
import type { CheckOptions } from '../check/check.ts'
import type { DataLook } from '../check/look.ts'
import type { IndexPlace } from '../crystals.ts'

/** The thread's file lies beside this one. */
const THREAD: ThreadFile = {
  script: beside(import.meta.url, 'data.look.js'),
  source: './look-thread.ts',
  from: import.meta.url,
}
/** MB of objects; 50,000 crystals, looked at, take 100. */
const HEAP = 384

export interface LookTask {
  readonly place: IndexPlace
  readonly options: CheckOptions
}

/** Undefined where the index is not there any more. */
export async function lookBeside(task: LookTask): Promise<DataLook | undefined> {
  const worker = startThread<LookTask>(THREAD, task, { resourceLimits: { maxOldGenerationSizeMb: HEAP } })
  try {
    const [look] = await once(worker, 'message')
    return look
  } finally {
    await worker.terminate()
  }
}
