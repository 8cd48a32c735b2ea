// One training a folder: two would delete each other's checkpoints.

import { TrainingError } from '../errors.ts'
import { type FolderLock, type LockOptions, lockFolder } from '../files/lock.ts'
import type { OnEvent } from './events.ts'

const LOCK_FILE = 'lock.json'

/** Does `work` while this process holds the run folder; its events are signs of life. */
export async function whileHolding<T>(
  run: {
    readonly runFolder: string
    readonly resume?: boolean
    readonly signal?: AbortSignal
    readonly onEvent?: OnEvent
  },
  work: (onEvent: OnEvent) => Promise<T>,
): Promise<T> {
  const { onEvent = () => {}, signal, resume } = run
  const onWait = (message: string) => onEvent({ type: 'warning', message })
  const lock = await holdFolder(run.runFolder, { wait: resume, signal, onWait })
  try {
    return await work((event) => {
      lock.touch()
      onEvent(event)
    })
  } finally {
    await lock.release()
  }
}

/** Takes the run folder for this process. @throws TrainingError when another process trains in it. */
export function holdFolder(
  folder: string,
  options: Pick<LockOptions, 'wait' | 'signal' | 'onWait'> = {},
): Promise<FolderLock> {
  return lockFolder(folder, {
    ...options,
    name: LOCK_FILE,
    refusal: (who) =>
      new TrainingError(`${who} trains in ${folder} already; wait for it to end, or choose another folder`),
  })
}
