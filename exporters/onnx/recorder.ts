// Runs a tfjs function on a backend of our own that wraps every kernel of the CPU backend and writes down each one
// that depends on an input. Tensors that depend on inputs have a type and a shape but no numbers: nobody may read them,
// so nothing is computed (hollow.ts). Kernels on constants alone run but are not taped: constant parts fold by
// themselves, and each constant remembers what it was made of.

import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import { type Recording, whileRecording } from '../../src/scope.ts'
import { callSite, formatPlace, formatSite } from './callsite.ts'
import { type Recorded, withoutComplex } from './complex.ts'
import { COUNTED, type Counts, createCounts } from './counts.ts'
import type { RecordedStep, RunStep } from './composite.ts'
import { hollowResults } from './hollow.ts'
import { REFUSED } from './lower/refused.ts'
import { loweringOf } from './lower/registered.ts'
import { namedOutputs, type Results } from './results.ts'
import { createSnapshots, type TakeSnapshot } from './snapshots.ts'
import type { Constant, Origin, Reference, Tape, TapedTensor, TapeEntry } from './tape.ts'
import { use } from './use-backend.ts'

const BACKEND = 'onnx-recorder'
/** Constants of other types can be used up in kernels, but not stand in a graph. */
const CONSTANT_TYPES: ReadonlySet<string> = new Set(['float32', 'int32', 'bool'])

/** A function of tensors by name; it returns one tensor, an array of them, or tensors by name. */
export type RecordedFunction = (inputs: Record<string, tf.Tensor>) => Results
type KernelCall = Parameters<tf.KernelFunc>[0]
type KernelOutputs = ReturnType<tf.KernelFunc>
type Attributes = Readonly<Record<string, unknown>>

/** The function itself fails, at these sizes. */
export class FunctionFailed extends ExportError {}

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

/** How a function is recorded. */
export interface RecordOptions {
  /** of the outputs, for a function that returns a tensor or an array */
  readonly names: readonly string[] | undefined
  /** Whether the function may fail at the inputs of this number. */
  readonly mayFail: (index: number) => boolean
  /** Symbols of sizes of the inputs. */
  readonly symbols: readonly string[]
  /** What stands for a size that values tell, in the recording of this number. */
  readonly counted: (symbol: string, index: number) => number | undefined
  readonly onRecording?: (index: number) => void
}

/**
 * Records `fn` once per set of inputs, on a backend of its own; the backend in use before is restored.
 * @returns one tape each; undefined where the function fails, if `mayFail` says that it may at these inputs
 * @throws FunctionFailed where it may not; ExportError when it reads values, or returns no tensors.
 */
export async function record(
  fn: RecordedFunction,
  inputs: readonly ReadonlyMap<string, TapedTensor>[],
  { names, mayFail, symbols, counted, onRecording }: RecordOptions,
): Promise<(Tape | undefined)[]> {
  await tf.ready()
  // From here to the end nothing waits, so that no other code ever runs on the recording backend.
  const before = tf.getBackend()
  const backend = recordingBackend()
  const origins = new WeakMap<object, Origin>()
  const snapshot = createSnapshots(
    (tensor) => backend.readSync(tensor.dataId) as ArrayLike<number>,
    ({ dataId }) => origins.get(dataId),
  )
  try {
    return inputs.map((given, index) => {
      onRecording?.(index)
      try {
        const counts = createCounts(symbols, (symbol) => counted(symbol, index))
        return explained(given, () => recordOnce(fn, given, names, backend, { snapshot, origins, counts }))
      } catch (error) {
        if (error instanceof FunctionFailed && mayFail(index)) return undefined
        throw error
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

/** Adds to an error of the function itself at which sizes it happened. */
function explained<T>(inputs: ReadonlyMap<string, TapedTensor>, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof CrystalOnnxError) throw cause
    const shapes = [...inputs].map(([name, { shape }]) => `${name} [${shape}]`).join(', ')
    throw new FunctionFailed(
      `the function failed while it was recorded with ${shapes}: ${(cause as Error).message}. Where these sizes are too ` +
        'small for it, choose others with option sizes',
      { cause },
    )
  }
}

interface Constants {
  readonly snapshot: TakeSnapshot
  /** By the data of each constant that a kernel made. */
  readonly origins: WeakMap<object, Origin>
  readonly counts: Counts
}

function recordOnce(
  fn: RecordedFunction,
  inputs: ReadonlyMap<string, TapedTensor>,
  names: readonly string[] | undefined,
  backend: RecordingBackend,
  { snapshot, origins, counts }: Constants,
): Tape {
  const entries: TapeEntry<Recorded>[] = []
  /** Where the data of each tensor that depends on an input came from. */
  const made = new WeakMap<object, Reference>()
  /** Data of tensors that depend on an input, also within a composite kernel: without numbers. */
  const hollow = new WeakSet<object>()
  const path: string[] = []
  /** Kernels that run inside another one are part of it. */
  let depth = 0
  /** Kernels without a rule for their shape run on zeros, and may read those. */
  let computing = false

  const inside = <T>(run: () => T): T => {
    depth++
    try {
      return run()
    } finally {
      depth--
    }
  }
  const computed = <T>(run: () => T): T => {
    computing = true
    try {
      return run()
    } finally {
      computing = false
    }
  }
  /** A tensor without numbers. */
  const emptyLike = ({ shape, dtype }: TapedTensor): tf.Tensor => {
    const info = backend.makeTensorInfo([...shape], dtype as tf.DataType)
    hollow.add(info.dataId)
    return tf.engine().makeTensorFromTensorInfo(info)
  }
  const depends = (tensors: readonly tf.TensorInfo[]) => tensors.some(({ dataId }) => hollow.has(dataId))
  const constant = (tensor: tf.TensorInfo): Constant => ({ kind: 'constant', snapshot: snapshot(tensor) })
  const reference = (tensor: tf.TensorInfo): Recorded => {
    const known = made.get(tensor.dataId)
    if (known) return known
    const { complexTensorInfos: parts } = backend.data.get(tensor.dataId)
    if (!parts) return constant(tensor)
    return { kind: 'complex', real: constant(parts.real), imag: constant(parts.imag) }
  }

  function entryOf(
    kernel: string,
    inputs: readonly (readonly [string, tf.TensorInfo])[],
    attrs: Attributes,
    outputs: readonly tf.TensorInfo[],
    composite?: RecordedStep,
  ): TapeEntry<Recorded> {
    return {
      kernel,
      path: [...path],
      site: callSite(),
      inputs: new Map(inputs.map(([name, tensor]) => [name, reference(tensor)])),
      attrs,
      outputs: outputs.map(({ dtype, shape }) => ({ dtype, shape: [...shape] })),
      composite,
    }
  }

  function tape(entry: TapeEntry<Recorded>, outputs: readonly tf.TensorInfo[]): void {
    const at = entries.push(entry) - 1
    for (const [index, { dataId }] of outputs.entries())
      made.set(dataId, { kind: 'output', entry: at, index })
  }

  const session: Session & Recording = {
    path,
    onKernel(kernel, call, run) {
      if (computing) return run()
      const attrs = call.attrs ?? {}
      const given = Object.entries(call.inputs).filter(
        (pair): pair is [string, tf.TensorInfo] => pair[1] != null,
      )
      const tensors = given.map(([, tensor]) => tensor)
      if (!depends(tensors)) {
        const result = inside(run)
        if (depth > 0) return result
        if (![...tensors, result].flat().every(({ dtype }) => CONSTANT_TYPES.has(dtype))) return result
        const outputs = [result].flat().map((output) => unaliased(output, tensors, backend))
        const entry = entryOf(kernel, given, attrs, outputs)
        for (const [index, { dataId }] of outputs.entries())
          origins.set(dataId, { entry: entry as TapeEntry, index })
        return Array.isArray(result) ? outputs : outputs[0]
      }
      const reason = depth === 0 && !loweringOf(kernel) ? REFUSED.get(kernel) : undefined
      if (reason) {
        const place = formatPlace(callSite(), path)
        throw new ExportError(`the kernel ${kernel}, ${place}, cannot be exported: ${reason}`)
      }
      const what = COUNTED.get(kernel)
      const counted = what === undefined ? undefined : counts.take(what, depth > 0)
      const result = hollowResults(
        {
          ...{ kernel, inputs: Object.fromEntries(given), takesList: Array.isArray(call.inputs), attrs },
          count: counted?.size,
        },
        backend,
        (dataId) => hollow.has(dataId),
        () => computed(run),
      )
      const outputs = [result].flat()
      for (const { dataId } of outputs) hollow.add(dataId)
      if (depth === 0) {
        const all = counted ? { ...attrs, counted: counted.symbol } : attrs
        tape(entryOf(kernel, given, all, outputs), outputs)
      }
      return result
    },
    onRead(dataId) {
      if (computing || !hollow.has(dataId)) return
      throw new ExportError(
        `the function reads the values of a tensor that depends on its inputs, at ${formatSite(callSite())}: what ` +
          'JavaScript does with values cannot be exported; use tensor operations such as tf.where instead',
      )
    },
    composite(definition, tensors, attributes) {
      const kernel = definition as RunStep
      const inputs = tensors as readonly tf.Tensor[]
      const attrs = attributes as Attributes
      const run = () => tf.tidy(() => kernel.forward(inputs, attrs))
      if (depth > 0 || !depends(inputs)) return run()
      const output = inside(run)
      const given = inputs.map((tensor, i) => [kernel.inputs?.[i] ?? String(i), tensor] as const)
      tape(entryOf(kernel.name, given, attrs, [output], kernel), [output])
      return output
    },
    depends: (tensor) => depends([tensor as tf.Tensor]),
    unwritten(fn, like) {
      const place = [...path]
      try {
        return inside(() => fn((like as tf.Tensor[]).map(emptyLike)))
      } finally {
        path.splice(0, path.length, ...place)
      }
    },
    nesting(definition, tensors, like, attrs = {}) {
      const step = definition as RecordedStep
      const outputs = (like as tf.Tensor[]).map(emptyLike)
      const given = (tensors as tf.Tensor[]).map((tensor, i) => [String(i), tensor] as const)
      if (depth === 0) tape(entryOf(step.name, given, attrs, outputs, step), outputs)
      return outputs
    },
    count: (what) => counts.take(what, depth > 0),
  }

  const outputs = new Map<string, Recorded & TapedTensor>()
  backend.session = session
  try {
    tf.tidy(() => {
      const given: Record<string, tf.Tensor> = Object.create(null)
      for (const [name, like] of inputs) {
        given[name] = emptyLike(like)
        made.set(given[name].dataId, { kind: 'input', name })
      }
      const result = whileRecording(session, () => fn(given))
      for (const [name, tensor] of namedOutputs(result, names)) {
        outputs.set(name, { ...reference(tensor), dtype: tensor.dtype, shape: tensor.shape })
      }
    })
  } finally {
    backend.session = undefined
  }
  return withoutComplex({ entries, counts: counts.taken, outputs })
}

/** Reshape, Identity and others return the data of their input: give the result an identity of its own. */
function unaliased(
  output: tf.TensorInfo,
  inputs: readonly tf.TensorInfo[],
  backend: RecordingBackend,
): tf.TensorInfo {
  const { dataId, shape, dtype } = output
  if (!inputs.some((input) => input.dataId === dataId)) return output
  const copy = backend.write(backend.data.get(dataId).values!, shape, dtype)
  backend.decRef(dataId)
  return { dataId: copy, shape, dtype }
}
