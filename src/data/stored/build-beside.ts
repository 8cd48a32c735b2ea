// Makes the index of a data set in a thread (thread.ts).

import { codedError } from '../../coded-error.ts'
import { DatasetError } from '../../errors.ts'
import { beside, startThread, type ThreadFile } from '../../threads.ts'
import type { ReadOptions } from '../dataset.ts'
import type { BuildAnswer, BuildData } from './protocol.ts'

/** The thread's file lies beside this one. */
const THREAD: ThreadFile = {
  script: beside(import.meta.url, 'data.index.js'),
  source: './thread.ts',
  from: import.meta.url,
}

/** @throws CrystalOnnxError as readDataset and buildStored */
export async function buildBeside(data: BuildData, onProgress: ReadOptions['onProgress']): Promise<void> {
  const worker = startThread<BuildData>(THREAD, data)
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (answer: BuildAnswer) => {
        if ('progress' in answer) return onProgress?.(answer.progress)
        if (!answer.error) return resolve()
        const { code, message } = answer.error
        reject(codedError(code, message) ?? new DatasetError(message))
      })
      worker.on('error', reject)
      worker.on('exit', (code) =>
        reject(new DatasetError(`the thread that reads the data ended with code ${code}`)),
      )
    })
  } finally {
    await worker.terminate()
  }
}
