// Points of one cell by place: which of them lie within a short distance of a given one, periodic images included.
// For distances far below the size of the cell (merging sites, warning of overlaps); neighbour tables are src/periodic.

import { heights, nearLength, wrap } from './cell.ts'
import type { Mat3, Vec3 } from './structure.ts'

export interface PointGrid {
  /** Adds a point; its index is the number of points added before it. */
  add(frac: Vec3): void
  /** Indices of the points within the radius, in the order they were added. */
  near(frac: Vec3): number[]
}

/** Bins along one axis at most; more would not make any search shorter. */
const MAX_BINS = 128

/** An empty grid that finds points within `radius` Å. */
export function pointGrid(lattice: Mat3, radius: number): PointGrid {
  const bins = heights(lattice).map((h) => Math.max(1, Math.min(MAX_BINS, Math.floor(h / radius))))
  const steps = bins.map((n) => (n === 1 ? [0] : n === 2 ? [0, 1] : [-1, 0, 1]))
  const points: Vec3[] = []
  const members = new Map<number, number[]>()
  const binOf = (f: Vec3) => f.map((x, k) => Math.min(bins[k] - 1, Math.floor(x * bins[k])))
  const key = (i: number, j: number, k: number) => (i * MAX_BINS + j) * MAX_BINS + k
  const around = (bin: number, step: number, n: number) => (bin + step + n) % n

  return {
    add(frac) {
      const f = wrap(frac)
      const [i, j, k] = binOf(f)
      const bin = members.get(key(i, j, k))
      if (bin === undefined) members.set(key(i, j, k), [points.length])
      else bin.push(points.length)
      points.push(f)
    },
    near(frac) {
      const f = wrap(frac)
      const [i, j, k] = binOf(f)
      const found: number[] = []
      for (const di of steps[0]) {
        for (const dj of steps[1]) {
          for (const dk of steps[2]) {
            const bin = key(around(i, di, bins[0]), around(j, dj, bins[1]), around(k, dk, bins[2]))
            for (const p of members.get(bin) ?? []) {
              const g = points[p]
              if (nearLength([f[0] - g[0], f[1] - g[1], f[2] - g[2]], lattice) < radius) found.push(p)
            }
          }
        }
      }
      return found.sort((a, b) => a - b)
    },
  }
}
