// Memory over many predictions and many loads: nothing of a run or of a model that was disposed stays.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { load } from '../../runtimes/node/load.ts'
import { chain, exported } from '../runtimes/models.ts'

it('does not grow', async () => {
  const model = await load(exported.bytes, { device: 'cpu', threads: 1 })
  const sizes = Array.from({ length: 60 }, (_, n) => chain(1 + ((n * 17) % 23), 1 + n))
  const round = async (times: number) => {
    for (let n = 0; n < times; n++) await model.predict(sizes[n % sizes.length])
  }
  await round(600)
  const before = process.memoryUsage().rss
  await round(2000)
  // A cache that kept every shape, or arrays that were never freed, would take hundreds of MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(60 * 2 ** 20)
  await model.dispose()
})

// A session that stays takes over a megabyte, a worker that stays over ten.
it.each([
  [false, 30],
  [true, 6],
])('gives back what a model took when it is disposed (worker: %s)', async (worker, times) => {
  const cycles = async (count: number) => {
    for (let n = 0; n < count; n++) {
      const model = await load(exported.bytes, { device: 'cpu', threads: 1, worker })
      await model.predict(chain(1 + n))
      await model.dispose()
    }
    collectGarbage()
  }
  await cycles(times / 2)
  const before = process.memoryUsage().rss
  await cycles(times)
  expect(process.memoryUsage().rss - before).toBeLessThan(25 * 2 ** 20)
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
