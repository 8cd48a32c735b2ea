// The program of a thread that reads structure files, one task after another.

import { parentPort } from 'node:worker_threads'
import { sentError } from '../../../runtimes/sent.ts'
import { readEntries, standInsRefused } from '../../crystal/read.ts'
import type { Answer, File, SentEntry, Task } from './task.ts'

function entriesOf({ name, bytes }: File, { format, maxSites, most }: Task): SentEntry[] {
  const entries: SentEntry[] = []
  for (const entry of readEntries(bytes, { file: name, format, maxSites })) {
    const { warnings } = entry
    const error = 'error' in entry ? entry.error : standInsRefused(entry, name)
    if (error) entries.push({ warnings, error: sentError(error) })
    else if (!('error' in entry)) entries.push({ warnings, structure: entry.structure })
    if (entries.length >= most) break
  }
  return entries
}

const port = parentPort!
port.on('message', (task: Task) => {
  let answer: Answer
  try {
    answer = { entries: task.files.map((file) => entriesOf(file, task)) }
  } catch (error) {
    answer = { fault: (error as Error).stack ?? String(error) }
  }
  port.postMessage(answer)
})
