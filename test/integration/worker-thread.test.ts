// A model in a worker thread of the caller's own, as pools use it: the thread may be ended during a prediction without
// taking the process along, and leaves no process behind.

import { spawnSync } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { built } from '../built.ts'
import { loadHere } from '../exporters/crystal/exported.ts'
import { chain, exported, onDisk } from '../runtimes/models.ts'

const runtimes = pathToFileURL(built('runtimes')).href
const crystal = JSON.stringify(chain(6))

/** The program of a thread. */
const thread = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { load } = await import(${JSON.stringify(runtimes)})
  const { end, worker } = workerData
  const model = await load(${JSON.stringify(onDisk())}, { device: 'cpu', threads: 1, worker })
  const crystal = ${crystal}
  const { value } = await model.predict(crystal)
  const size = 1500
  const large = { lattice: [[3 * size, 0, 0], [0, 4, 0], [0, 0, 4]], species: Array(size).fill(29),
    frac: Array.from({ length: size }, (_, n) => [n / size, 0, 0]) }
  if (end === 'terminate') for (let n = 0; n < 2; n++) model.predict(large).catch(() => {})
  parentPort.postMessage(value)
  if (end === 'dispose') await model.dispose()
`

/** Starts a thread several times, ends it as \`end\` says while it predicts, and prints values and exit codes. */
function program(end: 'terminate' | 'dispose' | 'forget', worker: boolean, times: number): string {
  return `
    import { Worker } from 'node:worker_threads'
    for (let n = 0; n < ${times}; n++) {
      const thread = new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(thread)})),
        { workerData: { end: '${end}', worker: ${worker} } })
      // Before the first await: of a thread that has ended by then, message and exit are told in one turn.
      const ended = new Promise((resolve) => thread.once('exit', resolve))
      const [value] = await new Promise((resolve, reject) => {
        thread.once('message', (value) => resolve([value]))
        thread.once('error', reject)
      })
      if ('${end}' === 'terminate') setTimeout(() => thread.terminate(), 5 + 11 * n)
      await ended
      console.log(value)
    }
    console.log('alive')
  `
}

describe('in a thread of the caller', () => {
  it.each([
    ['terminate', true, 3],
    ['terminate', false, 3],
    ['dispose', true, 1],
    ['forget', true, 1],
  ] as const)('%s (worker: %s)', async (end, worker, times) => {
    const here = await loadHere(exported.bytes)
    const { value } = await here.predict(chain(6))
    await here.dispose()
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program(end, worker, times)],
      { encoding: 'utf8', timeout: 55_000, cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    )
    expect(stderr).toBe('')
    expect(signal).toBeNull()
    expect(status).toBe(0)
    expect(stdout.trim().split('\n')).toEqual([...Array(times).fill(String(value)), 'alive'])
  })
})
