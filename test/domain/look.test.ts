// What a domain sees of a crystal: numbers known by hand, the same in every cell.

import { describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { pairsOf } from '../../src/domain/look.ts'
import { lookAt } from '../../src/domain/look-at.ts'
import { binary } from './made-up.ts'

const a = 5.64
const rockSalt = binary(11, 17, a)

describe('lookAt', () => {
  it('sees elements, packing and the contact of rock salt', () => {
    const { elements, disordered, volumePerAtom, filling, contacts } = lookAt(rockSalt)
    expect(elements).toEqual([
      [11, 0.5],
      [17, 0.5],
    ])
    expect(disordered).toBe(false)
    expect(volumePerAtom).toBeCloseTo(a ** 3 / 8, 9)
    // Spheres of 1.66 and 1.02 Å (Cordero et al. 2008) in a quarter of the cube.
    expect(filling).toBeCloseTo(((4 / 3) * Math.PI * (1.66 ** 3 + 1.02 ** 3)) / (a ** 3 / 4), 9)
    // Na–Na at 3.99 Å is 1.20 of two radii, too far to be neighbours; so is Cl–Cl.
    expect(contacts).toHaveLength(1)
    expect(contacts[0].elements).toEqual([11, 17])
    expect(contacts[0].distance).toBeCloseTo(a / 2, 9)
    expect(contacts[0].ratio).toBeCloseTo(a / 2 / 2.68, 9)
  })

  it('sees the same in another cell', () => {
    const other = lookAt(
      supercell(rockSalt, [
        [2, 1, 0],
        [0, 1, 0],
        [0, -1, 3],
      ]),
    )
    const same = lookAt(rockSalt)
    expect(other.elements).toEqual(same.elements)
    expect(other.filling).toBeCloseTo(same.filling, 9)
    expect(other.contacts.map(({ elements }) => elements)).toEqual([[11, 17]])
    expect(other.contacts[0].distance).toBeCloseTo(a / 2, 9)
  })

  it('sees an atom beside its own image, and none where there is nothing near', () => {
    const cube = (edge: number) =>
      structure({
        lattice: [
          [edge, 0, 0],
          [0, edge, 0],
          [0, 0, edge],
        ],
        frac: [[0, 0, 0]],
        species: [29],
      })
    expect(lookAt(cube(2.5)).contacts).toEqual([
      { elements: [29, 29], distance: 2.5, ratio: expect.closeTo(2.5 / 2.64, 9) },
    ])
    expect(lookAt(cube(20)).contacts).toEqual([])
    expect(lookAt(cube(20)).volumePerAtom).toBe(8000)
  })

  it('takes sites that are shared for what they hold, and halves of one atom for no neighbours', () => {
    const shared = structure({
      ...rockSalt,
      species: [
        [
          { element: 11, occupancy: 0.5 },
          { element: 19, occupancy: 0.5 },
        ],
        17,
      ],
    })
    const { elements, disordered, contacts } = lookAt(shared)
    expect(elements).toEqual([
      [11, 0.25],
      [17, 0.5],
      [19, 0.25],
    ])
    expect(disordered).toBe(true)
    // K reaches 4.47 Å to itself and 4.06 Å to Na, whose next sites are 3.99 Å away.
    expect(contacts.map(({ elements }) => elements.join('-')).sort()).toEqual([
      '11-17',
      '11-19',
      '17-19',
      '19-19',
    ])
    const half = [{ element: 11, occupancy: 0.5 }]
    const split = structure({
      ...rockSalt,
      frac: [...rockSalt.frac, [0.05, 0, 0]],
      species: [half, 17, half],
    })
    expect(lookAt(split).contacts.map(({ elements }) => elements)).toEqual([[11, 17]])
  })
})

describe('pairsOf', () => {
  it('names each two elements once', () => {
    expect(
      pairsOf([
        [8, 0.6],
        [22, 0.2],
        [38, 0.2],
      ]),
    ).toEqual([
      [8, 22],
      [8, 38],
      [22, 38],
    ])
  })
})
