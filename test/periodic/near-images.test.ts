// The list of images that a frame can be chosen from: nothing that is left out could have been chosen, by all scores,
// widths and axes that are tried; and in a batch it names the places of these images.

import { describe, expect, it } from 'vitest'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { nearImages } from '../../src/periodic/near-images.ts'
import { neighbourTable } from '../../src/periodic/neighbours.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { runsOf } from '../../src/periodic/runs.ts'
import type { NeighbourTable } from '../../src/periodic/types.ts'
import { goldenStructures } from '../golden/goldens.ts'
import { randomCrystal, seeded } from './crystals.ts'

const RADIUS = 7
/** σ of 1.4 Å/√½, the widest of the default network */
const DECAY = 1 / (2 * 1.4 ** 2 * 2)
/** Log weights this close are tied (docs/mathematics.md §6.2). */
const TIE = 1e-3
const PARALLEL = 0.9999
/** float32 of displacements of some Å */
const F32 = 1e-6

const golden = goldenStructures()
const crystals: [string, Structure][] = [
  ...golden,
  ...[1, 2, 3, 4, 5, 6].map((seed): [string, Structure] => [`random ${seed}`, randomCrystal(seed, 1 + seed)]),
]

/** Images of atom i with their directions; the atom itself has none. */
function imagesOf({ offsets, neighbour, displacement }: NeighbourTable, i: number) {
  return Array.from({ length: offsets[i + 1] - offsets[i] }, (_, at) => {
    const n = offsets[i] + at
    const r = [...displacement.subarray(3 * n, 3 * n + 3)] as unknown as Vec3
    return { n, j: neighbour[n], r, squared: r[0] ** 2 + r[1] ** 2 + r[2] ** 2 }
  }).filter(({ squared }) => squared > 1e-5)
}

const cosine = (a: Vec3, b: Vec3) =>
  Math.abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (Math.hypot(...a) * Math.hypot(...b))

describe.each(crystals)('%s', (name, crystal) => {
  const table = neighbourTable(crystal, { kind: 'sphere', radius: RADIUS })
  const { offsets, image } = nearImages(table, runsOf(table), DECAY)

  it('leaves out nothing that could be chosen', () => {
    const random = seeded(name.length)
    for (let i = 0; i < table.atoms; i++) {
      const near = new Set(image.subarray(offsets[i], offsets[i + 1]))
      const images = imagesOf(table, i)
      for (let trial = 0; trial < 40; trial++) {
        const score = Array.from({ length: table.atoms }, () => 12 * random())
        const decay = DECAY * (1 + 3 * random() ** 2)
        const weights = images.map(({ j, squared }) => score[j] - decay * squared)
        const first = tied(weights)
        for (const at of first) expect(near, `e1 ${images[at].r}`).toContain(images[at].n)
        // e1 of a max frame is an image, that of principal axes is not.
        const e1 = trial % 2 ? images[first[0]].r : ([0, 0, 0].map(() => random() - 0.5) as unknown as Vec3)
        const beside = images.map(({ r }, at) => {
          const c = cosine(e1, r)
          return c > PARALLEL ? Number.NEGATIVE_INFINITY : weights[at] + Math.log(1 - c)
        })
        for (const at of tied(beside)) expect(near, `e2 ${images[at].r}`).toContain(images[at].n)
      }
    }
  })
})

function tied(values: readonly number[]): number[] {
  const best = Math.max(...values)
  return values.flatMap((value, at) => (value >= best - TIE ? [at] : []))
}

it('leaves out most images of a small cell', () => {
  const table = neighbourTable(golden.get('Si_diamond')!, { kind: 'sphere', radius: 9.9 })
  const { image } = nearImages(table, runsOf(table), DECAY)
  expect(image.length).toBeLessThan(0.3 * table.neighbour.length)
})

it('names places in a batch', () => {
  const spec = { images: { kind: 'sphere', radius: RADIUS }, near: { decay: DECAY } } as const
  const elements = Array.from({ length: 98 }, (_, row) => row + 1)
  const prepared = crystals.slice(-6).map(([, crystal]) => prepareCrystal(crystal, spec, elements))
  const batch = packBatch(prepared)
  const { near, translation } = batch.tensors
  const [atoms, most] = near.dims
  let row = 0
  for (const { images, near: list, atoms: count } of prepared) {
    for (let i = 0; i < count; i++, row++) {
      const own = [...list!.image.subarray(list!.offsets[i], list!.offsets[i + 1])]
      const padded = Array.from({ length: most }, (_, at) => own[at] ?? own[0])
      padded.forEach((n, at) => {
        const place = near.data[row * most + at]
        for (const c of [0, 1, 2]) {
          expect(Math.abs(translation.data[3 * place + c] - images!.displacement[3 * n + c])).toBeLessThan(
            F32,
          )
        }
      })
    }
  }
  expect(row).toBe(atoms)
})

it('an atom alone in its sphere has its own place', () => {
  const alone = structure({
    lattice: [
      [20, 0, 0],
      [0, 20, 0],
      [0, 0, 20],
    ],
    frac: [[0, 0, 0]],
    species: [14],
  })
  const spec = { images: { kind: 'sphere', radius: RADIUS }, near: { decay: DECAY } } as const
  const { near } = packBatch([alone, alone].map((crystal) => prepareCrystal(crystal, spec, [14]))).tensors
  expect(near).toEqual({ data: Int32Array.from([0, 1]), dims: [2, 1] })
})
