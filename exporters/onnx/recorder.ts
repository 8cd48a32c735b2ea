// Runs a tfjs function on a backend of our own that wraps every kernel of the CPU backend and writes down each one
// that depends on an input. Kernels on constants alone run but are not taped, so constant parts fold by themselves.

import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import { callSite, formatSite } from './callsite.ts'
import type { CompositeKernel } from './composite.ts'
import { type Recording, whileRecording } from './scope.ts'
import type { Reference, Snapshot, Tape, TapedTensor, TapeEntry } from './tape.ts'
import type { ConstantData } from './values.ts'

const BACKEND = 'onnx-recorder'

/** Results of the recorded function: one tensor, an array, or tensors by name. */
export type Recorded = tf.Tensor | tf.Tensor[] | Record<string, tf.Tensor>
type Attributes = Readonly<Record<string, unknown>>

/** An input tensor at one recording. */
export interface Sample extends TapedTensor {
  readonly data: ConstantData
}

/** The CPU backend, except that reading a value that depends on an input is refused while a function is recorded. */
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

/** One recording, as the wrapped kernels see it. */
interface Session {
  readonly onKernel: (kernel: string, call: KernelCall, run: () => KernelOutputs) => KernelOutputs
  readonly onRead: (dataId: object) => void
}

type KernelCall = Parameters<tf.KernelFunc>[0]
type KernelOutputs = ReturnType<tf.KernelFunc>

/** Copies of constants by the identity of their data, shared by all recordings of one export. */
type Snapshots = WeakMap<object, Snapshot>

/**
 * Records `fn` once per set of samples, on a backend of its own; the backend in use before is restored.
 * @param names of the outputs, for a function that returns a tensor or an array.
 */
export async function record(
  fn: (inputs: Record<string, tf.Tensor>) => Recorded,
  samples: readonly ReadonlyMap<string, Sample>[],
  names: readonly string[] | undefined,
  onRecording?: (index: number) => void,
): Promise<Tape[]> {
  await tf.ready()
  // From here to the end nothing waits, so that no other code ever runs on the recording backend.
  const before = tf.getBackend()
  const backend = recordingBackend()
  const snapshots: Snapshots = new WeakMap()
  try {
    return samples.map((inputs, index) => {
      onRecording?.(index)
      try {
        return recordOnce(fn, inputs, names, backend, snapshots)
      } catch (cause) {
        if (cause instanceof CrystalOnnxError) throw cause
        const shapes = [...inputs].map(([name, { shape }]) => `${name} [${shape}]`).join(', ')
        throw new ExportError(
          `the function failed while it was recorded with ${shapes}: ${(cause as Error).message}. Where these sizes are ` +
            'too small for it, choose others with option sizes; where values are illegal, give that input a sample',
          { cause },
        )
      }
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

function recordOnce(
  fn: (inputs: Record<string, tf.Tensor>) => Recorded,
  samples: ReadonlyMap<string, Sample>,
  names: readonly string[] | undefined,
  backend: RecordingBackend,
  snapshots: Snapshots,
): Tape {
  const entries: TapeEntry[] = []
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

  function reference(tensor: tf.TensorInfo): Reference {
    return made.get(tensor.dataId) ?? { kind: 'constant', snapshot: snapshot(tensor) }
  }

  /** tidy() disposes constants as soon as they are used, so their values are copied when they are. */
  function snapshot(tensor: tf.TensorInfo): Snapshot {
    const copied = snapshots.get(tensor.dataId)
    if (copied && sameDims(copied.shape, tensor.shape)) return copied
    const taken = copyOf(tensor, backend)
    snapshots.set(tensor.dataId, taken)
    return taken
  }

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
      const result = inside(run)
      if (!given.some(([, { dataId }]) => made.has(dataId))) return result
      const outputs = (Array.isArray(result) ? result : [result]).map((output) =>
        given.some(([, { dataId }]) => dataId === output.dataId) ? unaliased(output, backend) : output,
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
      if (depth > 0 || !inputs.some(({ dataId }) => made.has(dataId))) return run()
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
      for (const [name, tensor] of named(
        whileRecording(session, () => fn(inputs)),
        names,
      )) {
        outputs.set(name, { ...reference(tensor), dtype: tensor.dtype, shape: tensor.shape })
      }
    })
  } finally {
    backend.session = undefined
  }
  return { entries, outputs }
}

const sameDims = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i])

/** Reshape, Identity and others return the data of their input: give the result an identity of its own. */
function unaliased(output: tf.TensorInfo, backend: RecordingBackend): tf.TensorInfo {
  const { dataId, shape, dtype } = output
  const copy = backend.write(backend.data.get(dataId).values!, shape, dtype)
  backend.decRef(dataId)
  return { dataId: copy, shape, dtype }
}

function copyOf(tensor: tf.TensorInfo, backend: RecordingBackend): Snapshot {
  const { dtype, shape } = tensor
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new ExportError(`a constant of dtype ${dtype} cannot be exported (${formatSite(callSite())})`)
  }
  const values = backend.readSync(tensor.dataId) as ArrayLike<number>
  const TypedArray = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array
  const label = tensor instanceof tf.Variable && /[A-Za-z]/.test(tensor.name) ? tensor.name : undefined
  return { dtype, shape: [...shape], data: TypedArray.from(values), label }
}

/** The outputs by name. @throws ExportError when the function returns anything but tensors. */
function named(result: Recorded, names: readonly string[] = []): [string, tf.Tensor][] {
  const list: [string, unknown][] =
    result instanceof tf.Tensor
      ? [[names[0] ?? 'output', result]]
      : Array.isArray(result)
        ? result.map((tensor, i) => [names[i] ?? `output_${i}`, tensor])
        : Object.entries(result ?? {})
  if (list.length === 0) throw new ExportError(`the function returned no tensors; ${RETURNS}`)
  if (names.length > 0 && names.length !== list.length) {
    throw new ExportError(
      `the function returned ${list.length} outputs, option outputs names ${names.length}`,
    )
  }
  if (new Set(list.map(([name]) => name)).size < list.length) {
    throw new ExportError(
      `outputs ${list.map(([name]) => `"${name}"`).join(', ')}: each needs a name of its own`,
    )
  }
  for (const [name, tensor] of list) {
    if (!(tensor instanceof tf.Tensor)) throw new ExportError(`output "${name}" is no tensor; ${RETURNS}`)
  }
  return list as [string, tf.Tensor][]
}

const RETURNS =
  "it must return tensors of this process's @tensorflow/tfjs-core: one, an array, or by name, and not as a promise"
