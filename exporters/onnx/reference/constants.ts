// Initialisers as tensors: exactly the numbers that the file stores, floats of every width as float64.

import { ModelFileError } from '../../../src/errors.ts'
import { fromFloat16 } from '../../../src/math/fewer-bits.ts'
import type { FileTensor, StoredType } from '../file/graph.ts'
import { count, type Tensor, tensor } from './tensor.ts'

/** Bytes of one element. */
const WIDTH: Readonly<Record<StoredType, number>> = {
  float32: 4,
  float16: 2,
  int64: 8,
  int32: 4,
  int8: 1,
  bool: 1,
}

/** @throws ModelFileError when the bytes are not those of its shape, as where they lie in another file */
export function constant({ name, dtype, shape, bytes, external }: FileTensor): Tensor {
  if (external && bytes.length === 0 && external.length > 0) {
    throw new ModelFileError(
      `initializer "${name}" lies in the file "${external.location}" beside the model; give that file, too`,
    )
  }
  if (count(shape) * WIDTH[dtype] !== bytes.length) {
    throw new ModelFileError(
      `initializer "${name}" of type ${dtype} [${shape}] has ${bytes.length} bytes of raw data, expected ` +
        `${count(shape) * WIDTH[dtype]}`,
    )
  }
  const { buffer } = bytes.slice()
  switch (dtype) {
    case 'float32':
      return tensor('float64', shape, Float64Array.from(new Float32Array(buffer)))
    case 'float16':
      return tensor('float64', shape, Float64Array.from(fromFloat16(new Uint16Array(buffer))))
    case 'int64':
      return tensor('int64', shape, new BigInt64Array(buffer))
    case 'int32':
      return tensor('int32', shape, new Int32Array(buffer))
    case 'int8':
      return tensor('int8', shape, new Int8Array(buffer))
    case 'bool':
      return tensor('bool', shape, new Uint8Array(buffer))
  }
}
