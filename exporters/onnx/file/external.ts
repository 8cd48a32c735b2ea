// Large constants in a file of their own beside the .onnx file, which may then be larger than the 2 GiB that a protobuf
// message holds. The .onnx file says where in it each of them lies.

import { ExportError } from '../../../src/errors.ts'
import type { ExternalData, ExternalDataOptions } from '../options.ts'
import type { FileGraph, FileTensor } from './graph.ts'

const SMALLEST = 1024
/** Pages, so that a runtime can map the file. */
const ALIGNMENT = 4096
/** What nodes and names take, at most, of the 2 GiB. */
const ROOM = 2 ** 26
export const MOST_INSIDE = 2 ** 31 - ROOM

/** Whether the constants need a file of their own. */
export const tooLargeForOne = ({ initializers }: FileGraph): boolean =>
  initializers.reduce((sum, { bytes }) => sum + bytes.length, 0) > MOST_INSIDE

/** @throws ExportError for a name that is no plain file name */
export function withExternalData(
  graph: FileGraph,
  { location = `${graph.name}.data`, above = SMALLEST }: ExternalDataOptions,
): { readonly graph: FileGraph; readonly data: ExternalData } {
  if (!/^[^/\\]+$/.test(location) || /^\.*$/.test(location)) {
    throw new ExportError(
      `option externalData: location ${JSON.stringify(location)} is no plain file name, such as "model.data"`,
    )
  }
  const parts: Uint8Array[] = []
  let length = 0
  const initializers = graph.initializers.map((tensor): FileTensor => {
    if (tensor.bytes.length < above) return tensor
    const gap = (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT
    if (gap > 0) parts.push(new Uint8Array(gap))
    const external = { location, offset: length + gap, length: tensor.bytes.length }
    parts.push(tensor.bytes)
    length = external.offset + external.length
    return { ...tensor, external }
  })
  return { graph: { ...graph, initializers }, data: { location, parts, length } }
}
