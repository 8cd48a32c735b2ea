// onnxruntime-web in the current thread: evaluators whose sessions are opened, run and released one after another. Whether that thread is the
// page's or a worker's is engine.ts's affair; which device, load.ts's.

import type { Env, InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common'
import type { Structure } from '../../src/crystal/structure.ts'
import { type CrystalOnnxError, DeviceError, ModelFileError } from '../../src/errors.ts'
import type { Attention } from '../attention.ts'
import type { Evaluator, ModelContent, Rows } from '../evaluator.ts'
import { graphEvaluator } from '../graph-evaluator.ts'
import { type Session, sessionBehind, sessionOf } from '../session.ts'
import { oneByOne } from '../turns.ts'
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

/** What a page asks of onnxruntime. Calls may overlap. */
export interface Host {
  start(settings: Settings): Promise<void>
  /** An evaluator, by number. @throws DeviceError, or ModelFileError when wasm refuses the graph */
  open(model: ModelContent, device: WebDevice): Promise<number>
  evaluate(
    evaluator: number,
    ...call: Parameters<Evaluator['evaluate']>
  ): Promise<readonly (Rows | CrystalOnnxError)[]>
  attention(evaluator: number, crystal: Structure): Promise<Attention>
  release(evaluator: number): Promise<void>
}

export function hostOf(load: (settings: Settings) => Promise<Onnxruntime>): Host {
  let ort: Onnxruntime
  const evaluators = new Map<number, Evaluator>()
  let next = 0
  /** onnxruntime-web does one thing at a time. */
  const inTurn = oneByOne()
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
    async open(model, device) {
      const openPart = (graph: Uint8Array) => sessionBehind(inTurn, () => openSession(ort, graph, device))
      const session = await openPart(model.bytes)
      // Started: the file is compiled.
      ort.env.wasm.wasmBinary = undefined
      evaluators.set(next, graphEvaluator(model, device, session, { openPart }))
      return next++
    },
    evaluate: (evaluator, ...call) => evaluators.get(evaluator)!.evaluate(...call),
    attention: (evaluator, crystal) => evaluators.get(evaluator)!.attention(crystal),
    async release(evaluator) {
      const released = evaluators.get(evaluator)
      evaluators.delete(evaluator)
      await released?.release()
    },
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
