// A thread that reads a data set and makes its index: what that leaves in memory goes with it.

import { parentPort, workerData } from 'node:worker_threads'
import { CrystalOnnxError } from '../../errors.ts'
import { readDataset } from '../dataset.ts'
import { buildStored } from './build.ts'
import type { BuildAnswer, BuildData } from './protocol.ts'

const { asked, index, source } = workerData as BuildData
const say = (answer: BuildAnswer) => parentPort!.postMessage(answer)

let unlabelled = 0
const crystals = readDataset(asked.paths, {
  target: asked.targets,
  primitive: asked.primitive,
  onUnlabelled: () => unlabelled++,
  onProgress: (progress) => say({ progress }),
})
try {
  await buildStored(index, source, asked.targets, crystals, () => unlabelled)
  say({})
} catch (error) {
  if (!(error instanceof CrystalOnnxError)) throw error
  say({ error: { code: error.code, message: error.message } })
}
