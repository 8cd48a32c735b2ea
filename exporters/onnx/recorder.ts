// Runs a tfjs function on a backend of our own that wraps every kernel of the CPU backend and writes down each one
// that depends on an input. Kernels on constants alone run but are not taped, so constant parts fold by themselves.

import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import { type Recording, whileRecording } from '../../src/scope.ts'
import { callSite, formatSite } from './callsite.ts'
import type { CompositeKernel } from './composite.ts'
import { namedOutputs, type Recorded } from './results.ts'
import { createSnapshots, type TakeSnapshot } from './snapshots.ts'
import type { Reference, Tape, TapedTensor, TapeEntry } from './tape.ts'
import type { ConstantData } from './values.ts'

const BACKEND = 'onnx-recorder'

/** A function of tensors by name; it returns one tensor, an array of them, or tensors by name. */
export type RecordedFunction = (inputs: Record<string, tf.Tensor>) => Recorded
type KernelCall = Parameters<tf.KernelFunc>[0]
type KernelOutputs = ReturnType<tf.KernelFunc>
type Attributes = Readonly<Record<string, unknown>>

/** An input tensor at one recording. */
export interface Sample extends TapedTensor {
  readonly data: ConstantData
}

/** One recording, as the wrapped kernels see it. */
interface Session {
  readonly onKernel: (kernel: string, call: KernelCall, run: () => KernelOutputs) => KernelOutputs
  readonly onRead: (dataId: object) => void
}

/** The CPU backend, except that a session, while there is one, sees what kernels do and what is read. */
class RecordingBackend extends MathBackendCPU {
  session: Session | undefined

  constructor() {
    super()
    // The CPU backend greets its first user with an advertisement.
    Object.assign(this, { firstUse: false })
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    this.session?.onRead(dataId)
    return super.readSync(dataId)
  }
}

/**
 * Records `fn` once per set of samples, on a backend of its own; the backend in use before is restored.
 * @param names of the outputs, for a function that returns a tensor or an array.
 * @throws ExportError when the function fails, reads values, or returns no tensors.
 */
export async function record(
  fn: RecordedFunction,
  samples: readonly ReadonlyMap<string, Sample>[],
  names: readonly string[] | undefined,
  onRecording?: (index: number) => void,
): Promise<Tape[]> {
  await tf.ready()
  // From here to the end nothing waits, so that no other code ever runs on the recording backend.
  const before = tf.getBackend()
  const backend = recordingBackend()
  const snapshot = createSnapshots((tensor) => backend.readSync(tensor.dataId) as ArrayLike<number>)
  try {
    return samples.map((inputs, index) => {
      onRecording?.(index)
      return explained(inputs, () => recordOnce(fn, inputs, names, backend, snapshot))
    })
  } finally {
    use(before)
  }
}

/** Registers the backend at first use, and wraps the kernels that were added to the CPU backend since the last. */
function recordingBackend(): RecordingBackend {
  if (!tf.engine().registryFactory[BACKEND]) tf.registerBackend(BACKEND, () => new RecordingBackend(), 0)
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
    if (tf.getKernel(kernelName, BACKEND)) continue
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: (call) => {
        const { session } = call.backend as RecordingBackend
        return session ? session.onKernel(kernelName, call, () => kernelFunc(call)) : kernelFunc(call)
      },
    })
  }
  use(BACKEND)
  return tf.backend() as RecordingBackend
}

/** Makes a backend the current one at once: setBackend only waits for backends that are not ready. */
function use(backend: string): void {
  void tf.setBackend(backend)
  if (tf.getBackend() !== backend) throw new ExportError(`the tfjs backend "${backend}" is not ready`)
}

/** Adds to an error of the function itself at which sizes it happened. */
function explained<T>(inputs: ReadonlyMap<string, Sample>, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof CrystalOnnxError) throw cause
    const shapes = [...inputs].map(([name, { shape }]) => `${name} [${shape}]`).join(', ')
    throw new ExportError(
      `the function failed while it was recorded with ${shapes}: ${(cause as Error).message}. Where these sizes are too ` +
        'small for it, choose others with option sizes; where values are illegal, give that input a sample',
      { cause },
    )
  }
}

function recordOnce(
  fn: RecordedFunction,
  samples: ReadonlyMap<string, Sample>,
  names: readonly string[] | undefined,
  backend: RecordingBackend,
  snapshot: TakeSnapshot,
): Tape {
  const entries: TapeEntry[] = []
  /** Where the data of each tensor that depends on an input came from. */
  const made = new WeakMap<object, Reference>()
  const path: string[] = []
  /** Kernels that run inside another one are part of it. */
  let depth = 0

  const inside = <T>(run: () => T): T => {
    depth++
    try {
      return run()
    } finally {
      depth--
    }
  }
  const depends = (tensors: readonly tf.TensorInfo[]) => tensors.some(({ dataId }) => made.has(dataId))
  const reference = (tensor: tf.TensorInfo): Reference =>
    made.get(tensor.dataId) ?? { kind: 'constant', snapshot: snapshot(tensor) }

  function tape(
    kernel: string,
    inputs: readonly (readonly [string, tf.TensorInfo])[],
    attrs: Attributes,
    outputs: readonly tf.TensorInfo[],
    composite?: CompositeKernel,
  ): void {
    const entry = entries.length
    entries.push({
      kernel,
      path: [...path],
      site: callSite(),
      inputs: new Map(inputs.map(([name, tensor]) => [name, reference(tensor)])),
      attrs,
      outputs: outputs.map(({ dtype, shape }) => ({ dtype, shape: [...shape] })),
      composite,
    })
    for (const [index, { dataId }] of outputs.entries()) made.set(dataId, { kind: 'output', entry, index })
  }

  const session: Session & Recording = {
    path,
    onKernel(kernel, call, run) {
      if (depth > 0) return run()
      const given = Object.entries(call.inputs).filter(
        (pair): pair is [string, tf.TensorInfo] => pair[1] != null,
      )
      const tensors = given.map(([, tensor]) => tensor)
      const result = inside(run)
      if (!depends(tensors)) return result
      const outputs = (Array.isArray(result) ? result : [result]).map((output) =>
        tensors.some(({ dataId }) => dataId === output.dataId) ? unaliased(output, backend) : output,
      )
      tape(kernel, given, call.attrs ?? {}, outputs)
      return Array.isArray(result) ? outputs : outputs[0]
    },
    onRead(dataId) {
      if (depth > 0 || !made.has(dataId)) return
      throw new ExportError(
        `the function reads the values of a tensor that depends on its inputs, at ${formatSite(callSite())}: what ` +
          'JavaScript does with values cannot be exported; use tensor operations such as tf.where instead',
      )
    },
    composite(definition, tensors, attributes) {
      const kernel = definition as CompositeKernel
      const inputs = tensors as readonly tf.Tensor[]
      const attrs = attributes as Attributes
      const run = () => tf.tidy(() => kernel.forward(inputs, attrs))
      if (depth > 0 || !depends(inputs)) return run()
      const output = inside(run)
      tape(
        kernel.name,
        inputs.map((tensor, i) => [String(i), tensor]),
        attrs,
        [output],
        kernel,
      )
      return output
    },
  }

  const outputs = new Map<string, Reference & TapedTensor>()
  backend.session = session
  try {
    tf.tidy(() => {
      const inputs: Record<string, tf.Tensor> = Object.create(null)
      for (const [name, { data, shape, dtype }] of samples) {
        inputs[name] = tf.tensor(data, [...shape], dtype as tf.DataType)
        made.set(inputs[name].dataId, { kind: 'input', name })
      }
      const result = whileRecording(session, () => fn(inputs))
      for (const [name, tensor] of namedOutputs(result, names)) {
        outputs.set(name, { ...reference(tensor), dtype: tensor.dtype, shape: tensor.shape })
      }
    })
  } finally {
    backend.session = undefined
  }
  return { entries, outputs }
}

/** Reshape, Identity and others return the data of their input: give the result an identity of its own. */
function unaliased({ dataId, shape, dtype }: tf.TensorInfo, backend: RecordingBackend): tf.TensorInfo {
  const copy = backend.write(backend.data.get(dataId).values!, shape, dtype)
  backend.decRef(dataId)
  return { dataId: copy, shape, dtype }
}
