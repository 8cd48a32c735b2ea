// Adds entries to the `metadata_props` of a finished .onnx file by appending them: in protobuf, the fields of a message
// may follow each other in any order, so nothing that is already there needs to be decoded.

/** ModelProto.metadata_props, length-delimited. */
const METADATA_PROPS = 14
const LENGTH_DELIMITED = 2

/** `model` with the entries behind everything else, in their order. */
export function appendMetadata(
  model: Uint8Array,
  entries: readonly (readonly [string, string])[],
): Uint8Array {
  const parts = entries.map(([key, value]) =>
    field(METADATA_PROPS, Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))])),
  )
  return Buffer.concat([model, ...parts])
}

function field(number: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from(varint(number * 8 + LENGTH_DELIMITED)),
    Buffer.from(varint(content.length)),
    content,
  ])
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]
}
