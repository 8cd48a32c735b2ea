// The evaluator of an onnxruntime session: from crystals to neighbour tables, runs of alike crystals by total atoms, and
// the row of each. A crystal that fails, fails alone.

import type { Structure } from '../src/crystal/structure.ts'
import { CrystalOnnxError, DeviceError } from '../src/errors.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import type { PreparedCrystal, PrepareOptions } from '../src/periodic/prepare.ts'
import { attentionOf } from './attention-of.ts'
import type { EvaluateOptions, Evaluator, ModelContent, Rows } from './evaluator.ts'
import { prepare } from './prepare.ts'
import type { Device, Outputs } from './runtime.ts'
import { feedsOf, type Session } from './session.ts'
import { oneByOne, pauses } from './turns.ts'

/** Atoms that a symmetry of the crystal makes equal give the same to what is asked of the whole crystal. */
const ONE_OF_EACH: PrepareOptions = { oneOfEachOrbit: true }

/** A crystal with its tables, and the milliseconds that they took. */
interface Entry {
  readonly index: number
  readonly prepared: PreparedCrystal
  readonly ms: number
}

export function graphEvaluator(model: ModelContent, device: Device, session: Session): Evaluator {
  const { card, inputs } = model
  const inTurn = oneByOne()

  async function evaluate(
    crystals: readonly Structure[],
    outputs: readonly string[],
    { maxAtoms = card.max_atoms, signal }: EvaluateOptions,
  ): Promise<(Rows | CrystalOnnxError)[]> {
    const results: (Rows | CrystalOnnxError)[] = new Array(crystals.length)
    const good: Entry[] = []
    const pause = pauses()
    for (const [index, crystal] of crystals.entries()) {
      signal?.throwIfAborted()
      const start = performance.now()
      try {
        const prepared = prepare(card, crystal, ONE_OF_EACH)
        good.push({ index, prepared, ms: performance.now() - start })
      } catch (error) {
        if (!(error instanceof CrystalOnnxError)) throw error
        results[index] = error
      }
      await pause()
    }
    const groups = groupAlike(
      good.map(({ prepared }) => prepared),
      maxAtoms,
    )
    for (const group of groups) {
      signal?.throwIfAborted()
      const entries = group.map((n) => good[n])
      const found = await run(entries, outputs)
      for (const [c, entry] of entries.entries()) {
        // What is not a number in one crystal is none in any that shared its run: a second try is its own affair.
        const again = found[c] instanceof CrystalOnnxError && entries.length > 1
        results[entry.index] = again ? (await run([entry], outputs))[0] : found[c]
      }
    }
    return results
  }

  /** One forward pass. */
  async function run(
    entries: readonly Entry[],
    outputs: readonly string[],
  ): Promise<(Rows | CrystalOnnxError)[]> {
    const start = performance.now()
    const batch = packBatch(entries.map(({ prepared }) => prepared))
    const given = await session.run(feedsOf(batch, inputs), outputs)
    const perAtom = (performance.now() - start) / batch.atoms
    return entries.map(({ prepared, ms }, c) => {
      const rows = rowsOf(given, c)
      const wrong = Object.values(rows).flatMap((row) => row.find((value) => !Number.isFinite(value)) ?? [])
      return wrong.length > 0
        ? new DeviceError(
            `the model gives ${wrong[0]} for this crystal on device ${device}, expected finite numbers`,
          )
        : { rows, ms: ms + perAtom * prepared.atoms }
    })
  }

  return {
    evaluate: (crystals, outputs, options = {}) => inTurn(() => evaluate(crystals, outputs, options)),
    attention: (crystal) => inTurn(() => attentionOf(model, session, crystal)),
    release: () => inTurn(() => session.release()),
  }
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
