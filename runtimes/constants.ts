// The constants of an exported graph as float32, whether the file holds them so or in fewer bits
// (exporters/onnx/file/packed.ts).

import { fromFloat16, unpackInt8 } from '../src/math/fewer-bits.ts'
import { type Initializer, initializerData, readMetadata } from './metadata.ts'

/** ONNX element types. */
const FLOAT32 = 1
const INT8 = 3
const FLOAT16 = 10

/** Every constant by the name that the graph computes with. What is stored in ways that no export uses is left out. */
export function readConstants(
  model: Uint8Array,
  file = 'model',
  { initializers } = readMetadata(model, file),
): Map<string, Float32Array> {
  const byName = new Map(initializers.map((initializer) => [initializer.name, initializer]))
  const constants = new Map<string, Float32Array>()
  for (const initializer of initializers) {
    const { name, type, shape } = initializer
    if (type === FLOAT32 && initializer.raw) {
      constants.set(name, initializerData(model, initializer, file))
    } else if (type === FLOAT16 && name.endsWith('.float16')) {
      const bytes = rawBytes(model, initializer, 2)
      if (bytes) constants.set(name.slice(0, -'.float16'.length), fromFloat16(new Uint16Array(bytes.buffer)))
    } else if (type === INT8 && name.endsWith('.int8') && shape.length >= 2) {
      const bytes = rawBytes(model, initializer, 1)
      const scale = byName.get(name.replace(/int8$/, 'scale'))
      const scales = scale?.type === FLOAT32 && scale.raw ? initializerData(model, scale, file) : undefined
      const columns = { group: shape.at(-2)!, inner: shape.at(-1)! }
      if (!bytes || scales?.length !== bytes.length / columns.group) continue
      constants.set(
        name.slice(0, -'.int8'.length),
        unpackInt8({ numbers: new Int8Array(bytes.buffer), scales }, columns),
      )
    }
  }
  return constants
}

/** A copy of the bytes of an initialiser, or undefined when they are not as many as its shape says. */
function rawBytes(
  model: Uint8Array,
  { raw, shape }: Initializer,
  width: number,
): Uint8Array<ArrayBuffer> | undefined {
  const size = shape.reduce((a, b) => a * b, width)
  return raw && raw.end - raw.start === size ? new Uint8Array(model.subarray(raw.start, raw.end)) : undefined
}
