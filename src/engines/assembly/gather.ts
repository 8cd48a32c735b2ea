// Rows picked from a table by index, and their gradient. The stock kernels take a hundred times longer for the first
// and do not exist for the second.

/** out[r, :] = table[index[r], :]; rows of `columns` 4-byte values. */
export function gatherRows(table: usize, index: usize, out: usize, rows: usize, columns: usize): void {
  const bytes = columns << 2
  for (let r: usize = 0; r < rows; r++) {
    memory.copy(out + r * bytes, table + load<usize>(index + (r << 2)) * bytes, bytes)
  }
}

/** out[segment[r], :] += rows[r, :], float32, after setting all `segments` rows of out to 0. Negative segments are skipped. */
export function scatterAddRows(
  source: usize,
  segment: usize,
  out: usize,
  rows: usize,
  columns: usize,
  segments: usize,
): void {
  memory.fill(out, 0, (segments * columns) << 2)
  for (let r: usize = 0; r < rows; r++) {
    const s = load<usize>(segment + (r << 2))
    if (s >= segments) continue // as an unsigned number, which a negative index is not below either
    let from = source + ((r * columns) << 2)
    let to = out + ((s * columns) << 2)
    let c: usize = 0
    for (; c + 4 <= columns; c += 4, from += 16, to += 16) {
      v128.store(to, f32x4.add(v128.load(to), v128.load(from)))
    }
    for (; c < columns; c++, from += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(from))
  }
}
