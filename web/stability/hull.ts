// The energy above the hull of known phases, of one crystal and the energy that was predicted for it. Loaded with the phases
// when it is first asked for.

import type { Prediction } from '../../runtimes/predict.ts'
import { atomicFractions, reducedFormula } from '../../src/crystal/formula.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { type Hull, hullOf } from '../../src/hull/hull.ts'
import { judge, ofFirstTarget, type Verdict } from '../../src/hull/judge.ts'
import { readPhases } from '../../src/hull/known.ts'

const files = new Map<string, Promise<Hull>>()

/** What a crystal is compared with, and what came of it. */
export interface Stability extends Verdict {
  /** Known phases of its elements, without the pure elements. */
  readonly compared: number
}

/** @throws where the phases cannot be loaded */
export async function stabilityOf(
  structure: Structure,
  { value, interval }: Prediction,
  references: URL,
): Promise<Stability> {
  const fractions = atomicFractions(structure)
  const phase = { formula: reducedFormula(structure), fractions, energy: value }
  // Of thousands of phases those of its elements; the elements themselves, which go first, are in every hull.
  const known = (await hullOfKnown(references)).within(fractions.keys()).slice(fractions.size)
  const verdict = judge(hullOf([...known, phase]), phase, ofFirstTarget(interval))
  return { ...verdict, compared: known.length }
}

function hullOfKnown(references: URL): Promise<Hull> {
  const { href } = references
  const found = files.get(href) ?? downloaded(href)
  files.set(href, found)
  // Asked again, it is tried again.
  found.catch(() => files.delete(href))
  return found
}

async function downloaded(href: string): Promise<Hull> {
  const response = await fetch(href)
  if (!response.ok) throw new Error(`${href}: ${response.status} ${response.statusText}`)
  return hullOf(readPhases(await response.text()))
}
