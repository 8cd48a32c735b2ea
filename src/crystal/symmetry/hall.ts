// Symmetry operations from a Hall symbol (Hall 1981, Acta Cryst. A37, 517; International Tables B, A1.4.2.3):
// `-P 4n 2n` for rutile's P 4₂/m n m, with a change of basis `(x-y,x+y,z)` or an origin shift `(0 0 4)`/12 at the end.
// Not here: which Hall symbol a space-group name stands for (space-groups.ts).

import type { Vec3 } from '../structure.ts'
import {
  apply,
  determinant,
  group,
  normal,
  type Operation,
  parseLinear,
  product,
  translation,
} from './operation.ts'

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
const ABOUT_Z: ReadonlyMap<string, readonly number[]> = new Map([
  ['1', [1, 0, 0, 0, 1, 0, 0, 0, 1]],
  ['2', [-1, 0, 0, 0, -1, 0, 0, 0, 1]],
  ['3', [0, -1, 0, 1, -1, 0, 0, 0, 1]],
  ['4', [0, -1, 0, 1, 0, 0, 0, 0, 1]],
  ['6', [1, -1, 0, 1, 0, 0, 0, 0, 1]],
])
/** Twofold rotations about a−b (') and a+b ("), both perpendicular to z. */
const DIAGONAL_MINUS = [0, -1, 0, -1, 0, 0, 0, 0, -1]
const DIAGONAL_PLUS = [0, 1, 0, 1, 0, 0, 0, 0, -1]
/** The threefold rotation about a+b+c (*). */
const BODY_DIAGONAL = [0, 0, 1, 1, 0, 0, 0, 1, 0]

const ROTATION = /^(-?)([12346])([1-5]?)([xyz]?)(['"=*]?)([1-5]?)([abcnuvwd]*)$/

/** All operations of the group a Hall symbol names, the identity first; undefined when it is no Hall symbol. */
export function operationsOfHall(symbol: string): Operation[] | undefined {
  if (symbol.length > 200) return undefined
  const [, main, change] = /^([^()]*)(?:\(([^()]*)\))?\s*$/.exec(symbol.trim()) ?? []
  if (main === undefined) return undefined
  // Underscores may stand for blanks, as in `-P_4n_2n`.
  const [lattice, ...rotations] = main.replaceAll('_', ' ').trim().split(/\s+/)
  const [, inversion, centring] = /^(-?)([PABCIRSTF])$/i.exec(lattice) ?? []
  if (centring === undefined || rotations.length > 4) return undefined
  const generators = CENTRINGS.get(centring.toUpperCase())!.map(translation)
  if (inversion === '-') generators.push(normal([-1, 0, 0, 0, -1, 0, 0, 0, -1], [0, 0, 0]))

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
    generators.push(normal(improper === '-' ? rotation.map((n) => -n + 0) : rotation, w))
    if (order !== '1') previous = { order, axis: axis.letter }
  }
  if (change === undefined) return group(generators)
  const basis = changeOfBasis(change)
  const transformed = basis && transform(generators, basis)
  return transformed && group(transformed)
}

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

function rotationMatrix(order: string, axis: string, diagonal: string): readonly number[] {
  if (diagonal === '*') return BODY_DIAGONAL
  const z = diagonal === "'" ? DIAGONAL_MINUS : diagonal === '"' ? DIAGONAL_PLUS : ABOUT_Z.get(order)!
  const turns = { z: 0, x: 1, y: 2 }[axis]!
  return permuted(z, turns)
}

/** The matrix with its axes renamed x→y→z→x `turns` times: a rotation about z becomes one about x, then about y. */
function permuted(m: readonly number[], turns: number): readonly number[] {
  if (turns === 0) return m
  const next = new Array<number>(9)
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) next[3 * ((i + 1) % 3) + ((j + 1) % 3)] = m[3 * i + j]
  }
  return permuted(next, turns - 1)
}

interface Basis {
  readonly matrix: readonly number[]
  readonly shift: Vec3
}

function changeOfBasis(text: string): Basis | undefined {
  const numbers = text.trim().split(/\s+/)
  if (numbers.length === 3 && numbers.every((n) => /^-?\d{1,2}$/.test(n))) {
    const shift = numbers.map((n) => Number(n) / 12) as unknown as Vec3
    return { matrix: ABOUT_Z.get('1')!, shift }
  }
  const rows = text.toLowerCase().replace(/\s+/g, '').split(',').map(parseLinear)
  if (rows.length !== 3 || rows.includes(undefined)) return undefined
  const matrix = rows.flatMap((row) => row!.slice(0, 3))
  return determinant(matrix) === 0 ? undefined : { matrix, shift: rows.map((r) => r![3]) as unknown as Vec3 }
}

/**
 * V · S · V⁻¹ for every generator, and the old lattice vectors as generators, for a new cell may hold several old ones.
 * Undefined when the new cell breaks the symmetry.
 */
function transform(generators: readonly Operation[], { matrix, shift }: Basis): Operation[] | undefined {
  const inverse = inverted(matrix)
  const unit: Vec3[] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]
  const moved: Operation[] = []
  const old = unit.map((e) => ({ rotation: ABOUT_Z.get('1')!, translation: e }))
  for (const { rotation, translation: w } of [...generators, ...old]) {
    const exact = product(product(matrix, rotation), inverse)
    const turned = exact.map((n) => Math.round(n) + 0)
    if (turned.some((n, i) => Math.abs(n - exact[i]) > 1e-6)) return undefined
    const there = apply({ rotation: matrix, translation: shift }, w)
    const back = apply({ rotation: turned, translation: [0, 0, 0] }, shift)
    moved.push(normal(turned, [there[0] - back[0], there[1] - back[1], there[2] - back[2]]))
  }
  return moved
}

function inverted([a, b, c, d, e, f, g, h, i]: readonly number[]): number[] {
  const det = determinant([a, b, c, d, e, f, g, h, i])
  return [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ].map((n) => n / det)
}
