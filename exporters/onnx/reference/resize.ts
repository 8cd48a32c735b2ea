// Resize of images [batch, channels, height, width] to given sizes, linear or nearest.

import { type Call, fault, input, type Operator, text, wholes } from './call.ts'
import { describe, tensor, zeros } from './tensor.ts'

type Mode = 'asymmetric' | 'half_pixel' | 'align_corners'

/** Where places 0 … to − 1 of the result lie along an axis of `from`. */
function places(from: number, to: number, mode: Mode): Float64Array {
  return Float64Array.from({ length: to }, (_, n) => {
    if (mode === 'align_corners') return to > 1 ? (n * (from - 1)) / (to - 1) : 0
    return mode === 'half_pixel' ? ((n + 0.5) * from) / to - 0.5 : (n * from) / to
  })
}

export const Resize: Operator = (call) => {
  const x = input(call, 0, 'float64')
  const sizes = wholes(call, 3)
  const nearest = text(call, 'mode', ['nearest', 'linear']) === 'nearest'
  const mode = text<Mode>(call, 'coordinate_transformation_mode', [
    'half_pixel',
    'asymmetric',
    'align_corners',
  ])
  const round = rounding(call)
  const [batch, channels, height, width] = x.dims
  if (x.dims.length !== 4 || sizes.length !== 4 || sizes[0] !== batch || sizes[1] !== channels) {
    throw fault(call, `${describe(x)} to [${sizes}]: only height and width of images change`)
  }
  const [rows, columns] = [places(height, sizes[2], mode), places(width, sizes[3], mode)]
  const result = zeros('float64', sizes)
  let at = 0
  for (let image = 0; image < batch * channels; image++) {
    const pixel = (r: number, c: number) =>
      x.data[image * height * width + inside(r, height) * width + inside(c, width)]
    for (const r of rows) {
      for (const c of columns) {
        if (nearest) {
          result[at++] = pixel(round(r), round(c))
          continue
        }
        const [top, left] = [Math.floor(r), Math.floor(c)]
        const [v, h] = [r - top, c - left]
        const [upper, lower] = [top, top + 1].map(
          (row) => pixel(row, left) * (1 - h) + pixel(row, left + 1) * h,
        )
        result[at++] = upper * (1 - v) + lower * v
      }
    }
  }
  return tensor('float64', sizes, result)
}

const inside = (n: number, size: number) => Math.min(Math.max(n, 0), size - 1)

function rounding(call: Call): (n: number) => number {
  const mode = text(call, 'nearest_mode', ['floor', 'round_prefer_ceil'])
  return mode === 'floor' ? Math.floor : (n) => Math.floor(n + 0.5)
}
