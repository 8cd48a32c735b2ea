// Results without numbers, for kernels of tensors without numbers: the rules of shapes/ tell types and sizes. A kernel
// without a rule runs on zeros, and what it gives is emptied again.

import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import * as tf from '@tensorflow/tfjs-core'
import { ExportError } from '../../src/errors.ts'
import { callSite, formatSite } from './callsite.ts'
import { resultsOf } from './shapes/index.ts'
import type { ShapeCall } from './shapes/rule.ts'

/** Elements of a tensor that a kernel without a rule is run on. */
const MOST_COMPUTED = 2 ** 26

/** Kernels that return a list also where it has one tensor. */
const LISTS: ReadonlySet<string> = new Set([
  ...['NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'SplitV', 'TopK', 'Unpack'],
])

interface HollowCall extends ShapeCall {
  readonly kernel: string
  /** Whether the kernel takes its inputs as a list. */
  readonly takesList: boolean
}

type Results = tf.TensorInfo | tf.TensorInfo[]

/**
 * What the kernel returns, one tensor or a list of them, without numbers.
 * @param isHollow whether data has no numbers
 * @param compute the kernel itself
 */
export function hollowResults(
  call: HollowCall,
  backend: MathBackendCPU,
  isHollow: (dataId: object) => boolean,
  compute: () => Results,
): Results {
  const complex = Object.values(call.inputs).some(({ dtype }) => dtype === 'complex64')
  const results = resultsOf(call.kernel, call, () => (complex ? 'complex64' : typeOfOne(call, backend)))
  if (!results && complex) {
    throw new ExportError(
      `${call.kernel} of complex numbers, called from ${formatSite(callSite())}, cannot be exported; compute with tf.real and ` +
        'tf.imag instead',
    )
  }
  if (results) {
    const made = results.map(({ shape, dtype }) => backend.makeTensorInfo([...shape], dtype as tf.DataType))
    return LISTS.has(call.kernel) ? made : made[0]
  }
  const filled = Object.values(call.inputs).filter(({ dataId }) => isHollow(dataId))
  for (const { dataId, shape, dtype } of filled) {
    if (tf.util.sizeFromShape(shape) > MOST_COMPUTED) {
      throw new ExportError(
        `${call.kernel} of [${shape}]: too large to be recorded; choose other sizes with option sizes`,
      )
    }
    backend.data.get(dataId).values = zeros(shape, dtype)
  }
  const computed = compute()
  const outputs = [computed].flat().map((output) => emptied(output, filled, backend))
  for (const { dataId } of filled) backend.data.get(dataId).values = undefined
  return Array.isArray(computed) ? outputs : outputs[0]
}

/** The result with no numbers, and no data of its input. */
function emptied(
  output: tf.TensorInfo,
  inputs: readonly tf.TensorInfo[],
  backend: MathBackendCPU,
): tf.TensorInfo {
  const { dataId, shape, dtype } = output
  if (inputs.some((input) => input.dataId === dataId)) backend.decRef(dataId)
  else backend.disposeData(dataId)
  return backend.makeTensorInfo(shape, dtype)
}

const types = new Map<string, string>()

/** The type that a kernel gives, from a run on tensors of one element each. */
function typeOfOne({ kernel, inputs, takesList, attrs }: HollowCall, backend: MathBackendCPU): string {
  const given = Object.values(inputs)
  const key = `${kernel} ${given.map(({ dtype }) => dtype)} ${attrs.dtype ?? ''}`
  const known = types.get(key)
  if (known) return known
  const ones = given.map(({ shape, dtype }): tf.TensorInfo => {
    const single = shape.map(() => 1)
    return backend.makeTensorInfo(single, dtype, zeros(single, dtype))
  })
  const names = Object.keys(inputs)
  const single = takesList ? ones : Object.fromEntries(names.map((name, i) => [name, ones[i]]))
  const { kernelFunc } = tf.getKernel(kernel, 'cpu')
  const [result] = [kernelFunc({ inputs: single as never, attrs: attrs as never, backend })].flat()
  types.set(key, result.dtype)
  return result.dtype
}

const zeros = (shape: readonly number[], dtype: tf.DataType) =>
  tf.util.makeZerosTypedArray(tf.util.sizeFromShape([...shape]), dtype) as tf.backend_util.TypedArray
