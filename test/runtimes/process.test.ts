// Evaluators in processes: they predict what threads predict, and one that the system kills is replaced.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { load } from '../../runtimes/node/load.ts'
import { loadHere } from '../exporters/crystal/exported.ts'
import { chain, exported } from './models.ts'

const CHILDREN = `/proc/${process.pid}/task/${process.pid}/children`
const here = existsSync(CHILDREN)

function children(): number[] {
  return readFileSync(CHILDREN, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

describe.skipIf(!here)(here ? 'in processes' : 'children of a process are not listed here', () => {
  it('answers what it was asked, whichever process is killed, and leaves none behind', async () => {
    const before = new Set(children())
    const own = () => children().filter((pid) => !before.has(pid))
    const alone = await loadHere(exported.bytes)
    const model = await load(exported.bytes, { device: 'cpu', threads: 2, worker: 'process', batching: {} })
    for (let round = 0; round < 2; round++) {
      const crystals = Array.from({ length: 30 }, (_, n) => chain(1 + ((n + round) % 17)))
      const answers = crystals.map((crystal) => model.predict(crystal))
      for (const pid of own()) process.kill(pid, 'SIGKILL')
      for (const [n, answer] of answers.entries()) {
        expect((await answer).value).toBeCloseTo((await alone.predict(crystals[n])).value, 5)
      }
    }
    expect(own().length).toBeGreaterThan(0)
    await model.dispose()
    await alone.dispose()
    await expect.poll(own).toEqual([])
  })
})
