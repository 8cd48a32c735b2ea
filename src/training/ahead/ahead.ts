// Crystals on a disk, prepared by another thread for the batches that come next.

import type { FedCrystal, Preparation } from '../../engines/preparation.ts'
import { DatasetError, TrainingError } from '../../errors.ts'
import { beside, startThread, type ThreadFile } from '../../threads.ts'
import type { AheadAnswer, AheadData, AheadTask } from './protocol.ts'

export interface Ahead {
  /** Asks for crystals; answers come in the order of the questions. @throws DatasetError for one that cannot be prepared */
  readonly ask: (places: AheadTask) => Promise<readonly FedCrystal[]>
  readonly close: () => Promise<void>
}

/** The thread's file lies beside this one. */
const THREAD: ThreadFile = {
  script: beside(import.meta.url, 'training.ahead.js'),
  source: './thread.ts',
  from: import.meta.url,
}

interface Waiting {
  readonly resolve: (crystals: readonly FedCrystal[]) => void
  readonly reject: (error: Error) => void
}

export function startAhead(preparation: Preparation): Ahead {
  const worker = startThread<AheadData>(THREAD, { preparation })
  const waiting: Waiting[] = []
  let end: Error | undefined
  // Only while somebody waits it keeps the process alive.
  worker.unref()
  const finish = (reason: string) => {
    end ??= new TrainingError(`the thread that prepares crystals failed: ${reason}`)
    for (const { reject } of waiting.splice(0)) reject(end)
  }
  worker.on('message', (answer: AheadAnswer) => {
    const { resolve, reject } = waiting.shift()!
    if (waiting.length === 0) worker.unref()
    if ('error' in answer) reject(new DatasetError(answer.error))
    else resolve(answer.crystals)
  })
  worker.on('error', ({ message }) => finish(message))
  worker.on('exit', (code) => finish(`it ended with code ${code}`))
  return {
    ask: (places) =>
      new Promise((resolve, reject) => {
        if (end) return reject(end)
        waiting.push({ resolve, reject })
        worker.ref()
        worker.postMessage(places)
      }),
    close: async () => {
      await worker.terminate()
    },
  }
}
