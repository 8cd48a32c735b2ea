// Runs a tfjs function on a backend of our own that wraps every kernel of the CPU backend and writes down each one
// that depends on an input. Tensors that depend on inputs have a type and a shape but no numbers: nobody may read them,
// so nothing is computed (hollow.ts). Kernels on constants alone run but are not taped: constant parts fold by
// themselves, and each constant remembers what it was made of.

import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { CrystalOnnxError, ExportError } from '../../src/errors.ts'
import { type Recording, recording, whileRecording } from '../../src/scope.ts'
import { callSite, formatPlace, formatSite } from './callsite.ts'
import { type Recorded, withoutComplex } from './complex.ts'
import type { RecordedStep, RunStep } from './composite.ts'
import { COUNTED, type Counts, createCounts } from './counts.ts'
import { hollowResults } from './hollow.ts'
import { REFUSED } from './lower/refused.ts'
import { loweringOf } from './lower/registered.ts'
import { namedOutputs, type Results } from './results.ts'
import { followed, inScope, lastly } from './settled.ts'
import { createSnapshots, type TakeSnapshot } from './snapshots.ts'
import { type SoftSuppression, softSuppression } from './soft-suppression.ts'
import type { Constant, Origin, Reference, Tape, TapedTensor, TapeEntry } from './tape.ts'
import { use } from './use-backend.ts'

const BACKEND = 'onnx-recorder'
/** Ten times what large models call; each is kept with the stack it was called from. */
const MOST_CALLS = 50_000
/** Constants of other types can be used up in kernels, but not stand in a graph. */
const CONSTANT_TYPES: ReadonlySet<string> = new Set(['float32', 'int32', 'bool'])

/**
 * A function of tensors by name; it returns one tensor, an array of them, or tensors by name, or a promise of those: then
 * nothing else of the process may use TensorFlow.js until the export is done.
 */
export type RecordedFunction = (inputs: Record<string, tf.Tensor>) => Results | Promise<Results>
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
  if (recording()) {
    throw new ExportError(
      'another asynchronous function is being recorded: await its export before the next one',
    )
  }
  // From here to the end nothing waits, so that no other code ever runs on the recording backend, unless the function does.
  const before = tf.getBackend()
  const backend = recordingBackend()
  const origins = new WeakMap<object, Origin>()
  const snapshot = createSnapshots(
    (tensor) => backend.readSync(tensor.dataId) as ArrayLike<number>,
    ({ dataId }) => origins.get(dataId),
  )
  try {
    const tapes: (Tape | undefined)[] = []
    for (const [index, given] of inputs.entries()) {
      onRecording?.(index)
      const counts = createCounts(symbols, (symbol) => counted(symbol, index))
      try {
        const tape = recordOnce(fn, given, names, backend, { snapshot, origins, counts })
        tapes.push(tape instanceof Promise ? await tape : tape)
      } catch (cause) {
        const error = explained(cause, given)
        if (!(error instanceof FunctionFailed && mayFail(index))) throw error
        tapes.push(undefined)
      }
    }
    return tapes
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
function explained(cause: unknown, inputs: ReadonlyMap<string, TapedTensor>): unknown {
  if (cause instanceof CrystalOnnxError) return cause
  const shapes = [...inputs].map(([name, { shape }]) => `${name} [${shape}]`).join(', ')
  return new FunctionFailed(
    `the function failed while it was recorded with ${shapes}: ${(cause as Error).message}. Where these sizes are too ` +
      'small for it, choose others with option sizes',
    { cause },
  )
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
): Tape | Promise<Tape> {
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
  let calls = 0

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
      // A size of −1 means the rest: at one size of the input it may stand beside numbers at others.
      attrs: kernel === 'Slice' ? { ...attrs, size: outputs[0].shape } : attrs,
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
      if (++calls > MOST_CALLS) {
        throw new ExportError(`the function calls more than ${MOST_CALLS} kernels at one size; does it end?`)
      }
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
      if (depth === 0 && kernel === 'NonMaxSuppressionV5' && Number(attrs.softNmsSigma) > 0) {
        const [boxes, scores] = tensors.map((info) => {
          backend.incRef(info.dataId)
          return tf.engine().makeTensorFromTensorInfo(info)
        })
        try {
          return softSuppression(boxes, scores, attrs as unknown as SoftSuppression)
        } catch (cause) {
          if (!(cause instanceof ExportError)) throw cause
          throw new ExportError(`${kernel}, ${formatPlace(callSite(), path)}: ${cause.message}`, { cause })
        }
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
          'JavaScript does with values cannot be exported; use tensor operations such as tf.where instead, and for ' +
          'tf.whereAsync, tf.booleanMaskAsync and tf.image.nonMaxSuppressionAsync what gives the same at once: trueIndices ' +
          'and booleanMask of crystal-onnx/exporters, tf.image.nonMaxSuppression',
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

  return inScope(() => {
    const given: Record<string, tf.Tensor> = Object.create(null)
    for (const [name, like] of inputs) {
      given[name] = emptyLike(like)
      made.set(given[name].dataId, { kind: 'input', name })
    }
    backend.session = session
    const finished = (result: Results): Tape => {
      const outputs = new Map<string, Recorded & TapedTensor>()
      for (const [name, tensor] of namedOutputs(result, names)) {
        outputs.set(name, { ...reference(tensor), dtype: tensor.dtype, shape: tensor.shape })
      }
      return withoutComplex({ entries, counts: counts.taken, outputs })
    }
    const done = () => {
      backend.session = undefined
    }
    return lastly(() => followed(() => whileRecording(session, () => fn(given)), finished), done)
  })
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
