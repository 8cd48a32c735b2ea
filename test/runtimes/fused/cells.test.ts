// Images that the kernels find, against the neighbour tables that everything else uses.

import { describe, expect, it } from 'vitest'
import { arena } from '../../../runtimes/fused/arena.ts'
import { placeBatch } from '../../../runtimes/fused/batch.ts'
import { fusedCrystal } from '../../../runtimes/fused/crystal.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { supercell } from '../../../src/crystal/supercell.ts'
import { StructureError } from '../../../src/errors.ts'
import { random as generator } from '../../../src/math/random/xoshiro.ts'
import { closestAtoms } from '../../../src/periodic/closest.ts'
import { neighbourTable } from '../../../src/periodic/neighbours.ts'
import { machines } from './machines.ts'

const ELEMENTS = [8, 14, 22]
const RADIUS = 6.5
/** Rounding of float32, relative, with a margin. */
const FLOAT32 = 1e-6

/** Cells of all shapes: flat, skewed, left-handed, with coordinates far outside. */
function cells(): [string, Structure][] {
  const { uniform: next } = generator(5)
  const random = (atoms: number, size: number, skew: number): Structure =>
    structure({
      lattice: [0, 1, 2].map((m) =>
        [0, 1, 2].map((x) => (m === x ? size : 0) + skew * size * (next() - 0.5)),
      ),
      frac: Array.from({ length: atoms }, () => [4 * next() - 2, next(), next()]),
      species: Array.from({ length: atoms }, (_, n) => ELEMENTS[n % 3]),
    })
  const cubic = structure({
    lattice: [
      [3.9, 0, 0],
      [0, 3.9, 0],
      [0, 0, 3.9],
    ],
    frac: [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
      [0.5, 0.5, 0],
      [0.5, 0, 0.5],
      [0, 0.5, 0.5],
    ],
    species: [14, 22, 8, 8, 8],
  })
  const [a, b, c] = cubic.lattice
  return [
    ['one atom', random(1, 2.9, 0.2)],
    ['few atoms', random(7, 5, 0.4)],
    ['a skewed cell', { ...cubic, lattice: [a, b, c.map((x, n) => x + 3 * a[n] - 2 * b[n]) as never] }],
    ['a left-handed cell', { ...cubic, lattice: [b, a, c] }],
    ['a flat cell', random(5, 4, 0)],
    ['a symmetric cell', cubic],
    [
      'a long cell',
      {
        ...cubic,
        lattice: [a, b, [0, 0, 900]],
        frac: cubic.frac.map(([x, y, z]) => [x, y, z / 230]) as never,
      },
    ],
    ['a large cell', random(300, 16, 0.3)],
    [
      'a large flat cell',
      supercell(cubic, [
        [8, 0, 0],
        [0, 8, 0],
        [0, 0, 1],
      ]),
    ],
  ]
}

describe.each(machines())('%s', async (_, open) => {
  const machine = await open()
  const description = {
    words: Int32Array.of(),
    weights: Float32Array.of(),
    geometry: { images: { kind: 'sphere', radius: RADIUS } as const },
    directions: true,
    chooses: false,
    width: 1,
  }

  it.each(cells())('finds the images of %s', (_, crystal) => {
    const memory = arena(machine)
    const prepared = fusedCrystal(machine, memory, crystal, description, ELEMENTS, true)
    const other = fusedCrystal(machine, memory, cells()[1][1], description, ELEMENTS, true)
    // Behind another crystal, so that its places in the batch are not those in the cell.
    const at = placeBatch(machine, memory, [other, prepared], description, { targets: 1, embedding: 0 })
    const words = Array.from({ length: 17 }, (_, n) => memory.int(at.words + n))
    const [, , , pairs, images, , , pairStart, pairAtom, imageStart, distance2, unit] = words
    const { offsets, neighbour, displacement } = neighbourTable(crystal, { kind: 'sphere', radius: RADIUS })
    expect(images).toBe(other.images + neighbour.length)
    expect(pairs).toBe(other.pairs + prepared.pairs)
    const row = (i: number) => memory.int(pairStart + other.atoms + i)
    for (let i = 0; i < prepared.atoms; i++) {
      const found: number[][] = []
      for (let pair = row(i); pair < row(i + 1); pair++) {
        const [first, end] = [memory.int(imageStart + pair), memory.int(imageStart + pair + 1)]
        for (let f = first; f < end; f++) {
          const j = memory.int(pairAtom + pair) - other.atoms
          found.push([
            j,
            machine.floats[distance2 + f],
            ...machine.floats.subarray(unit + 3 * f, unit + 3 * f + 3),
          ])
        }
      }
      const expected: number[][] = []
      for (let n = offsets[i]; n < offsets[i + 1]; n++) {
        const [x, y, z] = displacement.subarray(3 * n, 3 * n + 3)
        const squared = x * x + y * y + z * z
        const length = squared > 1e-5 ? Math.sqrt(squared) : Number.POSITIVE_INFINITY
        expected.push([neighbour[n], squared, x / length, y / length, z / length])
      }
      expect(found.length).toBe(expected.length)
      const isSame = (one: number[], other: number[]) =>
        one[0] === other[0] &&
        one.every((x, n) => Math.abs(x - other[n]) <= FLOAT32 * Math.max(1, Math.abs(x)))
      expect(found.filter((one) => !expected.some((other) => isSame(one, other)))).toEqual([])
      expect(expected.filter((one) => !found.some((other) => isSame(one, other)))).toEqual([])
    }
  })

  it.each(cells())('refuses atoms that lie in each other in %s, and nothing else', (_, crystal) => {
    const { ratio } = closestAtoms(crystal, neighbourTable(crystal, { kind: 'sphere', radius: RADIUS }))
    const prepare = () => fusedCrystal(machine, arena(machine), crystal, description, ELEMENTS, false)
    if (ratio < 0.5) expect(prepare).toThrow(StructureError)
    else expect(prepare().atoms).toBe(crystal.frac.length)
  })

  it('takes one atom of each orbit, with its share', () => {
    const { rows, number, shares } = fusedCrystal(
      machine,
      arena(machine),
      cells()[5][1],
      { ...description, geometry: { ...description.geometry, symmetry: 'all' } },
      ELEMENTS,
      false,
    )
    // Strontium titanate by another name: three oxygen atoms in one orbit.
    expect([...rows]).toEqual([0, 1, 2])
    expect([...number]).toEqual([0, 1, 2, 2, 2])
    expect([...shares].map((share) => Math.round(5 * share))).toEqual([1, 1, 3])
  })
})
