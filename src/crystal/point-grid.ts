// Points of one cell by place: which of them lie within a short distance of a given one, periodic images included.
// For distances far below the size of the cell (merging sites, warning of overlaps); neighbour tables are src/periodic.

import type { Mat3, Vec3 } from '../math/vectors.ts'
import { heights, nearSquare, wrap } from './cell.ts'

export interface PointGrid {
  /** Adds a point; its index is the number of points added before it. */
  add(frac: Vec3): void
  /** Indices of the points within the radius, in the order they were added. */
  near(frac: Vec3): readonly number[]
}

/** Bins along one axis at most. */
const MAX_BINS = 128

/** An empty grid that finds points within `radius` Å; `count` is about how many points there will be. */
export function pointGrid(lattice: Mat3, radius: number, count: number): PointGrid {
  const square = nearSquare(lattice)
  const most = Math.min(MAX_BINS, Math.ceil(Math.cbrt(count)))
  const [a, b, c] = heights(lattice).map((h): Axis => {
    const bins = Math.max(1, Math.min(most, Math.floor(h / radius)))
    // A little more, for rounding.
    return { bins, reach: (radius / h) * (1 + 1e-9) }
  })
  const points: Vec3[] = []
  /** The last point of each bin, and of each point the one before it in its bin; -1 where there is none. */
  const lasts = new Int32Array(a.bins * b.bins * c.bins).fill(-1)
  const befores: number[] = []
  const binAt = (i: number, j: number, k: number) => (i * b.bins + j) * c.bins + k

  return {
    add(frac) {
      const f = wrap(frac)
      const bin = binAt(binOf(f[0], a), binOf(f[1], b), binOf(f[2], c))
      befores.push(lasts[bin])
      lasts[bin] = points.length
      points.push(f)
    },
    near(frac) {
      const f = wrap(frac)
      let found: number[] = NONE
      const [i0, j0, k0] = [firstBin(f[0], a), firstBin(f[1], b), firstBin(f[2], c)]
      const [i1, j1, k1] = [i0 + binsOf(f[0], a), j0 + binsOf(f[1], b), k0 + binsOf(f[2], c)]
      for (let i = i0; i < i1; i++) {
        for (let j = j0; j < j1; j++) {
          for (let k = k0; k < k1; k++) {
            for (let p = lasts[binAt(inCell(i, a), inCell(j, b), inCell(k, c))]; p >= 0; p = befores[p]) {
              const g = points[p]
              if (square(f[0] - g[0], f[1] - g[1], f[2] - g[2]) >= radius * radius) continue
              if (found === NONE) found = [p]
              else found.push(p)
            }
          }
        }
      }
      return found.length > 1 ? found.sort((p, q) => p - q) : found
    },
  }
}

const NONE: number[] = []

/** Bins along an axis, and the radius as a part of the cell. */
interface Axis {
  readonly bins: number
  readonly reach: number
}

function binOf(x: number, { bins }: Axis): number {
  return Math.min(bins - 1, Math.floor(x * bins))
}

/** Of the bins within the radius of a point at `x` the first, which may lie in the cell before. */
function firstBin(x: number, { bins, reach }: Axis): number {
  return Math.floor((x - reach) * bins)
}

/** How many they are, each once. */
function binsOf(x: number, axis: Axis): number {
  return Math.min(axis.bins, Math.floor((x + axis.reach) * axis.bins) - firstBin(x, axis) + 1)
}

function inCell(bin: number, { bins }: Axis): number {
  return bin < 0 ? bin + bins : bin >= bins ? bin - bins : bin
}
