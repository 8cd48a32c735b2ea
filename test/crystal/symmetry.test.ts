// Hall symbols, space-group names and special positions against moyo, which took none of its data from here.

import { describe, expect, test } from 'vitest'
import { type CellParameters, latticeFromParameters } from '../../src/crystal/cell.ts'
import { expandSites } from '../../src/crystal/symmetry/expand.ts'
import { operationsOfHall } from '../../src/crystal/symmetry/hall.ts'
import {
  formatOperation,
  type Operation,
  operationKey,
  parseLinear,
  parseOperation,
} from '../../src/crystal/symmetry/operation.ts'
import {
  settingsForCell,
  settingsOfNumber,
  settingsOfSymbol,
} from '../../src/crystal/symmetry/space-groups.ts'
import type { Mat3, Vec3 } from '../../src/math/vectors.ts'
import { HALL_NUMBERS, moyo, moyoOperations } from './moyo.ts'

const keys = (operations: readonly Operation[]) => operations.map(operationKey).sort()
const CUBIC: CellParameters = [5, 5, 5, 90, 90, 90]
const HEXAGONAL: CellParameters = [5, 5, 12, 90, 90, 120]
const RHOMBOHEDRAL: CellParameters = [6, 6, 6, 55, 55, 55]

describe('Hall symbols', () => {
  test('all 530 give the operations of moyo', () => {
    for (const n of HALL_NUMBERS) {
      const symbol = moyo.hall_symbol_entry(n).hall_symbol
      expect(keys(operationsOfHall(symbol)!), symbol).toEqual(keys(moyoOperations(n)))
    }
  })

  test('a change of basis moves the group', () => {
    // International Tables B, A1.4.2.3: P 31 2 (0 0 4) shifts the origin of P 31 2 by c/3.
    expect(keys(operationsOfHall('P 31 2 (x,y,z+1/3)')!)).toEqual(keys(operationsOfHall('P 31 2 (0 0 4)')!))
    // P 1 21/n 1 is P 1 21/c 1 on the axes -a-c, b, a.
    const moved = operationsOfHall('-P 2ybc (-z,y,x-z)')!
    expect(keys(moved)).toEqual(keys(operationsOfHall('-P 2yn')!))
    // A doubled cell holds a translation more.
    expect(operationsOfHall('P 1 (x/2,y,z)')).toHaveLength(2)
  })

  test.each([
    '',
    'Q 2',
    'P 5',
    'P 2 2 2 2 2 2',
    "P 4'",
    'P 2 (x,y)',
    'P 2 (x,x,z)',
    'P 4 (x/2,y,z)',
    'P 3x*',
    '(',
  ])('%j is none', (symbol) => expect(operationsOfHall(symbol)).toBeUndefined())
})

describe('operations as text', () => {
  test('all operations of all groups survive writing and reading', () => {
    for (const n of HALL_NUMBERS) {
      for (const operation of moyoOperations(n)) {
        expect(operationKey(parseOperation(formatOperation(operation))!)).toBe(operationKey(operation))
      }
    }
  })

  test.each([
    ['1/2-y,1/2+x,1/2+z', '-y+1/2,x+1/2,z+1/2'],
    ['0.5-Y, .5+X, Z+0.5', '-y+1/2,x+1/2,z+1/2'],
    ['x, y, z-1/2', 'x,y,z+1/2'],
    ['-x+0.3333, y+0.66667, z+4/3', '-x+1/3,y+2/3,z+1/3'],
    ['−x,+y,1*z', '-x,y,z'],
    ['x,y,z+1/2,-1', 'x,y,z+1/2'],
  ])('%s is %s', (text, standard) => expect(formatOperation(parseOperation(text)!)).toBe(standard))

  test.each([
    'foo,bar,baz',
    'x,y',
    'x,y,z,w',
    'x,y,',
    'x,x,z',
    '2x,y,z',
    'x y,z,1',
    'x,y,z+1/0',
    'x/2,y,z',
    '1//2+x,y,z',
  ])('%j is refused', (text) => expect(parseOperation(text)).toBeUndefined())

  test('linear expressions', () => {
    expect(parseLinear('-1/2*x+z/4-1/8')).toEqual([-0.5, 0, 0.25, -0.125])
    expect(parseLinear('x+')).toBeUndefined()
  })
})

describe('space-group names', () => {
  test('every symbol of every setting leads back to its group', () => {
    for (const n of HALL_NUMBERS) {
      const entry = moyo.hall_symbol_entry(n)
      for (const symbol of [
        entry.hm_short,
        entry.hm_full,
        entry.hm_full.replaceAll(' ', '').replaceAll('_', ''),
      ]) {
        const settings = settingsOfSymbol(symbol)
        expect(new Set(settings.map((s) => s.number)), symbol).toEqual(new Set([entry.number]))
      }
    }
  })

  test('number and setting together name one Hall symbol', () => {
    for (const n of HALL_NUMBERS) {
      const { number, setting, hall_symbol } = moyo.hall_symbol_entry(n)
      const found = settingsOfNumber(number).find((s) => s.choice === setting)
      expect(keys(operationsOfHall(found!.hall)!), `${number} ${setting}`).toEqual(
        keys(operationsOfHall(hall_symbol)!),
      )
    }
  })

  test.each([
    ['P42/mnm', 136],
    ['P 4(2)/m n m', 136],
    ['P4_2/mnm', 136],
    ['F m 3 m', 225],
    ['FM3M', 225],
    ['F M -3 M', 225],
    ['P 21/c', 14],
    ['P2(1)/n', 14],
    ['B 2/b', 15],
    ['C m c a', 64],
    ['A b m 2', 39],
    ['A b a 2', 41],
    ['R -3 m :H', 166],
    ['R-3c', 167],
    ['H 3 2', 155],
    ['P 6_3/m m c', 194],
    ['I -1', 2],
    ['F d -3 m (origin choice 1)', 227],
    ['P n a 21', 33],
    ['P 21/b 21/c 21/a', 61],
  ])('%s is number %i', (symbol, number) => expect(settingsOfSymbol(symbol)[0].number).toBe(number))

  test.each(['P', 'P 7', '__proto__', 'constructor', 'X m -3 m'])('%s is no group', (symbol) =>
    expect(settingsOfSymbol(symbol)).toEqual([]),
  )

  test('Cmma and Cmmb, which are both C m m e now, are different settings', () => {
    expect(settingsOfSymbol('C m m a').map((s) => s.hall)).toEqual(['-C 2a 2'])
    expect(settingsOfSymbol('C m m b').map((s) => s.hall)).toEqual(['-C 2a 2a'])
  })

  test.each([
    ['F d -3 m', CUBIC, ['2', '1']],
    ['F d -3 m :1', CUBIC, ['1']],
    ['F d -3 m S', CUBIC, ['1']],
    ['F d 3 m Z', CUBIC, ['2']],
    ['R -3 m', HEXAGONAL, ['H']],
    ['R -3 m', RHOMBOHEDRAL, ['R']],
    ['R -3 m H', RHOMBOHEDRAL, ['H']],
    ['R -3 m :R', RHOMBOHEDRAL, ['R']],
    ['P 21/c', [5, 6, 7, 90, 95, 90], ['b1']],
    ['P 21/n', [5, 6, 7, 90, 95, 90], ['b2']],
    ['P 21/n', [5, 6, 7, 90, 90, 95], ['c2']],
    ['P 21/n', [5, 6, 7, 90, 90, 90], ['b2']],
    ['P n m a', [5, 6, 7, 90, 90, 90], ['']],
    ['P n a m', [5, 6, 7, 90, 90, 90], ['a-cb']],
  ] as const)('%s with cell %j is setting %j', (symbol, cell, choices) =>
    expect(settingsForCell(settingsOfSymbol(symbol), cell).map((s) => s.choice)).toEqual(choices),
  )

  test.each([
    [14, [5, 6, 7, 90, 95, 90], '-P 2ybc'],
    [14, [5, 6, 7, 90, 90, 95], '-P 2ac'],
    [166, HEXAGONAL, '-R 3 2='],
    [166, RHOMBOHEDRAL, '-P 3* 2'],
    [227, CUBIC, '-F 4vw 2vw 3'],
    [48, [5, 6, 7, 90, 90, 90], '-P 2ab 2bc'],
  ] as const)('number %i with cell %j is %s', (number, cell, hall) =>
    expect(settingsForCell(settingsOfNumber(number), cell)[0].hall).toBe(hall),
  )
})

describe('special positions', () => {
  // Coordinates as a CIF has them, rounded to four digits; 0.137 and the others are on no symmetry element, nor near
  // one in the cells of about 100 Å used here.
  const digits = 1e4
  const point = (coordinates: string): Vec3 => {
    const values = { x: 0.137, y: 0.2113, z: 0.0591 }
    const exact = coordinates.split(',').map((part) => {
      const [x, y, z, w] = parseLinear(part)!
      return x * values.x + y * values.y + z * values.z + w
    })
    return exact.map((v) => Math.round(v * digits) / digits) as unknown as Vec3
  }
  /** A cell with the symmetry: the metric of a triclinic one, averaged over the rotations. */
  const cellOf = (operations: readonly Operation[]): Mat3 => {
    const metric = [10000, 700, 560, 700, 11800, 840, 560, 840, 13700]
    const mean = new Array<number>(9).fill(0)
    for (const { rotation: r } of operations) {
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          for (let k = 0; k < 3; k++) {
            for (let l = 0; l < 3; l++) {
              mean[3 * i + j] += (r[k][i] * metric[3 * k + l] * r[l][j]) / operations.length
            }
          }
        }
      }
    }
    const [a, b, c] = [Math.sqrt(mean[0]), Math.sqrt(mean[4]), Math.sqrt(mean[8])]
    const degrees = (cos: number) => Math.round((Math.acos(cos) * 180) / Math.PI / 1e-6) * 1e-6
    return latticeFromParameters([
      a,
      b,
      c,
      degrees(mean[5] / b / c),
      degrees(mean[2] / a / c),
      degrees(mean[1] / a / b),
    ])
  }

  test('all Wyckoff positions of all settings have their multiplicity', () => {
    let positions = 0
    for (const n of HALL_NUMBERS) {
      const operations = operationsOfHall(moyo.hall_symbol_entry(n).hall_symbol)!
      const lattice = cellOf(operations)
      for (const { coordinates, multiplicity, letter } of moyo.wyckoff_positions(n)) {
        const atom = { frac: point(coordinates), element: 11, occupancy: 1, label: letter }
        const { frac } = expandSites(lattice, [atom], operations, 1000)
        expect(frac.length, `Hall number ${n}, position ${multiplicity}${letter}`).toBe(multiplicity)
        positions++
      }
    }
    expect(positions).toBeGreaterThan(3000)
  })

  test('an atom close to a special position is put exactly onto it', () => {
    const operations = operationsOfHall('P 6c -2c')!
    const lattice = latticeFromParameters([3.25, 3.25, 5.2, 90, 90, 120])
    const atom = { frac: [0.3333, 0.6667, 0.3821] as Vec3, element: 8, occupancy: 1, label: 'O1' }
    const { frac } = expandSites(lattice, [atom], operations, 10)
    expect(frac).toHaveLength(2)
    for (const [i, x] of [1 / 3, 2 / 3, 0.3821].entries()) expect(frac[0][i]).toBeCloseTo(x, 12)
  })

  test('an atom split over a mirror plane stays split', () => {
    const operations = operationsOfHall('P -2y')!
    const lattice = latticeFromParameters([5, 5, 5, 90, 90, 90])
    const atom = (occupancy: number) => ({ frac: [0, 0.03, 0] as Vec3, element: 8, occupancy, label: 'O1' })
    expect(expandSites(lattice, [atom(0.5)], operations, 10).frac).toHaveLength(2)
    expect(expandSites(lattice, [atom(1)], operations, 10).frac).toEqual([[0, 0, 0]])
    // Two occupants that fill one site together are on the plane together.
    const mixed = expandSites(lattice, [atom(0.8), { ...atom(0.2), element: 9 }], operations, 10)
    expect(mixed.frac).toEqual([[0, 0, 0]])
    expect(mixed.species[0]).toHaveLength(2)
  })
})
