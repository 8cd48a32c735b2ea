// metrics.jsonl: a line an epoch. Lines beyond the epoch that a run is resumed from, and a line that was being written
// when the process died, are dropped on resume.

import { appendFile, readFile } from 'node:fs/promises'
import { outputError, writeWhole } from '../files.ts'
import type { EpochMetrics } from './events.ts'

export async function appendMetrics(path: string, metrics: EpochMetrics): Promise<void> {
  try {
    // On the disk before the checkpoint of the same epoch is.
    await appendFile(path, `${JSON.stringify(metrics)}\n`, { flush: true })
  } catch (error) {
    throw outputError(path, error)
  }
}

/** The lines of a metrics file up to `lastEpoch`; empty when there is none. */
export async function readMetrics(
  path: string,
  lastEpoch = Number.POSITIVE_INFINITY,
): Promise<EpochMetrics[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const metrics: EpochMetrics[] = []
  // What follows the last newline was not finished.
  for (const line of text.split('\n').slice(0, -1)) {
    const entry = JSON.parse(line) as EpochMetrics
    if (entry.epoch <= lastEpoch) metrics.push(entry)
  }
  return metrics
}

export async function truncateMetrics(path: string, lastEpoch: number): Promise<void> {
  const kept = await readMetrics(path, lastEpoch)
  await writeWhole(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
}
