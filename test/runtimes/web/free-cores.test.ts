// How many threads are worth having, from what one worker counts alone and several count together.

import { expect, it } from 'vitest'
import { worthwhile } from '../../../runtimes/web/free-cores.ts'

it.each([
  ['two free cores', 100, [98, 97], 2],
  ['one core that two share', 100, [50, 50], 1],
  ['a core and a half', 100, [80, 70], 1],
  ['four threads of two cores', 100, [50, 51, 49, 50], 2],
  ['three cores and most of a fourth', 100, [95, 95, 95, 80], 4],
  ['cores that are faster together than one was alone', 50, [100, 100], 2],
  ['cores that others keep busy', 100, [10, 12, 9, 11], 1],
  ['nothing counted', 0, [0, 0], 1],
] as const)('%s', (_, alone, together, threads) => {
  expect(worthwhile(alone, together)).toBe(threads)
})
