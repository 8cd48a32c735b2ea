// Frames that follow from the cell alone and are the same for every atom, in float64: three axes as rows. Not here:
// frames that depend on an atom's neighbours, which the network makes itself (models/crystalframer/frames).

import type { Structure } from '../crystal/structure.ts'
import { principalAxes } from '../math/eigenvectors.ts'
import { cross, dot, length, type Mat3, negated, times, unit, type Vec3 } from '../math/vectors.ts'
import { cartesianPositions, planeSpacings } from './lattice.ts'
import type { FrameKind } from './types.ts'

/** Lattice vectors at less than this angle (as 1 − |cos|, and cosine to a normal) are parallel. */
const PARALLEL = 1e-5
/** Relative: lengths of lattice vectors that are the same but for rounding, and moments that are zero but for it. */
const ROUNDING = 1e-9

/** The frame of every atom of a crystal. */
export function cellFrame(structure: Structure, kind: FrameKind): Mat3 {
  return kind === 'lattice' ? latticeFrame(structure.lattice) : principalFrame(structure)
}

/**
 * Unit vectors along the three shortest independent lattice vectors, at acute angles and right-handed; not orthogonal.
 * Of vectors of equal length the first in scan order, n1, n2, n3 ascending and n3 fastest.
 */
export function latticeFrame(lattice: Mat3): Mat3 {
  const longest = Math.max(...lattice.map((l) => Math.sqrt(dot(l, l))))
  const [r1, r2, r3] = planeSpacings(lattice).map((spacing) => Math.ceil(longest / spacing))
  const vectors: { readonly direction: Vec3; readonly length: number }[] = []
  for (let n1 = -r1; n1 <= r1; n1++) {
    for (let n2 = -r2; n2 <= r2; n2++) {
      for (let n3 = -r3; n3 <= r3; n3++) {
        if (n1 === 0 && n2 === 0 && n3 === 0) continue
        const t = times([n1, n2, n3], lattice)
        vectors.push({ direction: unit(t), length: length(t) })
      }
    }
  }
  const shortest = (admitted: (direction: Vec3) => boolean): Vec3 => {
    const left = vectors.filter(({ direction }) => admitted(direction))
    const least = Math.min(...left.map((v) => v.length))
    return left.find((v) => v.length <= least * (1 + ROUNDING))!.direction
  }
  const acute = (e: Vec3): Vec3 => (dot(e, e1) < -ROUNDING ? negated(e) : e)
  const e1 = shortest(() => true)
  const e2 = acute(shortest((e) => 1 - Math.abs(dot(e, e1)) > PARALLEL))
  const normal = cross(e1, e2)
  const scale = Math.sqrt(dot(normal, normal))
  const e3 = acute(shortest((e) => Math.abs(dot(e, normal)) > PARALLEL * scale))
  return dot(e3, normal) < 0 ? [negated(e1), negated(e2), negated(e3)] : [e1, e2, e3]
}

/**
 * Principal axes of the atoms of the cell around their centre, by ascending variance, right-handed. Each of the first
 * two points to where the third moment of the atoms is positive; without one, to the first atom off its plane.
 */
export function principalFrame(structure: Structure): Mat3 {
  const positions = cartesianPositions(structure)
  const atoms = positions.length / 3
  const centre = [0, 1, 2].map(
    (c) => positions.reduce((sum, x, n) => (n % 3 === c ? sum + x : sum), 0) / atoms,
  )
  const arms = Array.from({ length: atoms }, (_, i): Vec3 => {
    const [x, y, z] = positions.subarray(3 * i)
    return [x - centre[0], y - centre[1], z - centre[2]]
  })
  const moment = (c: number, d: number) => arms.reduce((sum, r) => sum + r[c] * r[d], 0)
  const { axes } = principalAxes([0, 1, 2].map((c) => [0, 1, 2].map((d) => moment(c, d))) as unknown as Mat3)
  const [e1, e2] = axes.map((e) => (pointsBack(e, arms) ? negated(e) : e))
  return [e1, e2, cross(e1, e2)]
}

function pointsBack(axis: Vec3, arms: readonly Vec3[]): boolean {
  const along = arms.map((r) => dot(r, axis))
  const size = Math.max(...along.map(Math.abs))
  const third = along.reduce((sum, x) => sum + x ** 3, 0)
  if (Math.abs(third) > ROUNDING * size ** 3) return third < 0
  return (along.find((x) => Math.abs(x) > ROUNDING * size) ?? 0) < 0
}
