// A helper thread of training: an engine of its own that computes the gradient of what it is sent. It holds no
// state between tasks.

import { parentPort, workerData } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs-core'
import { importNetworks } from '../../../models/from-file.ts'
import { networkOf } from '../../../models/registry.ts'
import { feedFor } from '../../engines/feed-for.ts'
import { selectBackend } from '../../engines/select.ts'
import { localGradients } from '../gradients.ts'
import { disposeAll, type TensorMap } from '../tensors.ts'
import { type Answer, type HelperData, slots, type Task } from './protocol.ts'

const port = parentPort!
const { module, backend, config, geometry, loss, parameters, gradients } = workerData as HelperData
const given = new Float32Array(parameters)
const found = new Float32Array(gradients)

if (module !== undefined) await importNetworks(module)
const engine = await selectBackend(backend)
const source = localGradients(feedFor(engine, config, geometry), config, { loss })
const places = slots(config)
const { isTrainable } = networkOf(config)

function uploaded(): TensorMap {
  return new Map(
    places.map(({ name, shape, start, end }) => [name, tf.tensor(given.subarray(start, end), [...shape])]),
  )
}

async function answer({ batch, count }: Task): Promise<Answer> {
  const current = uploaded()
  const result = await source.ofMicroBatch(current, batch, count)
  for (const { name, start } of places) {
    if (isTrainable(name)) found.set(result.gradients.get(name)!.dataSync(), start)
  }
  disposeAll(current, result.gradients)
  return { loss: result.loss }
}

port.on('message', (task: Task) => {
  answer(task).then(
    (message) => port.postMessage(message),
    (error: Error) => port.postMessage({ error: error.message } satisfies Answer),
  )
})
port.postMessage({} satisfies Answer)
