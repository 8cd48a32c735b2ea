// A small .onnx file written byte by byte from onnx.proto, independent of the exporter and of the reader under test.

export function message(...parts: Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Uint8Array.from([...bytes, rest])
}

export function integer(field: number, value: number): Uint8Array {
  return message(varint(field * 8), varint(value))
}

export function bytes(field: number, content: Uint8Array | string): Uint8Array {
  const raw = typeof content === 'string' ? Buffer.from(content) : content
  return message(varint(field * 8 + 2), varint(raw.length), raw)
}

export function valueInfo(name: string, type: number, shape: (number | string)[]): Uint8Array {
  const dims = shape.map((d) => bytes(1, typeof d === 'number' ? integer(1, d) : bytes(2, d)))
  const tensorType = message(integer(1, type), bytes(2, message(...dims)))
  return message(bytes(1, name), bytes(2, bytes(1, tensorType)))
}

export function node(op: string, inputs: string[], outputs: string[]): Uint8Array {
  return message(
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
  )
}

export function floatTensor(name: string, shape: number[], data: number[]): Uint8Array {
  const raw = new Uint8Array(Float32Array.from(data).buffer)
  return message(bytes(1, Uint8Array.from(shape)), integer(2, 1), bytes(8, name), bytes(9, raw))
}

/** prediction [C, 1] = pool [C, A] · w [A = 2, 1] */
export const graph = message(
  bytes(1, node('MatMul', ['pool', 'w'], ['prediction'])),
  bytes(2, 'main'),
  bytes(5, floatTensor('w', [2, 1], [3, 5])),
  bytes(11, valueInfo('pool', 1, ['C', 2])),
  bytes(12, valueInfo('prediction', 1, ['C', 1])),
)

export function model(...metadata: [string, string][]): Uint8Array {
  return message(
    integer(1, 8),
    bytes(2, 'by hand'),
    bytes(3, '1.0'),
    bytes(7, graph),
    bytes(8, integer(2, 17)),
    ...metadata.map(([key, value]) => bytes(14, message(bytes(1, key), bytes(2, value)))),
  )
}
