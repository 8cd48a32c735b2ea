// A worker of a screening: a process on one core, or a few, that does one task after the other, from reading to writing. It
// ends with the channel to the process that started it.

import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { CrystalOnnxError } from '../errors.ts'
import { type PartOptions, screenTask } from './part.ts'
import { rowCounter } from './row-counter.ts'
import { partOptions } from './settings.ts'
import type { Job, Reply, WorkerData } from './worker-protocol.ts'

const say = (reply: Reply) => void process.send!(reply)
let opened: Promise<{ readonly model: Model; readonly options: PartOptions }> | undefined

// Its temporary files go with it.
process.on('disconnect', () => process.exit())
// A reply finds that nobody is there any more, before word of that has come.
process.on('error', () => process.exit())
process.on('message', (message: WorkerData | Job) => {
  const doing = 'settings' in message ? (opened = open(message)) : work(message)
  doing.catch((error: unknown) => {
    const { message } = error as Error
    say({ kind: 'failed', code: error instanceof CrystalOnnxError ? error.code : 'INTERNAL', message })
  })
})

async function open({ model: bytes, device, engine, threads, settings }: WorkerData) {
  const model = await load(bytes, { device, engine, threads, worker: threads > 1 })
  return { model, options: partOptions(settings, model.card) }
}

async function work(job: Job): Promise<void> {
  const { model, options } = await opened!
  const counter = rowCounter((count, failed) => say({ kind: 'rows', count, failed }))
  await screenTask(model, job, options, {
    onRows: counter.add,
    onPart: (record) => say({ kind: 'part', record }),
  })
  counter.flush()
  say({ kind: 'done' })
}
