// Whether every crystal of a data set can be fed to the network, looked at before the first step: one in the test split
// would otherwise be found when the training is over.

import type { Split } from '../data/labelled.ts'
import { CrystalOnnxError, DatasetError } from '../errors.ts'
import type { PreparedSet } from './prepared.ts'

/** Faults that are named in the message. */
const NAMED = 5
/** Crystals after which an interrupt is looked for. */
const TURN = 64

/** @throws DatasetError naming the crystals that cannot be fed, their splits and the reasons; the reason of `signal`. */
export async function checkFeedable(
  sets: Readonly<Record<Split | 'leftOut', PreparedSet>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const faults: string[] = []
  for (const [name, { length, at }] of Object.entries(sets)) {
    // What is left out by chemistry is of the train split of the data.
    const split = name === 'leftOut' ? 'train' : name
    for (let index = 0; index < length; index++) {
      if (index % TURN === 0) {
        await nextTurn()
        signal?.throwIfAborted()
      }
      try {
        at(index)
      } catch (error) {
        if (!(error instanceof CrystalOnnxError)) throw error
        faults.push(`${split} ${error.message}`)
      }
    }
  }
  if (faults.length === 0) return
  const more = faults.length > NAMED ? `; and ${faults.length - NAMED} more` : ''
  const them = faults.length === 1 ? 'it' : 'them'
  throw new DatasetError(
    `the network cannot take ${faults.length} of the crystals; leave ${them} out of the data: ` +
      `${faults.slice(0, NAMED).join('; ')}${more}`,
  )
}

/** Lets the event loop go round once. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // Pages have no setImmediate.
    if (typeof setImmediate === 'function') setImmediate(resolve)
    else setTimeout(resolve)
  })
}
