// The page's end of the worker that fine-tunes: one worker a training, which is ended to cancel it.

import type { FineTuned, Reply, Request } from './protocol.ts'

export type Progress = Exclude<Reply, { readonly result: FineTuned }>

export interface Training {
  /** What came of it. Never settles once it is cancelled. */
  readonly result: Promise<FineTuned | Extract<Reply, { readonly failure: unknown }>>
  readonly cancel: () => void
}

export function start(request: Request, onProgress: (progress: Progress) => void): Training {
  const worker = new Worker(new URL('./fine-tune-worker.ts', import.meta.url), {
    type: 'module',
    name: 'fine-tune',
  })
  const result = new Promise<FineTuned | Extract<Reply, { readonly failure: unknown }>>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      if ('result' in data) resolve(data.result)
      else if ('failure' in data) resolve(data)
      else onProgress(data)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      const why = event.message || 'its script cannot be loaded'
      resolve({ failure: { code: 'INTERNAL', message: `the worker that fine-tunes stopped: ${why}` } })
    }
  })
  void result.then(() => worker.terminate())
  worker.postMessage(request)
  return { result, cancel: () => worker.terminate() }
}
