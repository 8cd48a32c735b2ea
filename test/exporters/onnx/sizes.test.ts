// The algebra of sizes, finding a size behind observed numbers, and the sizes that functions are recorded at.

import { describe, expect, it } from 'vitest'
import { expressions } from '../../../exporters/onnx/express.ts'
import { planReshape } from '../../../exporters/onnx/file/reshape-plan.ts'
import { farSizes, recordingSizes, sweepSizes } from '../../../exporters/onnx/recording-sizes.ts'
import {
  add,
  ceilDivide,
  equal,
  evaluate,
  floorDivide,
  format,
  maximum,
  minimum,
  multiply,
  type Size,
  type Sizes,
  subtract,
  symbol,
  symbolName,
  symbols,
  volume,
} from '../../../exporters/onnx/sizes.ts'

const [A, M, S] = ['A', 'M', 'S'].map(symbol)
const sum = (...sizes: Size[]) => sizes.reduce(add)

describe('sizes', () => {
  it.each<[string, Size, string]>([
    ['a number', add(2, multiply(3, 4)), '14'],
    ['a product, in one order', multiply(S, M), 'M*S'],
    ['a sum, highest degree first', sum(1, A, multiply(multiply(S, M), 2)), '2*M*S + A + 1'],
    ['a difference', subtract(A, 1), 'A - 1'],
    ['what cancels', subtract(add(A, 5), A), '5'],
    ['nothing left', subtract(A, A), '0'],
    ['a square', multiply(add(A, 1), subtract(A, 1)), 'A*A - 1'],
    ['a negative', multiply(A, -1), '-A'],
    ['a quotient in one form', floorDivide(add(multiply(A, 5), 7), 2), '2*A + floor((A + 1)/2) + 3'],
    ['a quotient of a quotient', floorDivide(add(floorDivide(add(A, 1), 2), 1), 2), 'floor((A + 3)/4)'],
    ['a quotient without common factors', floorDivide(add(multiply(A, 2), 3), 4), 'floor((A + 1)/2)'],
    ['rounded up', ceilDivide(A, 3), 'floor((A + 2)/3)'],
    ['the larger, whichever comes first', subtract(maximum(A, 64), maximum(64, A)), '0'],
    ['what fills up', subtract(add(A, maximum(subtract(64, A), 0)), maximum(A, 64)), '0'],
    ['the smaller and the larger', subtract(add(minimum(A, S), maximum(A, S)), A), 'S'],
    ['a volume', volume([A, 8, multiply(M, S)]), '8*A*M*S'],
  ])('%s', (_, size, text) => expect(format(size)).toBe(text))

  it('are equal whatever the order they were made in', () => {
    expect(equal(multiply(add(A, S), M), add(multiply(M, A), multiply(S, M)))).toBe(true)
    expect(equal(multiply(A, S), multiply(A, M))).toBe(false)
    expect(equal(A, 3)).toBe(false)
  })

  it('evaluate', () => {
    expect(evaluate(sum(multiply(A, S), 7), { A: 3, S: 5 })).toBe(22)
    expect(evaluate(multiply(floorDivide(add(A, S), 3), maximum(A, 4)), { A: 3, S: 5 })).toBe(8)
  })

  it('know their symbols', () => {
    expect(symbols(sum(multiply(A, S), A, 2)).sort()).toEqual(['A', 'S'])
    expect([symbolName(A), symbolName(multiply(A, 2)), symbolName(multiply(A, S)), symbolName(3)]).toEqual([
      'A',
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('expressions', () => {
  const recordings = recordingSizes(['A', 'S', 'M', 'C', 'E', 'J'])
  const found = expressions(recordings)

  it.each([
    '8',
    'A',
    'M*S',
    '64*A',
    'A*M*S',
    'A*A',
    'A*A*M',
    '3*A*M*M*S',
    '3*A*M*S',
    'A - 1',
    'M*S + 1',
    '2*A + 3',
    'A + S',
    'M*S + A',
    '2*C - E',
  ])('%s', (text) => {
    const size = parse(text)
    const observed = recordings.map((at) => evaluate(size, at))
    const again = found.find(observed)
    expect(again === undefined ? 'nothing' : format(again)).toBe(text)
  })

  it.each([
    ['half', ({ A }: Sizes) => Math.floor(A / 2), 'floor(A/2)'],
    ['windows', ({ A }: Sizes) => Math.ceil(A / 32), 'floor((A + 31)/32)'],
    ['twice a half', ({ A }: Sizes) => 2 * Math.ceil(A / 2), '2*floor((A + 1)/2)'],
    ['at most', ({ A }: Sizes) => Math.min(A, 100), 'A - max(0, A - 100)'],
    ['at least', ({ A }: Sizes) => Math.max(A, 64), 'max(0, A - 64) + 64'],
    ['what is missing', ({ A }: Sizes) => Math.max(64 - A, 0), '-A + max(0, A - 64) + 64'],
    ['the smaller of two', ({ A, S }: Sizes) => Math.min(A, S), 'A - max(0, A - S)'],
    ['a quotient of two', ({ A, S }: Sizes) => Math.floor(A / S), 'floor(A/S)'],
  ] as const)('%s', (_, size, text) => {
    const first = recordingSizes(['A', 'S'])
    const near = [...first, ...farSizes(['A', 'S'], first)]
    const found = expressions(near)
    found.find(near.map(size))
    const all = [...near, ...sweepSizes(found.rounded, near)]
    const again = expressions(all).find(all.map(size))
    expect(again === undefined ? 'nothing' : format(again)).toBe(text)
  })

  it('nothing that fits', () => {
    expect(
      found.find(recordings.map(({ A }) => Math.floor(A / 2) * Math.floor(A / 2) + (A % 3))),
    ).toBeUndefined()
  })

  /** A small reader of what format() writes. */
  function parse(text: string): Size {
    return text
      .replaceAll(' - ', ' + -')
      .split(' + ')
      .map((term) =>
        term
          .replace(/^-(?=[A-Z])/, '-1*')
          .split('*')
          .map((factor): Size => (/^-?\d+$/.test(factor) ? Number(factor) : symbol(factor)))
          .reduce(multiply),
      )
      .reduce(add)
  }
})

describe('recording sizes', () => {
  it.each([1, 2, 3, 6, 9])('of %i symbols are distinct and independent', (n) => {
    const names = Array.from({ length: n }, (_, i) => `s${i}`)
    const recordings = recordingSizes(names)
    expect(recordings).toHaveLength(3)
    for (const at of recordings) expect(new Set(Object.values(at)).size).toBe(n)
    for (const name of names) {
      expect(new Set(recordings.map((at) => at[name])).size).toBe(3)
      const again = expressions(recordings).find(recordings.map((at) => at[name]))
      expect(again === undefined ? 'nothing' : format(again)).toBe(name)
    }
  })

  it('without symbols there is one recording', () => expect(recordingSizes([])).toEqual([{}]))
  it('too many symbols are refused', () => {
    expect(() => recordingSizes(Array.from({ length: 40 }, (_, i) => `s${i}`))).toThrow(
      /40 symbolic sizes are too many/,
    )
  })
})

describe('reshape plans', () => {
  const target = (plan: ReturnType<typeof planReshape>) =>
    plan.op === 'Reshape' ? plan.target.map(format).join(' ') : `${plan.op} ${plan.axes}`

  it.each<[string, Size[], Size[], string]>([
    ['keeps axes with 0', [A, 8, S], [A, 8, 1, S], '0 8 1 -1'],
    ['merges with −1', [A, 8, M, S], [A, 8, multiply(M, S)], '0 8 -1'],
    ['computes one of two parted sizes', [A, 8, multiply(M, S)], [A, 8, M, S], '0 8 M -1'],
    ['leaves the harder size open', [multiply(A, multiply(M, S))], [A, multiply(M, S)], 'A -1'],
    ['is all numbers when all are', [2, 3], [3, 2], '3 2'],
    ['adds axes of size 1', [M, A, S], [1, M, A, 1, S], 'Unsqueeze 0,3'],
    ['drops axes of size 1', [1, M, A, 1, S], [M, A, S], 'Squeeze 0,3'],
  ])('%s', (_, from, to, text) => expect(target(planReshape(from, to))).toBe(text))
})
