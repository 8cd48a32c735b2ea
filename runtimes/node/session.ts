// One onnxruntime-node session in the current thread. `run` blocks this thread while the graph runs. Only the device that was
// named is asked for, so nothing falls back without a word.

import type { InferenceSession } from 'onnxruntime-common'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import { bytesFor } from '../realm.ts'
import { type Session, sessionOf } from '../session.ts'
import { type NodeDevice, nodeRow } from './devices.ts'
import { whyNotOpened } from './reason.ts'

/** What a session needs to know besides the graph. */
export interface SessionOptions {
  readonly device: NodeDevice
  /** Threads of one run. */
  readonly threads: number
  /** Which GPU, for cuda, tensorrt and dml; the first by default. */
  readonly deviceId?: number
}

/** @throws DeviceError when the provider is not there or refuses the graph; ModelFileError when the CPU refuses it. */
export async function openSession(bytes: Uint8Array, options: SessionOptions): Promise<Session> {
  const ort = await onnxruntime(options.device)
  // What onnxruntime prints it also throws. A level that somebody chose stays.
  if (ort.env.logLevel === 'warning') ort.env.logLevel = 'fatal'
  let session: InferenceSession
  try {
    session = await ort.InferenceSession.create(
      bytesFor(ort.Tensor, inMemoryOfItsOwn(bytes)),
      sessionOptions(options),
    )
  } catch (cause) {
    const { message } = cause as Error
    // Every graph runs on the CPU: what it refuses is a broken file.
    if (options.device === 'cpu') {
      throw new ModelFileError(`onnxruntime cannot open the graph: ${message}; export the model again`, {
        cause,
      })
    }
    const reason = await whyNotOpened(options.device, message)
    throw new DeviceError(`device ${options.device} cannot open the model: ${reason}`, { cause })
  }
  return sessionOf(session, ort.Tensor, options.device)
}

/** @throws DeviceError where it is not installed, or not for this system: the fused engine does without it */
async function onnxruntime(device: NodeDevice) {
  try {
    return await import('onnxruntime-node')
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n')
    throw new DeviceError(`device ${device} has no onnxruntime: ${reason}; npm install onnxruntime-node`, {
      cause,
    })
  }
}

/** onnxruntime-node takes no shared memory. */
function inMemoryOfItsOwn(bytes: Uint8Array): Uint8Array {
  return bytes.buffer instanceof SharedArrayBuffer ? bytes.slice() : bytes
}

/** What a session of this device is opened with. */
export function sessionOptions({
  device,
  threads,
  deviceId = 0,
}: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: nodeRow(device).providers(deviceId),
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // A memory pattern is cached for every new set of input shapes, and every batch has new shapes: memory would grow
    // with each run. DirectML wants it off in any case.
    enableMemPattern: false,
    // Fatal only: an error is thrown, and need not be printed as well.
    logSeverityLevel: 4,
    // Threads that spin while they wait make a shared machine two to four times slower.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  }
}
