// Adds entries to the `metadata_props` of a finished .onnx file by appending them: in protobuf, the fields of a message
// may follow each other in any order, so nothing that is already there needs to be decoded.

import { lengthField, utf8 } from '../../runtimes/wire-write.ts'
import { joined } from '../../src/math/joined.ts'

/** ModelProto.metadata_props. */
const METADATA_PROPS = 14

/** `model` with the entries behind everything else, in their order. */
export function appendMetadata(
  model: Uint8Array,
  entries: readonly (readonly [string, string])[],
): Uint8Array {
  const parts = entries.map(([key, value]) =>
    lengthField(METADATA_PROPS, joined([lengthField(1, utf8(key)), lengthField(2, utf8(value))])),
  )
  return joined([model, ...parts])
}
