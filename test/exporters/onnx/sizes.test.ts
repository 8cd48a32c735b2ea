// The algebra of sizes, finding a size behind observed numbers, and the sizes that functions are recorded at.

import { describe, expect, it } from 'vitest'
import { expressions } from '../../../exporters/onnx/express.ts'
import { planReshape } from '../../../exporters/onnx/file/reshape-plan.ts'
import { recordingSizes } from '../../../exporters/onnx/samples.ts'
import {
  add,
  equal,
  evaluate,
  format,
  multiply,
  type Size,
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
    ['a volume', volume([A, 8, multiply(M, S)]), '8*A*M*S'],
  ])('%s', (_, size, text) => expect(format(size)).toBe(text))

  it('are equal whatever the order they were made in', () => {
    expect(equal(multiply(add(A, S), M), add(multiply(M, A), multiply(S, M)))).toBe(true)
    expect(equal(multiply(A, S), multiply(A, M))).toBe(false)
    expect(equal(A, 3)).toBe(false)
  })

  it('evaluate', () => expect(evaluate(sum(multiply(A, S), 7), { A: 3, S: 5 })).toBe(22))

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
