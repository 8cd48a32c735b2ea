// The value of `--level` of commands that give intervals.

import { InvalidArgumentError } from 'commander'
import { checkLevel } from '../domain/judge.ts'
import { finiteNumber } from './options.ts'

export function levelOption(text: string): number {
  const level = finiteNumber(text)
  try {
    checkLevel(level)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
  return level
}
