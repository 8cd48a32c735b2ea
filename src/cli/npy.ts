// A matrix as a .npy file: what numpy.load reads. Version 1.0 of the format, little-endian float32, row by row.

const MAGIC = [0x93, ...Buffer.from('NUMPY'), 1, 0]
/** The data begin at a multiple of this. */
const ALIGNMENT = 64

/** @param rows all of the same length, `columns` */
export function npy(rows: readonly Float32Array[], columns: number): Uint8Array {
  const described = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${columns}), }`
  const unpadded = MAGIC.length + 2 + described.length + 1
  const header = `${described.padEnd(described.length + (-unpadded & (ALIGNMENT - 1)))}\n`
  const start = MAGIC.length + 2 + header.length
  const bytes = Buffer.alloc(start + 4 * rows.length * columns)
  bytes.set(MAGIC)
  bytes.writeUInt16LE(header.length, MAGIC.length)
  bytes.write(header, MAGIC.length + 2, 'latin1')
  const view = new DataView(bytes.buffer, bytes.byteOffset + start)
  rows.forEach((row, r) => {
    row.forEach((x, c) => {
      view.setFloat32(4 * (r * columns + c), x, true)
    })
  })
  return bytes
}
