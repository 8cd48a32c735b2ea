// Products of matrices, one or many, any of them stored transposed. Four rows by eight columns of the result at a time.
// What they need is laid out side by side first: columns of b always, for its rows lie whole pages apart and evict each
// other from the cache; rows of a where it is stored transposed.

/** Columns of the result that are computed together: two vectors of four. */
const PANEL: usize = 8
const PANEL_BYTES: usize = PANEL << 2

/**
 * out[n] = op(a[n]) · op(b[n]), out [batch, rows, columns]; op(a) is [rows, inner], op(b) is [inner, columns], each
 * stored the other way round when its flag is set. `aStep`, `bStep` are floats between matrices, 0 to use one for all.
 * scratch: 8·(inner + 4) floats, and (rows + 3)·inner more when a is transposed.
 */
export function matmul(
  a: usize,
  b: usize,
  out: usize,
  batch: usize,
  rows: usize,
  columns: usize,
  inner: usize,
  transposeA: usize,
  transposeB: usize,
  aStep: usize,
  bStep: usize,
  scratch: usize,
): void {
  const tile = scratch + inner * PANEL_BYTES
  const packedA = tile + 4 * PANEL_BYTES
  const aRow = transposeA ? 4 : inner << 2
  const aInner: usize = transposeA ? 16 : 4
  const outRow = columns << 2
  for (let n: usize = 0; n < batch; n++) {
    const bn = b + ((n * bStep) << 2)
    const on = out + ((n * rows * columns) << 2)
    let an = a + ((n * aStep) << 2)
    if (transposeA) {
      if (n === 0 || aStep > 0) packRows(an, rows, inner, packedA)
      an = packedA
    }
    for (let c: usize = 0; c < columns; c += PANEL) {
      const width = min(PANEL, columns - c)
      packColumns(bn, c, width, columns, inner, transposeB, scratch)
      for (let i: usize = 0; i < rows; i += 4) {
        const height = min(4, rows - i)
        const ai = an + i * (inner << 2)
        const to = on + i * outRow + (c << 2)
        if (width === PANEL && height === 4) {
          fourRows(ai, aRow, aInner, scratch, inner, to, outRow)
          continue
        }
        for (let r: usize = 0; r < height; r++) {
          oneRow(ai + r * aRow, aInner, scratch, inner, tile)
          memory.copy(to + r * outRow, tile, width << 2)
        }
      }
    }
  }
}

/** Columns of a [inner, rows], four by four, as [rows/4, inner, 4]. */
function packRows(a: usize, rows: usize, inner: usize, to: usize): void {
  for (let i: usize = 0; i < rows; i += 4) {
    let from = a + (i << 2)
    const width = min(4, rows - i)
    for (let k: usize = 0; k < inner; k++, from += rows << 2, to += 16) {
      if (width === 4) v128.store(to, v128.load(from))
      else memory.copy(to, from, width << 2)
    }
  }
}

/** Columns c … c + width − 1 of op(b) as [inner, 8], the rest of the eight 0. */
function packColumns(
  b: usize,
  c: usize,
  width: usize,
  columns: usize,
  inner: usize,
  transposed: usize,
  panel: usize,
): void {
  if (!transposed && width === PANEL) {
    let from = b + (c << 2)
    for (let k: usize = 0; k < inner; k++, from += columns << 2, panel += PANEL_BYTES) {
      v128.store(panel, v128.load(from))
      v128.store(panel, v128.load(from, 16), 16)
    }
    return
  }
  if (width < PANEL) memory.fill(panel, 0, inner * PANEL_BYTES)
  const along = transposed ? 4 : columns << 2
  const across = transposed ? inner << 2 : 4
  for (let w: usize = 0; w < width; w++) {
    let from = b + (c + w) * across
    let to = panel + (w << 2)
    for (let k: usize = 0; k < inner; k++, from += along, to += PANEL_BYTES) store<f32>(to, load<f32>(from))
  }
}

/** Four rows of eight columns: every number of b that is loaded serves four rows. */
function fourRows(
  a: usize,
  aRow: usize,
  aInner: usize,
  b: usize,
  inner: usize,
  out: usize,
  outRow: usize,
): void {
  let s00 = f32x4.splat(0)
  let s01 = f32x4.splat(0)
  let s10 = f32x4.splat(0)
  let s11 = f32x4.splat(0)
  let s20 = f32x4.splat(0)
  let s21 = f32x4.splat(0)
  let s30 = f32x4.splat(0)
  let s31 = f32x4.splat(0)
  let p0 = a
  let p1 = a + aRow
  let p2 = p1 + aRow
  let p3 = p2 + aRow
  for (let k: usize = 0; k < inner; k++, b += PANEL_BYTES) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    const x0 = v128.load32_splat(p0)
    s00 = f32x4.add(s00, f32x4.mul(x0, b0))
    s01 = f32x4.add(s01, f32x4.mul(x0, b1))
    const x1 = v128.load32_splat(p1)
    s10 = f32x4.add(s10, f32x4.mul(x1, b0))
    s11 = f32x4.add(s11, f32x4.mul(x1, b1))
    const x2 = v128.load32_splat(p2)
    s20 = f32x4.add(s20, f32x4.mul(x2, b0))
    s21 = f32x4.add(s21, f32x4.mul(x2, b1))
    const x3 = v128.load32_splat(p3)
    s30 = f32x4.add(s30, f32x4.mul(x3, b0))
    s31 = f32x4.add(s31, f32x4.mul(x3, b1))
    p0 += aInner
    p1 += aInner
    p2 += aInner
    p3 += aInner
  }
  v128.store(out, s00)
  v128.store(out, s01, 16)
  out += outRow
  v128.store(out, s10)
  v128.store(out, s11, 16)
  out += outRow
  v128.store(out, s20)
  v128.store(out, s21, 16)
  out += outRow
  v128.store(out, s30)
  v128.store(out, s31, 16)
}

function oneRow(a: usize, aInner: usize, b: usize, inner: usize, out: usize): void {
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  for (let k: usize = 0; k < inner; k++, a += aInner, b += PANEL_BYTES) {
    const x = v128.load32_splat(a)
    s0 = f32x4.add(s0, f32x4.mul(x, v128.load(b)))
    s1 = f32x4.add(s1, f32x4.mul(x, v128.load(b, 16)))
  }
  v128.store(out, s0)
  v128.store(out, s1, 16)
}
