// Points of one cell by place: which of them lie within a short distance of a given one, periodic images included.
// For distances far below the size of the cell (merging sites, warning of overlaps); neighbour tables are src/periodic.

import type { Mat3, Vec3 } from '../math/vectors.ts'
import { heights, nearSquare, wrap } from './cell.ts'

export interface PointGrid {
  /** Adds a point; its index is the number of points added before it. */
  add(frac: Vec3): void
  /** Indices of the points within the radius, in the order they were added. */
  near(frac: Vec3): number[]
}

/** Bins along one axis at most; keys of bins are packed into one integer. */
const MAX_BINS = 128

/** An empty grid that finds points within `radius` Å; `count` is about how many points there will be. */
export function pointGrid(lattice: Mat3, radius: number, count: number): PointGrid {
  const square = nearSquare(lattice)
  const most = Math.min(MAX_BINS, Math.ceil(Math.cbrt(count)))
  const bins = heights(lattice).map((h) => Math.max(1, Math.min(most, Math.floor(h / radius))))
  const points: Vec3[] = []
  const members = new Map<number, number[]>()
  const binOf = (x: number, k: number) => Math.min(bins[k] - 1, Math.floor(x * bins[k]))
  const key = (i: number, j: number, k: number) => (i * MAX_BINS + j) * MAX_BINS + k
  /** Bins that hold what is within the radius of a point of this bin, each once. */
  const around = (bin: number, k: number) => {
    const n = bins[k]
    return n < 3 ? [0, 1].slice(0, n) : [(bin + n - 1) % n, bin, (bin + 1) % n]
  }

  return {
    add(frac) {
      const f = wrap(frac)
      const at = key(binOf(f[0], 0), binOf(f[1], 1), binOf(f[2], 2))
      const bin = members.get(at)
      if (bin === undefined) members.set(at, [points.length])
      else bin.push(points.length)
      points.push(f)
    },
    near(frac) {
      const f = wrap(frac)
      const found: number[] = []
      for (const i of around(binOf(f[0], 0), 0)) {
        for (const j of around(binOf(f[1], 1), 1)) {
          for (const k of around(binOf(f[2], 2), 2)) {
            for (const p of members.get(key(i, j, k)) ?? []) {
              const g = points[p]
              if (square(f[0] - g[0], f[1] - g[1], f[2] - g[2]) < radius * radius) found.push(p)
            }
          }
        }
      }
      return found.sort((a, b) => a - b)
    },
  }
}
