// Symmetry operations from a Hall symbol (Hall 1981, Acta Cryst. A37, 517; International Tables B, A1.4.2.3):
// `-P 4n 2n` for rutile's P 4₂/m n m, with a change of basis `(x-y,x+y,z)` or an origin shift `(0 0 4)`/12 at the end.
// Not here: which Hall symbol a space-group name stands for (space-groups.ts).

import {
  determinant,
  inverse,
  type Mat3,
  mapEntries,
  minus,
  negated,
  product,
  UNIT_MATRIX,
  type Vec3,
} from '../../math/vectors.ts'
import { remembered } from '../remembered.ts'
import { apply, group, normal, type Operation, parseLinear, translation } from './operation.ts'

const CENTRINGS: ReadonlyMap<string, readonly Vec3[]> = new Map([
  ['P', []],
  ['A', [[0, 1 / 2, 1 / 2]]],
  ['B', [[1 / 2, 0, 1 / 2]]],
  ['C', [[1 / 2, 1 / 2, 0]]],
  ['I', [[1 / 2, 1 / 2, 1 / 2]]],
  ['R', [[2 / 3, 1 / 3, 1 / 3]]],
  ['S', [[1 / 3, 1 / 3, 2 / 3]]],
  ['T', [[1 / 3, 2 / 3, 1 / 3]]],
  // biome-ignore format: one lattice a line
  ['F', [[0, 1 / 2, 1 / 2], [1 / 2, 0, 1 / 2]]],
])

const SHIFTS: ReadonlyMap<string, Vec3> = new Map([
  ['a', [1 / 2, 0, 0]],
  ['b', [0, 1 / 2, 0]],
  ['c', [0, 0, 1 / 2]],
  ['n', [1 / 2, 1 / 2, 1 / 2]],
  ['u', [1 / 4, 0, 0]],
  ['v', [0, 1 / 4, 0]],
  ['w', [0, 0, 1 / 4]],
  ['d', [1 / 4, 1 / 4, 1 / 4]],
])

/** Rotations about z by order; those about x and y follow by cyclic permutation. */
// biome-ignore format: one rotation a line
const ABOUT_Z: ReadonlyMap<string, Mat3> = new Map([
  ['1', UNIT_MATRIX],
  ['2', [[-1, 0, 0], [0, -1, 0], [0, 0, 1]]],
  ['3', [[0, -1, 0], [1, -1, 0], [0, 0, 1]]],
  ['4', [[0, -1, 0], [1, 0, 0], [0, 0, 1]]],
  ['6', [[1, -1, 0], [1, 0, 0], [0, 0, 1]]],
])
/** Twofold rotations about a−b (') and a+b ("), both perpendicular to z. */
// biome-ignore format: one rotation a line
const DIAGONAL_MINUS: Mat3 = [[0, -1, 0], [-1, 0, 0], [0, 0, -1]]
// biome-ignore format: one rotation a line
const DIAGONAL_PLUS: Mat3 = [[0, 1, 0], [1, 0, 0], [0, 0, -1]]
/** The threefold rotation about a+b+c (*). */
// biome-ignore format: one rotation a line
const BODY_DIAGONAL: Mat3 = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]

const ROTATION = /^(-?)([12346])([1-5]?)([xyz]?)(['"=*]?)([1-5]?)([abcnuvwd]*)$/

/** Space groups in all of their settings are some 600. */
const SETTINGS = 600

/** All operations of the group a Hall symbol names, the identity first; undefined when it is no Hall symbol. */
export function operationsOfHall(symbol: string): readonly Operation[] | undefined {
  return symbol.length > 200 ? undefined : known(symbol)
}

const known = remembered(SETTINGS, (symbol: string): Operation[] | undefined => {
  const [, main, change] = /^([^()]*)(?:\(([^()]*)\))?\s*$/.exec(symbol.trim()) ?? []
  if (main === undefined) return undefined
  // Underscores may stand for blanks, as in `-P_4n_2n`.
  const [lattice, ...rotations] = main.replaceAll('_', ' ').trim().split(/\s+/)
  const [, inversion, centring] = /^(-?)([PABCIRSTF])$/i.exec(lattice) ?? []
  if (centring === undefined || rotations.length > 4) return undefined
  const generators = CENTRINGS.get(centring.toUpperCase())!.map(translation)
  if (inversion === '-') generators.push(normal(opposite(UNIT_MATRIX), [0, 0, 0]))

  let previous = { order: '', axis: 'z' }
  for (const [i, text] of rotations.entries()) {
    const [, improper, order, early, named, diagonal, late, shifts] = ROTATION.exec(text.toLowerCase()) ?? []
    if (order === undefined) return undefined
    const axis = impliedAxis(i, order, named, diagonal, previous)
    const rotation = axis && rotationMatrix(order, axis.letter, axis.diagonal)
    const screw = Number(early || late || 0)
    if (axis === undefined || rotation === undefined || (screw > 0 && axis.diagonal !== '')) return undefined
    const w: [number, number, number] = [0, 0, 0]
    if (screw > 0) w['xyz'.indexOf(axis.letter)] += screw / Number(order)
    for (const letter of shifts) {
      const shift = SHIFTS.get(letter)!
      for (let k = 0; k < 3; k++) w[k] += shift[k]
    }
    generators.push(normal(improper === '-' ? opposite(rotation) : rotation, w))
    if (order !== '1') previous = { order, axis: axis.letter }
  }
  if (change === undefined) return group(generators)
  const basis = changeOfBasis(change)
  const transformed = basis && transform(generators, basis)
  return transformed && group(transformed)
})

/** The axis a rotation has when its symbol leaves it out depends on its place and on the rotation before it. */
function impliedAxis(
  place: number,
  order: string,
  named: string,
  diagonal: string,
  previous: { order: string; axis: string },
): { letter: string; diagonal: string } | undefined {
  if (diagonal === '*') return order === '3' && named === '' ? { letter: 'z', diagonal: '*' } : undefined
  if (diagonal !== '') {
    return order === '2'
      ? { letter: named || previous.axis, diagonal: diagonal === "'" ? "'" : '"' }
      : undefined
  }
  if (named !== '' || order === '1' || place === 0) return { letter: named || 'z', diagonal: '' }
  if (order === '2') {
    if (previous.order === '2' || previous.order === '4') return { letter: 'x', diagonal: '' }
    if (previous.order === '3' || previous.order === '6') return { letter: previous.axis, diagonal: "'" }
  }
  return order === '3' ? { letter: 'z', diagonal: '*' } : { letter: 'z', diagonal: '' }
}

function rotationMatrix(order: string, axis: string, diagonal: string): Mat3 {
  if (diagonal === '*') return BODY_DIAGONAL
  const z = diagonal === "'" ? DIAGONAL_MINUS : diagonal === '"' ? DIAGONAL_PLUS : ABOUT_Z.get(order)!
  const turns = { z: 0, x: 1, y: 2 }[axis]!
  return permuted(z, turns)
}

/** The matrix with its axes renamed x→y→z→x `turns` times: a rotation about z becomes one about x, then about y. */
function permuted([a, b, c]: Mat3, turns: number): Mat3 {
  if (turns === 0) return [a, b, c]
  const row = ([x, y, z]: Vec3): Vec3 => [z, x, y]
  return permuted([row(c), row(a), row(b)], turns - 1)
}

function opposite([a, b, c]: Mat3): Mat3 {
  return [negated(a), negated(b), negated(c)]
}

interface Basis {
  readonly matrix: Mat3
  readonly shift: Vec3
}

function changeOfBasis(text: string): Basis | undefined {
  const numbers = text.trim().split(/\s+/)
  if (numbers.length === 3 && numbers.every((n) => /^-?\d{1,2}$/.test(n))) {
    const shift = numbers.map((n) => Number(n) / 12) as unknown as Vec3
    return { matrix: UNIT_MATRIX, shift }
  }
  const rows = text.toLowerCase().replace(/\s+/g, '').split(',').map(parseLinear)
  if (rows.length !== 3 || rows.includes(undefined)) return undefined
  const matrix = rows.map((row) => row!.slice(0, 3)) as unknown as Mat3
  return determinant(matrix) === 0 ? undefined : { matrix, shift: rows.map((r) => r![3]) as unknown as Vec3 }
}

/**
 * V · S · V⁻¹ for every generator, and the old lattice vectors as generators, for a new cell may hold several old ones.
 * Undefined when the new cell breaks the symmetry.
 */
function transform(generators: readonly Operation[], { matrix, shift }: Basis): Operation[] | undefined {
  const back = inverse(matrix)
  const moved: Operation[] = []
  const old = UNIT_MATRIX.map((e) => ({ rotation: UNIT_MATRIX, translation: e }))
  for (const { rotation, translation: w } of [...generators, ...old]) {
    const exact = product(product(matrix, rotation), back)
    if (exact.flat().some((n) => Math.abs(n - Math.round(n)) > 1e-6)) return undefined
    const turned = mapEntries(exact, Math.round)
    const there = apply({ rotation: matrix, translation: shift }, w)
    const origin = apply({ rotation: turned, translation: [0, 0, 0] }, shift)
    moved.push(normal(turned, minus(there, origin)))
  }
  return moved
}
