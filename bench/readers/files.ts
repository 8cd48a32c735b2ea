// Structure files to time readers on: CIF as databases write it, with the atoms of the asymmetric unit and all operations of
// the space group, and frames of extended XYZ with forces, as programs write trajectories.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CellParameters, latticeFromParameters, toCartesian, volume } from '../../src/crystal/cell.ts'
import { SYMBOLS } from '../../src/crystal/elements.ts'
import { operationsOfHall } from '../../src/crystal/symmetry/hall.ts'
import { formatOperation, type Operation } from '../../src/crystal/symmetry/operation.ts'
import { settingsOfNumber } from '../../src/crystal/symmetry/space-groups.ts'
import { random } from '../../src/math/random/xoshiro.ts'

type Draw = ReturnType<typeof random>

/** Space groups by how often they occur in collections of inorganic crystals, roughly. */
const GROUPS = [
  225, 62, 14, 63, 194, 221, 12, 139, 166, 15, 2, 227, 129, 216, 11, 61, 176, 148, 167, 136, 140, 1,
]
/** Å³ an atom. */
const VOLUME = 16

/** @returns their paths and bytes in all */
export function writeCifs(folder: string, count: number): { paths: string[]; bytes: number } {
  mkdirSync(folder, { recursive: true })
  let bytes = 0
  const paths = Array.from({ length: count }, (_, n) => {
    const path = join(folder, `${String(n).padStart(5, '0')}.cif`)
    const text = cifOf(n, random(1, n))
    bytes += text.length
    writeFileSync(path, text)
    return path
  })
  return { paths, bytes }
}

function cifOf(n: number, draw: Draw): string {
  const group = draw.pick(GROUPS)
  const [first, ...others] = settingsOfNumber(group)
  const { hall, symbol } = others.find(({ choice }) => choice === '2') ?? first
  const operations = operationsOfHall(hall)!
  const atoms = Array.from({ length: 2 + draw.integer(6) }, (_, k) => ({
    symbol: SYMBOLS[3 + draw.integer(80)],
    // The first on a special position, others on some of their own.
    place: [0, 1, 2].map((axis) =>
      k === 0 || (axis !== 0 && draw.uniform() < 0.5)
        ? draw.integer(4) / 4
        : Number(draw.uniform().toFixed(6)),
    ),
  }))
  const edge = Math.cbrt(VOLUME * atoms.length * operations.length)
  const cell = cellOf(group, edge, draw)
  const numbers = cell.map((x) => x.toFixed(6))
  return [
    `# crystal ${n}`,
    `data_${atoms.map(({ symbol }) => symbol).join('')}`,
    `_symmetry_space_group_name_H-M   '${symbol}'`,
    ...['length_a', 'length_b', 'length_c', 'angle_alpha', 'angle_beta', 'angle_gamma'].map(
      (tag, k) => `_cell_${tag}   ${numbers[k]}`,
    ),
    `_symmetry_Int_Tables_number   ${group}`,
    `_cell_volume   ${volume(latticeFromParameters(cell)).toFixed(6)}`,
    'loop_',
    ' _symmetry_equiv_pos_site_id',
    ' _symmetry_equiv_pos_as_xyz',
    ...operations.map((operation: Operation, k) => `  ${k + 1}  '${spaced(formatOperation(operation))}'`),
    'loop_',
    ...['type_symbol', 'label', 'symmetry_multiplicity', 'fract_x', 'fract_y', 'fract_z', 'occupancy'].map(
      (tag) => ` _atom_site_${tag}`,
    ),
    ...atoms.map(
      ({ symbol, place }, k) =>
        `  ${symbol}  ${symbol}${k}  1  ${place.map((x) => x.toFixed(6)).join('  ')}  1`,
    ),
    '',
  ].join('\n')
}

function spaced(operation: string): string {
  return operation.replaceAll(',', ', ')
}

/** A cell that the group allows. */
function cellOf(group: number, edge: number, draw: Draw): CellParameters {
  const [b, c] = [edge * (0.8 + 0.4 * draw.uniform()), edge * (0.8 + 0.4 * draw.uniform())]
  if (group >= 195) return [edge, edge, edge, 90, 90, 90]
  if (group >= 143) return [edge, edge, c, 90, 90, 120]
  if (group >= 75) return [edge, edge, c, 90, 90, 90]
  if (group >= 16) return [edge, b, c, 90, 90, 90]
  if (group >= 3) return [edge, b, c, 90, 95 + 20 * draw.uniform(), 90]
  return [edge, b, c, 80 + 20 * draw.uniform(), 80 + 20 * draw.uniform(), 80 + 20 * draw.uniform()]
}

/** Frames of one to 200 atoms. @returns bytes */
export function writeFrames(path: string, count: number): number {
  const text = Array.from({ length: count }, (_, n) => frameOf(random(2, n))).join('')
  writeFileSync(path, text)
  return text.length
}

function frameOf(draw: Draw): string {
  const atoms = 1 + draw.integer(200)
  const edge = Math.cbrt(VOLUME * atoms)
  const lattice = latticeFromParameters([edge, edge, edge, 90, 90, 90])
  const rows = Array.from({ length: atoms }, () => {
    const symbol = SYMBOLS[3 + draw.integer(80)]
    const place = toCartesian([draw.uniform(), draw.uniform(), draw.uniform()], lattice)
    const forces = [0, 1, 2].map(() => draw.uniform() - 0.5)
    return [symbol.padEnd(2), ...[...place, ...forces].map((x) => x.toFixed(8).padStart(15))].join(' ')
  })
  const header =
    `Lattice="${lattice.flat().join(' ')}" Properties=species:S:1:pos:R:3:forces:R:3 ` +
    `energy=${(-4 * atoms * draw.uniform()).toFixed(6)} pbc="T T T"`
  return `${atoms}\n${header}\n${rows.join('\n')}\n`
}
