// How a worker thread of Node starts, from the built package and from a checkout alike. What crosses to it is its owner's.

import { Worker } from 'node:worker_threads'

export interface ThreadFile {
  /** In the built package. */
  readonly script: URL
  /** In a checkout, which runs as TypeScript. */
  readonly source: URL
}

/** Starts a thread with `workerData`. */
export function startThread<Data>({ script, source }: ThreadFile, workerData: Data): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(script, { workerData })
  // tsx's hooks do not reach a worker through `--import`: the worker registers them, then imports the source.
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'))
  const start = `import(${tsx}).then((tsx) => (tsx.register(), import(${JSON.stringify(source.href)})))`
  return new Worker(start, { workerData, eval: true })
}
