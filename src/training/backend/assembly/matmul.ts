// Products of many small matrices, any of them transposed. Large single products go to the stock XNNPACK kernel, which
// is faster there.

import { sum1, sums4 } from './exp'

/**
 * out[n] = op(a[n]) · op(b[n]), out [batch, rows, columns]; op(a) is [rows, inner], op(b) is [inner, columns].
 * A matrix stored transposed is read in place. `aStep`, `bStep` are floats between matrices, 0 to use one for all.
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
): void {
  const aRow = transposeA ? 4 : inner << 2
  const aInner = transposeA ? rows << 2 : 4
  for (let n: usize = 0; n < batch; n++) {
    const an = a + ((n * aStep) << 2)
    const bn = b + ((n * bStep) << 2)
    const on = out + ((n * rows * columns) << 2)
    for (let i: usize = 0; i < rows; i++) {
      const ai = an + i * aRow
      const oi = on + ((i * columns) << 2)
      if (!transposeB) outerRow(ai, aInner, bn, oi, columns, inner)
      else if (!transposeA) dotRow(ai, bn, oi, columns, inner)
      else stridedRow(ai, aInner, bn, oi, columns, inner)
    }
  }
}

/** One row of a·b as a sum of rows of b: 16, then 4, then 1 columns at a time. */
function outerRow(a: usize, aInner: usize, b: usize, out: usize, columns: usize, inner: usize): void {
  const bRow = columns << 2
  let c: usize = 0
  for (; c + 16 <= columns; c += 16) {
    let s0 = f32x4.splat(0)
    let s1 = f32x4.splat(0)
    let s2 = f32x4.splat(0)
    let s3 = f32x4.splat(0)
    let pa = a
    let pb = b + (c << 2)
    for (let k: usize = 0; k < inner; k++, pa += aInner, pb += bRow) {
      const x = v128.load32_splat(pa)
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(pb)))
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(pb, 16)))
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(pb, 32)))
      s3 = f32x4.add(s3, f32x4.mul(x, v128.load(pb, 48)))
    }
    const po = out + (c << 2)
    v128.store(po, s0)
    v128.store(po, s1, 16)
    v128.store(po, s2, 32)
    v128.store(po, s3, 48)
  }
  for (; c + 4 <= columns; c += 4) {
    let s = f32x4.splat(0)
    let pa = a
    let pb = b + (c << 2)
    for (let k: usize = 0; k < inner; k++, pa += aInner, pb += bRow) {
      s = f32x4.add(s, f32x4.mul(v128.load32_splat(pa), v128.load(pb)))
    }
    v128.store(out + (c << 2), s)
  }
  for (; c < columns; c++) {
    let s: f32 = 0
    let pa = a
    let pb = b + (c << 2)
    for (let k: usize = 0; k < inner; k++, pa += aInner, pb += bRow) s += load<f32>(pa) * load<f32>(pb)
    store<f32>(out + (c << 2), s)
  }
}

/** One row of a·bᵀ as dot products with the rows of b, four at a time. */
function dotRow(a: usize, b: usize, out: usize, columns: usize, inner: usize): void {
  const bRow = inner << 2
  const whole = inner & ~3
  let c: usize = 0
  for (; c + 4 <= columns; c += 4) {
    let s0 = f32x4.splat(0)
    let s1 = f32x4.splat(0)
    let s2 = f32x4.splat(0)
    let s3 = f32x4.splat(0)
    const b0 = b + c * bRow
    for (let k: usize = 0; k < whole; k += 4) {
      const x = v128.load(a + (k << 2))
      const pb = b0 + (k << 2)
      s0 = f32x4.add(s0, f32x4.mul(x, v128.load(pb)))
      s1 = f32x4.add(s1, f32x4.mul(x, v128.load(pb + bRow)))
      s2 = f32x4.add(s2, f32x4.mul(x, v128.load(pb + 2 * bRow)))
      s3 = f32x4.add(s3, f32x4.mul(x, v128.load(pb + 3 * bRow)))
    }
    const po = out + (c << 2)
    v128.store(po, sums4(s0, s1, s2, s3))
    for (let k: usize = whole; k < inner; k++) {
      const x = load<f32>(a + (k << 2))
      const pb = b0 + (k << 2)
      for (let m: usize = 0; m < 4; m++) {
        store<f32>(po + (m << 2), load<f32>(po + (m << 2)) + x * load<f32>(pb + m * bRow))
      }
    }
  }
  for (; c < columns; c++) {
    let v = f32x4.splat(0)
    const pb = b + c * bRow
    for (let k: usize = 0; k < whole; k += 4) v = f32x4.add(v, f32x4.mul(v128.load(a + (k << 2)), v128.load(pb + (k << 2))))
    let s = sum1(v)
    for (let k: usize = whole; k < inner; k++) s += load<f32>(a + (k << 2)) * load<f32>(pb + (k << 2))
    store<f32>(out + (c << 2), s)
  }
}

/** One row of aᵀ·bᵀ; rare, so plain. */
function stridedRow(a: usize, aInner: usize, b: usize, out: usize, columns: usize, inner: usize): void {
  for (let c: usize = 0; c < columns; c++) {
    let s: f32 = 0
    const pb = b + ((c * inner) << 2)
    for (let k: usize = 0; k < inner; k++) s += load<f32>(a + k * aInner) * load<f32>(pb + (k << 2))
    store<f32>(out + (c << 2), s)
  }
}
