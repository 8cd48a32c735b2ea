// A list of products evaluated for many rows of numbers (../products.ts): slot[to] += factor·slot[a]·slot[b].

/**
 * Inputs first [rows, firstWidth], second [rows, secondWidth]: slots 1, 2, … of a row, slot 0 is 1 and the others begin
 * as 0. places [entries, 3] as to, a, b; factors [entries]. Output [rows, outputs], the last slots. rows: a multiple of
 * 4. scratch: 4·slots floats.
 */
export function sumsOfProducts(
  rows: usize,
  firstWidth: usize,
  secondWidth: usize,
  slots: usize,
  outputs: usize,
  entries: usize,
  first: usize,
  second: usize,
  places: usize,
  factors: usize,
  out: usize,
  scratch: usize,
): void {
  const results = scratch + ((slots - outputs) << 4)
  for (let row: usize = 0; row < rows; row += 4) {
    memory.fill(scratch, 0, slots << 4)
    v128.store(scratch, f32x4.splat(1))
    for (let lane: usize = 0; lane < 4; lane++) {
      let to = scratch + 16 + (lane << 2)
      const one = first + (row + lane) * (firstWidth << 2)
      for (let n: usize = 0; n < firstWidth; n++, to += 16) store<f32>(to, load<f32>(one + (n << 2)))
      const other = second + (row + lane) * (secondWidth << 2)
      for (let n: usize = 0; n < secondWidth; n++, to += 16) store<f32>(to, load<f32>(other + (n << 2)))
    }
    for (let e: usize = 0; e < entries; e++) {
      const place = places + e * 12
      const to = scratch + (load<usize>(place) << 4)
      const a = v128.load(scratch + (load<usize>(place, 4) << 4))
      const b = v128.load(scratch + (load<usize>(place, 8) << 4))
      const term = f32x4.mul(f32x4.mul(a, b), v128.load32_splat(factors + (e << 2)))
      v128.store(to, f32x4.add(v128.load(to), term))
    }
    for (let lane: usize = 0; lane < 4; lane++) {
      const to = out + (row + lane) * (outputs << 2)
      for (let n: usize = 0; n < outputs; n++) {
        store<f32>(to + (n << 2), load<f32>(results + (n << 4) + (lane << 2)))
      }
    }
  }
}
