// What format readers have in common: how a failure becomes an entry of its own instead of ending the file, and numbers.

import { CrystalOnnxError, ParseError, StructureError } from '../../errors.ts'
import { checkScale } from '../scale.ts'
import type { Found, ReadContext, Reading } from './format.ts'

/** Runs the reading of one structure, which may start on `line`; an error of ours becomes an entry. */
export function attempt(
  { file }: ReadContext,
  line: number | (() => number),
  read: (warnings: string[]) => Found,
): Reading {
  const warnings: string[] = []
  try {
    const found = read(warnings)
    checkScale(found.structure)
    return { ...found, warnings }
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

const [PLUS, MINUS, DOT, ZERO, NINE, OPEN] = [43, 45, 46, 48, 57, 40]
/** Digits whose number a float64 holds exactly, as it does the powers of ten up to that. */
const EXACT_DIGITS = 15
const LONGEST_NUMBER = 60
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, n) => 10 ** n)

/**
 * A decimal number as files write it: `0.25`, `.5`, `-1.2e-3`, Fortran's `1.0D+00`, and CIF's `0.3053(2)` with its
 * standard uncertainty dropped. Undefined when it is none, for `NaN` and `Infinity` too.
 */
export function parseNumber(text: string): number | undefined {
  return numberAt(text, 0, text.length)
}

/** The number that the text has from `start` to `end`. */
export function numberAt(text: string, start: number, end: number): number | undefined {
  let at = start
  const sign = text.charCodeAt(at)
  if (sign === PLUS || sign === MINUS) at++
  let whole = 0
  let digits = 0
  let decimals = -1
  for (; at < end; at++) {
    const c = text.charCodeAt(at)
    if (c >= ZERO && c <= NINE) {
      whole = 10 * whole + (c - ZERO)
      digits++
      if (decimals >= 0) decimals++
    } else if (c === DOT && decimals < 0) decimals = 0
    else break
  }
  // One division of exact numbers is rounded as the decimal number itself would be.
  const plain = digits > 0 && digits <= EXACT_DIGITS && end - start <= LONGEST_NUMBER
  if (!plain || (at < end && text.charCodeAt(at) !== OPEN)) return anyNumber(text.slice(start, end))
  if (at < end && !/^\(\d*\)$/.test(text.slice(at, end))) return undefined
  const size = decimals > 0 ? whole / POWERS[decimals] : whole
  return sign === MINUS ? -size : size
}

function anyNumber(text: string): number | undefined {
  if (text.length > LONGEST_NUMBER || !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?(?:\(\d*\))?$/.test(text))
    return undefined
  const x = Number(text.replace(/\(.*/, '').replace(/[dD]/, 'e'))
  return Number.isFinite(x) ? x : undefined
}
