// What all engines do alike: from crystals to tables, to runs of alike crystals by total atoms, and to the row of each. A
// crystal that fails, fails alone.

import type { Structure } from '../src/crystal/structure.ts'
import type { Look } from '../src/domain/look.ts'
import { lookAt } from '../src/domain/look-at.ts'
import { CrystalOnnxError, DeviceError } from '../src/errors.ts'
import type { EvaluateOptions, Evaluator, Rows } from './evaluator.ts'
import type { Device, Outputs } from './runtime.ts'
import { pauses } from './turns.ts'

/** What an engine adds. */
export interface Runs<Prepared extends { readonly atoms: number }> {
  readonly device: Device
  /** Atoms of a run at most, where nobody says. */
  readonly maxAtoms: number
  /** A crystal with its tables. @throws StructureError, ElementError, LimitError */
  prepare(crystal: Structure, trusted: boolean | undefined): Prepared
  /** Which crystals share a run of so many atoms at most, by their numbers. */
  group(crystals: readonly Prepared[], maxAtoms: number): readonly (readonly number[])[]
  /** Runs at a time; one after the other by default, since they share a core. */
  readonly parallel?: number
  /**
   * One forward pass: named outputs with a row a crystal, or what is wrong with one of these crystals, each of which is then
   * tried alone. @param crowded as in EvaluateOptions
   */
  run(
    crystals: readonly Prepared[],
    outputs: readonly string[],
    crowded: boolean | undefined,
  ): Outputs | Promise<Outputs | CrystalOnnxError>
}

/** A crystal with its tables and what was looked at, and the milliseconds that they took. */
interface Entry<Prepared> {
  readonly index: number
  readonly prepared: Prepared
  readonly look?: Look
  readonly ms: number
}

export function evaluateInRuns<Prepared extends { readonly atoms: number }>(
  engine: Runs<Prepared>,
): Evaluator['evaluate'] {
  return async (crystals, outputs, options = {}) => {
    const { maxAtoms = engine.maxAtoms, signal, trusted, look, crowded }: EvaluateOptions = options
    const results: (Rows | CrystalOnnxError)[] = new Array(crystals.length)
    const good: Entry<Prepared>[] = []
    const pause = pauses()
    for (const [index, crystal] of crystals.entries()) {
      signal?.throwIfAborted()
      const start = performance.now()
      try {
        const prepared = engine.prepare(crystal, trusted)
        const looked = look && { look: lookAt(crystal) }
        good.push({ index, prepared, ...looked, ms: performance.now() - start })
      } catch (error) {
        if (!(error instanceof CrystalOnnxError)) throw error
        results[index] = error
      }
      await pause()
    }
    const groups = engine.group(
      good.map(({ prepared }) => prepared),
      maxAtoms,
    )
    const { parallel = 1 } = engine
    for (let first = 0; first < groups.length; first += parallel) {
      signal?.throwIfAborted()
      const together = groups.slice(first, first + parallel).map((group) => runOf(group.map((n) => good[n])))
      await Promise.all(together)
      await pause()
    }
    return results

    async function runOf(entries: readonly Entry<Prepared>[]): Promise<void> {
      const found = await rowsOfRun(engine, entries, outputs, crowded)
      for (const [c, entry] of entries.entries()) {
        // What is not a number in one crystal is none in any that shared its run: a second try is its own affair.
        const again = found[c] instanceof CrystalOnnxError && entries.length > 1
        results[entry.index] = again ? (await rowsOfRun(engine, [entry], outputs, crowded))[0] : found[c]
      }
    }
  }
}

async function rowsOfRun<Prepared extends { readonly atoms: number }>(
  engine: Runs<Prepared>,
  entries: readonly Entry<Prepared>[],
  outputs: readonly string[],
  crowded: boolean | undefined,
): Promise<(Rows | CrystalOnnxError)[]> {
  const start = performance.now()
  const crystals = entries.map(({ prepared }) => prepared)
  const given = await engine.run(crystals, outputs, crowded)
  if (given instanceof CrystalOnnxError) return entries.map(() => given)
  const perAtom = (performance.now() - start) / crystals.reduce((sum, { atoms }) => sum + atoms, 0)
  return entries.map(({ prepared, look, ms }, c) => {
    const rows = rowsOf(given, c)
    const wrong = Object.values(rows).flatMap((row) => row.find((value) => !Number.isFinite(value)) ?? [])
    return wrong.length > 0
      ? new DeviceError(
          `the model gives ${wrong[0]} for this crystal on device ${engine.device}, expected finite numbers`,
        )
      : { rows, ms: ms + perAtom * prepared.atoms, ...(look && { look }) }
  })
}

/** Row c of every output. */
function rowsOf(outputs: Outputs, c: number): Rows['rows'] {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims }]) => {
      const width = data.length / dims[0]
      return [name, data.subarray(c * width, (c + 1) * width)]
    }),
  )
}
