// The number types of tensors: their size, and how one element is read. Complex, quantised and the rarer 8-bit floats are
// not among them.

export interface Dtype {
  readonly name: string
  /** of one element */
  readonly bytes: number
  /** An element as a number; integers beyond 2⁵³ are rounded. */
  readonly read: (view: DataView, offset: number, little: boolean) => number
}

function dtype(name: string, bytes: number, read: Dtype['read']): Dtype {
  return { name, bytes, read }
}

/** By the name of torch's dtype. */
export const DTYPES: ReadonlyMap<string, Dtype> = new Map(
  [
    dtype('float64', 8, (view, at, little) => view.getFloat64(at, little)),
    dtype('float32', 4, (view, at, little) => view.getFloat32(at, little)),
    dtype('float16', 2, (view, at, little) => small(view.getUint16(at, little), 5, 10)),
    dtype('bfloat16', 2, (view, at, little) => small(view.getUint16(at, little), 8, 7)),
    dtype('float8_e5m2', 1, (view, at) => small(view.getUint8(at), 5, 2)),
    dtype('float8_e4m3fn', 1, (view, at) => float8e4m3fn(view.getUint8(at))),
    dtype('int64', 8, (view, at, little) => Number(view.getBigInt64(at, little))),
    dtype('int32', 4, (view, at, little) => view.getInt32(at, little)),
    dtype('int16', 2, (view, at, little) => view.getInt16(at, little)),
    dtype('int8', 1, (view, at) => view.getInt8(at)),
    dtype('uint64', 8, (view, at, little) => Number(view.getBigUint64(at, little))),
    dtype('uint32', 4, (view, at, little) => view.getUint32(at, little)),
    dtype('uint16', 2, (view, at, little) => view.getUint16(at, little)),
    dtype('uint8', 1, (view, at) => view.getUint8(at)),
    dtype('bool', 1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)),
  ].map((type) => [type.name, type]),
)

/** By the name of torch's typed storages. An untyped storage counts bytes; its tensors say their type themselves. */
export const STORAGES: ReadonlyMap<string, Dtype> = new Map(
  Object.entries({
    DoubleStorage: 'float64',
    FloatStorage: 'float32',
    HalfStorage: 'float16',
    BFloat16Storage: 'bfloat16',
    LongStorage: 'int64',
    IntStorage: 'int32',
    ShortStorage: 'int16',
    CharStorage: 'int8',
    ByteStorage: 'uint8',
    BoolStorage: 'bool',
    UntypedStorage: 'uint8',
  }).map(([storage, name]) => [storage, DTYPES.get(name)!]),
)

/** A binary float of one sign bit, `exponentBits` and `fractionBits`, with the infinities and NaNs of IEEE 754. */
function small(bits: number, exponentBits: number, fractionBits: number): number {
  const highest = 2 ** exponentBits - 1
  const exponent = (bits >> fractionBits) & highest
  if (exponent < highest) return finite(bits, exponentBits, fractionBits)
  if (bits & (2 ** fractionBits - 1)) return Number.NaN
  return bits >> (exponentBits + fractionBits) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** This type has no infinities: only the largest pattern of either sign is not a number. */
function float8e4m3fn(bits: number): number {
  return (bits & 0x7f) === 0x7f ? Number.NaN : finite(bits, 4, 3)
}

function finite(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >> (exponentBits + fractionBits) ? -1 : 1
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1)
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits
  const bias = 2 ** (exponentBits - 1) - 1
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias)
}
