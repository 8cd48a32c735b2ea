// One onnxruntime-node session in the current thread. `run` blocks this thread while the graph runs: open.ts puts it
// into a worker. Only the device that was named is asked for, so nothing falls back without a word.

import type { InferenceSession } from 'onnxruntime-common'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import { type Session, sessionOf } from '../session.ts'
import type { NodeDevice } from './devices.ts'
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
  const ort = await import('onnxruntime-node')
  // What onnxruntime prints it also throws. A level that somebody chose stays.
  if (ort.env.logLevel === 'warning') ort.env.logLevel = 'fatal'
  let session: InferenceSession
  try {
    session = await ort.InferenceSession.create(bytes, sessionOptions(options))
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

type Provider = InferenceSession.ExecutionProviderConfig

/**
 * The providers of a device. onnxruntime-node hands on these options and no others: for CUDA the number of the GPU
 * alone, which is why open.ts switches TF32 off another way.
 */
const PROVIDERS: Record<NodeDevice, (deviceId: number) => Provider[]> = {
  cpu: () => ['cpu'],
  cuda: (deviceId) => [{ name: 'cuda', deviceId }],
  // What TensorRT does not take goes to CUDA, as its documentation recommends, and not to the CPU.
  tensorrt: (deviceId) => [
    { name: 'tensorrt', deviceId },
    { name: 'cuda', deviceId },
  ],
  webgpu: () => ['webgpu'],
  dml: (deviceId) => [{ name: 'dml', deviceId }],
  // The older format and the neural engine compute in half precision.
  coreml: () => [{ name: 'coreml', coreMlFlags: CREATE_MLPROGRAM | USE_CPU_AND_GPU }],
}
/** Flags of onnxruntime's coreml_provider_factory.h. */
const CREATE_MLPROGRAM = 0x10
const USE_CPU_AND_GPU = 0x20

/** What a session of this device is opened with. */
export function sessionOptions({
  device,
  threads,
  deviceId = 0,
}: SessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: PROVIDERS[device](deviceId),
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
