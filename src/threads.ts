// How a worker thread or a process of Node starts with a program of this toolkit, from the built package and from a
// checkout alike. What crosses to it is its owner's.

import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { PlatformError } from './errors.ts'

export interface ThreadFile {
  /** In the built package. */
  readonly script: URL
  /** In a checkout, which runs as TypeScript: seen from `from`, since bundlers follow every address that is written out. */
  readonly source: string
  /** Address of the module that starts it. */
  readonly from: string
}

if ((import.meta.url as string | undefined) === undefined) {
  throw new PlatformError(
    'crystal-onnx is in a bundle of CommonJS, where it finds none of its files; bundle to ES modules (esbuild --format=esm), ' +
      'or leave the package out of the bundle (--external:crystal-onnx)',
  )
}
/** Whether this is the source, and not what was built of it. */
export const inCheckout = import.meta.url.endsWith('.ts')

/** The address of a file of the package. Bundlers would take a copy of a script without what it imports, where it is written out. */
export function beside(from: string, name: string): URL {
  return new URL(name, from)
}

/** Of a module, such as those of tsx in a checkout. Taken apart, since webpack warns of a call of `import.meta.resolve`. */
const { resolve } = import.meta

/** Whether its file is here: a bundler may have left it behind. */
export function isThere({ script }: ThreadFile): boolean {
  return inCheckout || (script.protocol === 'file:' && existsSync(fileURLToPath(script)))
}

/** Starts a thread with `workerData`. */
export function startThread<Data>(
  { script, source, from }: ThreadFile,
  workerData: Data,
  options: Pick<WorkerOptions, 'resourceLimits'> = {},
): Worker {
  // A program on Node's command line (--input-type=module -e …) leaves a flag that a thread with a file refuses.
  const fromCommandLine = process.execArgv.some((flag) => flag.startsWith('--input-type'))
  if (!inCheckout)
    return new Worker(script, { ...options, workerData, ...(fromCommandLine && { execArgv: [] }) })
  // tsx's hooks do not reach a worker through `--import`: the worker registers them, then imports the source.
  const tsx = JSON.stringify(resolve('tsx/esm/api'))
  const start = `import(${tsx}).then((tsx) => (tsx.register(), import(${JSON.stringify(new URL(source, from).href)})))`
  return new Worker(start, { ...options, workerData, eval: true })
}

/** Starts a process with the environment `env`; `data` is the first message that it gets. */
export function startProcess<Data extends object>(
  { script, source, from }: ThreadFile,
  data: Data,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const child = fork(inCheckout ? new URL(source, from) : script, {
    env,
    execArgv: inCheckout ? ['--import', resolve('tsx')] : [],
    // Arrays go as they are.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.send(data)
  return child
}
