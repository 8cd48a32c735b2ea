// What numbers of the command line may be.

import { InvalidArgumentError } from 'commander'
import { describe, expect, it } from 'vitest'
import {
  finiteNumber,
  LIMITS,
  positiveInteger,
  positiveNumber,
  whole,
  wholeNumber,
  within,
} from '../../src/cli/options.ts'

describe('numbers of the command line', () => {
  it.each(Object.entries(LIMITS))('%s: its ends are taken, and nothing beyond them', (_, limits) => {
    const [low, high] = limits
    expect([within(limits)(String(low)), within(limits)(String(high))]).toEqual([low, high])
    expect(() => within(limits)(String(high * 1.001))).toThrow(`expected a number from ${low} to ${high}.`)
    expect(() => within(limits)(String(low - 1))).toThrow(InvalidArgumentError)
  })

  it('nothing is no number, and neither is what is left of one', () => {
    for (const parse of [
      finiteNumber,
      positiveInteger,
      positiveNumber,
      wholeNumber,
      whole([0, 9]),
      within([0, 9]),
    ]) {
      for (const text of ['', ' ', 'x', '1x', 'NaN', 'Infinity', '1e999']) {
        expect(() => parse(text), `${parse.name} of "${text}"`).toThrow(InvalidArgumentError)
      }
    }
    expect(() => whole([0, 9])('1.5')).toThrow('expected a whole number from 0 to 9.')
    expect(() => positiveInteger('99999999999999999999')).toThrow(InvalidArgumentError)
  })
})
