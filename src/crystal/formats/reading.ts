// What format readers have in common: how a failure becomes an entry of its own instead of ending the file, and numbers.

import { CrystalOnnxError, ParseError, StructureError } from '../../errors.ts'
import type { Found, ReadContext, Reading } from './format.ts'

/** Runs the reading of one structure, which may start on `line`; an error of ours becomes an entry. */
export function attempt(
  { file }: ReadContext,
  line: number | (() => number),
  read: (warnings: string[]) => Found,
): Reading {
  const warnings: string[] = []
  try {
    return { ...read(warnings), warnings }
  } catch (error) {
    return { error: placed(error, file, line), warnings }
  }
}

/**
 * The error of an entry. A StructureError, which knows no file, becomes a ParseError at `line` with the StructureError as
 * its cause. Errors that are not ours are bugs and are thrown on.
 */
export function placed(
  error: unknown,
  file: string | undefined,
  line: number | (() => number),
): CrystalOnnxError {
  if (!(error instanceof CrystalOnnxError)) throw error
  if (!(error instanceof StructureError)) return error
  const where = { file, line: typeof line === 'number' ? line : line() }
  return new ParseError(error.message, where, { cause: error })
}

/**
 * A decimal number as files write it: `0.25`, `.5`, `-1.2e-3`, Fortran's `1.0D+00`, and CIF's `0.3053(2)` with its
 * standard uncertainty dropped. Undefined when it is none, for `NaN` and `Infinity` too.
 */
export function parseNumber(text: string): number | undefined {
  if (text.length > 60 || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?(?:\(\d*\))?$/.test(text))
    return undefined
  const x = Number(text.replace(/\(.*/, '').replace(/[dD]/, 'e'))
  return Number.isFinite(x) ? x : undefined
}
