// Hashes by which the parts of a run folder know each other. Every JSON file carries the sha256 of the rest of itself, and
// names that of the settings it belongs to; what was edited, or comes from another run, does not fit and is refused.
// Against mistakes, not against forgery. Files from before there were seals have none, and are taken.

import { createHash } from 'node:crypto'
import { TrainingError } from '../errors.ts'

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** The hash of what a JSON file says, its own seal excepted: white space does not matter. */
export function contentHash(value: object): string {
  const { sha256: _, ...content } = value as { sha256?: unknown }
  return sha256(JSON.stringify(content))
}

/** The value with its seal, to be written as JSON. */
export function sealed<T extends object>(value: T): T & { readonly sha256: string } {
  return { ...value, sha256: contentHash(value) }
}

/** @throws TrainingError when what was read from `path` carries a seal that does not fit it. */
export function checkSeal(path: string, value: unknown): void {
  const seal = (value as { sha256?: unknown } | null)?.sha256
  if (seal === undefined || seal === contentHash(value as object)) return
  throw new TrainingError(
    `${path} was changed after it was written (its sha256 does not fit); restore it, or train anew`,
  )
}

/**
 * @param named hash that a part names as that of what it belongs to; undefined in files from before there were seals
 * @throws TrainingError when it is another one
 */
export function checkBelongs(part: string, named: string | undefined, to: string, hash: string): void {
  if (named === undefined || named === hash) return
  throw new TrainingError(
    `${part} does not belong to ${to}: one of them comes from another run, or was changed; restore them, or train anew`,
  )
}
