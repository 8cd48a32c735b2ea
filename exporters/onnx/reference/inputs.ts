// What a caller gives for the inputs of a graph, checked against what the graph declares.

import { ModelFileError } from '../../../src/errors.ts'
import type { TensorInfo } from '../options.ts'
import { count, type Tensor, tensor } from './tensor.ts'

/** Numbers row by row. float32 inputs take Float64Array as well: nothing is rounded. bool is 0 and 1. */
export interface GraphInput {
  /** row by row */
  readonly data: Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array
  /** sizes of the axes */
  readonly dims: readonly number[]
}

/**
 * The inputs as tensors, by name.
 * @throws ModelFileError for one that is missing, unknown, or of another type or size than the graph declares
 */
export function checkedInputs(
  declared: readonly TensorInfo[],
  given: Readonly<Record<string, GraphInput>>,
): Map<string, Tensor> {
  const names = declared.map(({ name }) => name)
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new ModelFileError(`the graph has no input "${unknown}"; it has ${names.join(', ')}`)
  }
  const symbols = new Map<string, { readonly size: number; readonly input: string }>()
  return new Map(
    declared.map((info) => {
      const { name, dtype, shape } = info
      if (!Object.hasOwn(given, name)) {
        throw new ModelFileError(`input "${name}" is missing: ${dtype} [${shape.join(', ')}]`)
      }
      const { data, dims } = given[name]
      const value = typed(info, data, dims)
      const fits = dims.length === shape.length && count(dims) === data.length
      if (!fits || !value || !shape.every((size, axis) => typeof size === 'string' || size === dims[axis])) {
        throw new ModelFileError(
          `input "${name}" is ${data.constructor.name} [${dims.join(', ')}] of ${data.length} numbers, expected ` +
            `${dtype} [${shape.join(', ')}]`,
        )
      }
      for (const [axis, symbol] of shape.entries()) {
        if (typeof symbol === 'number') continue
        const known = symbols.get(symbol) ?? { size: dims[axis], input: name }
        symbols.set(symbol, known)
        if (known.size === dims[axis]) continue
        throw new ModelFileError(
          `${symbol} is ${dims[axis]} in input "${name}", but ${known.size} in input "${known.input}"`,
        )
      }
      return [name, value]
    }),
  )
}

/** The tensor, or undefined for numbers of another type. */
function typed({ dtype }: TensorInfo, data: GraphInput['data'], dims: readonly number[]): Tensor | undefined {
  if (dtype === 'float32' && data instanceof Float64Array) return tensor('float64', dims, data)
  if (dtype === 'float32' && data instanceof Float32Array)
    return tensor('float64', dims, Float64Array.from(data))
  if (dtype === 'int32' && data instanceof Int32Array) return tensor('int32', dims, data)
  if (dtype === 'int64' && data instanceof BigInt64Array) return tensor('int64', dims, data)
  return dtype === 'bool' && data instanceof Uint8Array ? tensor('bool', dims, data) : undefined
}
