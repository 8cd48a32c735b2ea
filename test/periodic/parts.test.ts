// A crystal in parts has the atoms and images of the whole, each once, and the images are of the same atoms.

import { describe, expect, it } from 'vitest'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { partsOf } from '../../src/periodic/parts.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { randomCrystal } from './crystals.ts'

const GEOMETRY = { images: { kind: 'sphere', radius: 6 }, near: { decay: 0.1 } } as const

/** Images of an atom as text: of which atom, and where. */
function imagesOf(
  { offsets, neighbour, displacement }: ReturnType<typeof whole>['images'],
  i: number,
  atomOf: (j: number) => number,
): string[] {
  const places = Array.from({ length: offsets[i + 1] - offsets[i] }, (_, n) => offsets[i] + n)
  return places.map((n) => `${atomOf(neighbour[n])} ${displacement.subarray(3 * n, 3 * n + 3).join(' ')}`)
}

function whole(atoms: number) {
  return prepareCrystal(randomCrystal(atoms, atoms), GEOMETRY, ELEMENT_TABLE)
}

describe('partsOf', () => {
  it.each([
    [1, 4],
    [23, 4],
    [23, 7],
    [23, 100],
  ])('%i atoms in parts of %i', (atoms, size) => {
    const crystal = whole(atoms)
    const parts = [...partsOf(crystal, size)]
    const own = parts.flatMap(({ crystal, sources }) => [...sources.subarray(0, crystal.atoms)])
    expect(own.toSorted((a, b) => a - b)).toEqual([...Array(atoms).keys()])
    for (const { crystal: part, sources } of parts) {
      expect(part.atoms).toBeLessThanOrEqual(size)
      expect(part.images.sources).toBe(sources.length)
      expect(new Set(sources).size).toBe(sources.length)
      for (let n = 0; n < part.atoms; n++) {
        const i = sources[n]
        expect(part.species[n]).toBe(crystal.species[i])
        expect(part.shares[n]).toBe(crystal.shares[i])
        const found = imagesOf(part.images, n, (j) => sources[j])
        const expected = imagesOf(crystal.images, i, (j) => j)
        expect(found).toEqual(expected)
        const near = (of: typeof crystal, row: number, images: string[]) =>
          [...of.near!.image.subarray(of.near!.offsets[row], of.near!.offsets[row + 1])].map(
            (at) => images[at - of.images.offsets[row]],
          )
        expect(near(part, n, found)).toEqual(near(crystal, i, expected))
      }
    }
  })

  it('packs pairs of the atoms of a part with all that their images are of', () => {
    const crystal = whole(23)
    for (const { crystal: part, sources } of partsOf(crystal, 5)) {
      const { tensors, slots } = packBatch([part])
      const J = sources.length
      expect(tensors.pair_start.dims).toEqual([part.atoms, J])
      expect(tensors.pair_end.dims).toEqual([part.atoms, J])
      // Every slot lies between the start and the end of its pair, or is one that is left over, of the atom itself.
      for (let i = 0; i < part.atoms; i++) {
        for (let s = 0; s < slots; s++) {
          const pair = tensors.pair.data[i * slots + s]
          expect(Math.floor(pair / J)).toBe(i)
          const at = i * (slots + 1) + s
          const isInside = at >= tensors.pair_start.data[pair] && at < tensors.pair_end.data[pair]
          if (!isInside) expect(pair % J).toBe(i)
        }
      }
    }
  })
})
