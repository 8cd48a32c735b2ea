// Numbers of NumPy that training programs leave among hyper-parameters and metrics: scalars become numbers, of anything
// else nothing is made.

import { Opaque } from './opaque.ts'

/** How the bytes of a scalar are read, by the name of its type; little-endian, as on every machine that trains. */
const READERS: Record<string, (view: DataView) => number | boolean> = {
  f8: (view) => view.getFloat64(0, true),
  f4: (view) => view.getFloat32(0, true),
  i8: (view) => Number(view.getBigInt64(0, true)),
  i4: (view) => view.getInt32(0, true),
  i2: (view) => view.getInt16(0, true),
  i1: (view) => view.getInt8(0),
  u8: (view) => Number(view.getBigUint64(0, true)),
  u4: (view) => view.getUint32(0, true),
  u1: (view) => view.getUint8(0),
  b1: (view) => view.getUint8(0) !== 0,
}

/** A type of NumPy. */
class NumpyType extends Opaque {}

/** `numpy.dtype('f8', …)` */
export function numpyType([name]: readonly unknown[]): Opaque {
  return new NumpyType(typeof name === 'string' ? name : 'numpy.dtype')
}

/** `numpy.core.multiarray.scalar(dtype, bytes)` */
export function numpyScalar([type, bytes]: readonly unknown[]): number | boolean | Opaque {
  const known = type instanceof NumpyType && Object.hasOwn(READERS, type.name)
  const whole =
    bytes instanceof Uint8Array && type instanceof NumpyType && bytes.length === Number(type.name.slice(1))
  if (!known || !whole) return new Opaque('numpy.scalar')
  return READERS[type.name](new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
}
