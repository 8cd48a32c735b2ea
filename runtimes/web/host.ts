// onnxruntime-web in the current thread: sessions opened, run and released one after another. Whether that thread is the
// page's or a worker's is engine.ts's affair; which device, load.ts's.

import type { Env, InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import type { Outputs } from '../runtime.ts'
import { type Feeds, type Session, sessionOf } from '../session.ts'
import type { WebDevice } from './devices.ts'

/** What is used of onnxruntime-web, whichever entry it came from. */
export interface Onnxruntime {
  readonly env: Env
  readonly InferenceSession: InferenceSessionFactory
  readonly Tensor: TensorConstructor
}

/** Fixed once onnxruntime has started in a thread. */
export interface Settings {
  readonly threads: number
  /** Its WebAssembly file. */
  readonly binary: ArrayBuffer
  /** Address of its script, where a bundler has not put it into the worker. */
  readonly script?: string
}

/** What a page asks of onnxruntime. Everything is answered in order. */
export interface Host {
  start(settings: Settings): Promise<void>
  /** A session, by number. @throws DeviceError, or ModelFileError when wasm refuses the graph */
  open(bytes: Uint8Array, device: WebDevice): Promise<number>
  run(session: number, feeds: Feeds, outputs?: readonly string[]): Promise<Outputs>
  release(session: number): Promise<void>
}

export function hostOf(load: (settings: Settings) => Promise<Onnxruntime>): Host {
  let ort: Onnxruntime
  const sessions = new Map<number, Session>()
  let next = 0
  let last: Promise<unknown> = Promise.resolve()
  /** onnxruntime-web does one thing at a time. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work)
    last = result.catch(() => undefined)
    return result
  }
  return {
    start: (settings) =>
      inTurn(async () => {
        ort = await load(settings).catch((cause: Error) => {
          throw new DeviceError(
            `onnxruntime-web cannot start: ${cause.message}; check that its scripts are served, as JavaScript`,
            { cause },
          )
        })
        // Errors are thrown, and need not be printed as well.
        ort.env.logLevel = 'fatal'
        ort.env.wasm.numThreads = settings.threads
        ort.env.wasm.wasmBinary = settings.binary
      }),
    open: (bytes, device) =>
      inTurn(async () => {
        sessions.set(next, await openSession(ort, bytes, device))
        // Started: the file is compiled.
        ort.env.wasm.wasmBinary = undefined
        return next++
      }),
    run: (session, feeds, outputs) => inTurn(() => sessions.get(session)!.run(feeds, outputs)),
    release: (session) =>
      inTurn(async () => {
        const released = sessions.get(session)
        sessions.delete(session)
        await released?.release()
      }),
  }
}

async function openSession(
  { InferenceSession, Tensor }: Onnxruntime,
  bytes: Uint8Array,
  device: WebDevice,
): Promise<Session> {
  let session: InferenceSession
  try {
    session = await InferenceSession.create(bytes, sessionOptions(device))
  } catch (cause) {
    const { message } = cause as Error
    // Every graph runs on wasm: what it refuses once it runs is a broken file.
    if (device === 'wasm' && !message.startsWith('no available backend')) {
      throw new ModelFileError(`onnxruntime cannot open the graph: ${message}; export the model again`, {
        cause,
      })
    }
    throw new DeviceError(`device ${device} cannot open the model: ${message}`, { cause })
  }
  return sessionOf(session, Tensor, device)
}

/** What a session of this device is opened with. */
export function sessionOptions(device: WebDevice): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    // As in Node: a pattern is cached for every new set of input shapes, and every batch has new shapes.
    enableMemPattern: false,
    logSeverityLevel: 4,
  }
}
