// Space groups and primitive cells of textbook crystals, as International Tables and Strukturbericht have them.

import { expect, test } from 'vitest'
import { latticeFromParameters, latticeParameters, nearSquare, volume } from '../../src/crystal/cell.ts'
import { formula } from '../../src/crystal/formula.ts'
import { readStructures } from '../../src/crystal/read.ts'
import { spaceGroup, toPrimitive } from '../../src/crystal/standardise.ts'
import { structure } from '../../src/crystal/structure.ts'
import { StructureError } from '../../src/errors.ts'

const crystal = (cell: number[], symbol: string, atoms: string) => {
  const tags = ['length_a', 'length_b', 'length_c', 'angle_alpha', 'angle_beta', 'angle_gamma']
  const text = [
    'data_x',
    ...tags.map((tag, i) => `_cell_${tag} ${cell[i]}`),
    `_space_group_name_H-M_alt '${symbol}'`,
    'loop_ _atom_site_label _atom_site_fract_x _atom_site_fract_y _atom_site_fract_z _atom_site_occupancy',
    atoms,
  ].join('\n')
  return readStructures(text)[0].structure
}

test.each([
  ['halite', [5.64, 5.64, 5.64, 90, 90, 90], 'F m -3 m', 'Na 0 0 0 1\nCl .5 .5 .5 1', 225, 4],
  ['diamond', [3.567, 3.567, 3.567, 90, 90, 90], 'F d -3 m :1', 'C 0 0 0 1', 227, 4],
  ['iron', [2.866, 2.866, 2.866, 90, 90, 90], 'I m -3 m', 'Fe 0 0 0 1', 229, 2],
  ['rutile', [4.594, 4.594, 2.959, 90, 90, 90], 'P 42/m n m', 'Ti 0 0 0 1\nO .305 .305 0 1', 136, 1],
  ['corundum', [4.758, 4.758, 12.99, 90, 90, 120], 'R -3 c', 'Al 0 0 .352 1\nO .306 0 .25 1', 167, 3],
  ['magnesium', [3.209, 3.209, 5.211, 90, 90, 120], 'P 63/m m c', 'Mg .3333 .6667 .25 1', 194, 1],
  [
    'baddeleyite',
    [5.151, 5.212, 5.317, 90, 99.23, 90],
    'P 21/c',
    'Zr .276 .041 .208 1\nO .07 .332 .345 1',
    14,
    1,
  ],
  ['defective halite', [5.64, 5.64, 5.64, 90, 90, 90], 'F m -3 m', 'Na 0 0 0 .9\nCl .5 .5 .5 1', 225, 4],
])('%s', async (_, cell, symbol, atoms, number, ratio) => {
  const s = crystal(cell, symbol, atoms)
  expect((await spaceGroup(s)).number).toBe(number)
  const primitive = await toPrimitive(s)
  expect(volume(s.lattice) / volume(primitive.lattice)).toBeCloseTo(ratio, 9)
  expect(s.frac.length / primitive.frac.length).toBe(ratio)
})

test('the primitive cell of halite has its atoms at the right distance, and occupancies stay', async () => {
  const s = crystal([5.64, 5.64, 5.64, 90, 90, 90], 'F m -3 m', 'Na 0 0 0 .9\nCl .5 .5 .5 1')
  const { lattice, frac, species } = await toPrimitive(s)
  expect(species.flat().map((o) => o.occupancy)).toEqual([0.9, 1])
  for (const x of latticeParameters(lattice).slice(0, 3)) expect(x).toBeCloseTo(5.64 / Math.SQRT2, 9)
  // Half of the body diagonal of the conventional cell is a lattice vector away from a/2.
  const [[x, y, z], [u, v, w]] = frac
  const d = Math.sqrt(nearSquare(lattice)(u - x, v - y, w - z))
  expect([5.64 / 2, (5.64 * Math.sqrt(3)) / 2].some((x) => Math.abs(d - x) < 1e-9)).toBe(true)
})

test('a supercell goes back to the cell', async () => {
  const lattice = latticeFromParameters([8, 4, 4, 90, 90, 90])
  const frac = [[0, 0, 0], [0.5, 0, 0], [0.25, 0.5, 0.5], [0.75, 0.5, 0.5]] // biome-ignore format: one line
  const primitive = await toPrimitive(structure({ lattice, frac, species: [55, 55, 17, 17], name: 'CsCl' }))
  expect(formula(primitive)).toBe('Cs1 Cl1')
  expect(primitive.name).toBe('CsCl')
})

test('overlapping atoms have no symmetry, and a second call is not harmed', async () => {
  const lattice = latticeFromParameters([3, 3, 3, 90, 90, 90])
  const overlapping = structure({ lattice, frac: [[0, 0, 0], [0, 0, 1e-5]], species: [1, 1] }) // biome-ignore format: one line
  await expect(toPrimitive(overlapping)).rejects.toThrow(StructureError)
  await expect(toPrimitive(overlapping)).rejects.toThrow(/symprec = 0\.01/)
  expect((await spaceGroup(structure({ lattice, frac: [[0, 0, 0]], species: [84] }))).number).toBe(221)
})
