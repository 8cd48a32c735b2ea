// A thread that looks at a data set on a disk.

import { parentPort, workerData } from 'node:worker_threads'
import { lookAtData } from '../check/look.ts'
import type { LookTask } from './look-beside.ts'
import { openStored } from './open.ts'

const { place, options } = workerData as LookTask
const crystals = await openStored(place.path, place.source)
parentPort!.postMessage(crystals && (await lookAtData(crystals, options)))
