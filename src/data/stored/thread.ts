// A thread that reads a data set and makes its index: what that leaves in memory goes with it.

import { parentPort, workerData } from 'node:worker_threads'
import { CrystalOnnxError } from '../../errors.ts'
import { placeOfId, readCrystals } from '../dataset.ts'
import { buildStored } from './build.ts'
import { hashedIds } from './hashed-ids.ts'
import type { BuildAnswer, BuildData } from './protocol.ts'

const { asked, index, source } = workerData as BuildData
const say = (answer: BuildAnswer) => parentPort!.postMessage(answer)

let unlabelled = 0
const { paths, targets, primitive } = asked
const crystals = readCrystals(
  paths,
  {
    ...{ target: targets, primitive },
    onUnlabelled: () => unlabelled++,
    onProgress: (progress) => say({ progress }),
  },
  hashedIds((id, before) => placeOfId(paths, { id, before }, { targets })),
)
try {
  await buildStored(index, source, targets, crystals, () => unlabelled)
  say({})
} catch (error) {
  if (!(error instanceof CrystalOnnxError)) throw error
  say({ error: { code: error.code, message: error.message } })
}
