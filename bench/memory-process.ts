// One run of memory.ts, a process of its own: `model.onnx predictions|cycles TIMES worker|thread`. Prints resident
// memory at every tenth of the way, MB, as JSON. Needs `--expose-gc`.

import { load } from '../runtimes/node/load.ts'
import { generateIonicDataset } from '../src/data/ionic/generate.ts'

const [file, what, count, thread] = process.argv.slice(2)
const times = Number(count)
const options = { device: 'cpu', threads: 1, worker: thread === 'worker' } as const
const crystals = [...generateIonicDataset({ count: 128, seed: 11 })].map((c) => c.structure)

const megabytes: number[] = []
async function repeat(once: (n: number) => Promise<void>): Promise<void> {
  for (let n = 1; n <= times; n++) {
    await once(n)
    if (n % (times / 10) !== 0) continue
    // What is left to collect is no leak, and V8 leaves ten megabytes of it for as long as it likes.
    globalThis.gc?.()
    megabytes.push(process.memoryUsage.rss() / 2 ** 20)
  }
}

if (what === 'cycles') {
  await repeat(async (n) => {
    const model = await load(file, options)
    await model.predict(crystals[n % crystals.length])
    await model.dispose()
  })
} else {
  const model = await load(file, options)
  await repeat(async (n) => {
    await model.predict(crystals[n % crystals.length])
  })
  await model.dispose()
}
console.log(JSON.stringify(megabytes))
