// The evaluator of an onnxruntime session: from crystals to neighbour tables, runs of alike crystals by total atoms, and
// the row of each. A crystal that fails, fails alone.

import type { Structure } from '../src/crystal/structure.ts'
import { CrystalOnnxError, DeviceError } from '../src/errors.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import type { PreparedCrystal } from '../src/periodic/prepare.ts'
import { attentionOf } from './attention-of.ts'
import type { EvaluateOptions, Evaluator, ModelContent, Rows } from './evaluator.ts'
import { prepare } from './prepare.ts'
import type { Device, Outputs } from './runtime.ts'
import { feedsOf, type Session } from './session.ts'
import { oneByOne, pauses } from './turns.ts'

/**
 * Atoms of a run that is divided between all cores, unless each has another to do. Measured on two cores, full-size
 * Crystalformer: a run of 1000 atoms is then 1.45 times as fast, of 300 atoms 1.16, and of 100 atoms slower, at twice
 * the processor time (docs/decisions/015-evaluators-side-by-side.md).
 */
const WIDE_RUN = 256

/** A crystal with its tables, and the milliseconds that they took. */
interface Entry {
  readonly index: number
  readonly prepared: PreparedCrystal
  readonly ms: number
}

/**
 * @param session one thread a run
 * @param openWide opens the graph once more, for runs on all cores; when the first large cell comes
 */
export function graphEvaluator(
  model: ModelContent,
  device: Device,
  session: Session,
  openWide?: () => Promise<Session>,
): Evaluator {
  const { card, inputs } = model
  const inTurn = oneByOne()
  let wide: Session | undefined

  async function evaluate(
    crystals: readonly Structure[],
    outputs: readonly string[],
    { maxAtoms = card.max_atoms, signal, trusted, crowded }: EvaluateOptions,
  ): Promise<(Rows | CrystalOnnxError)[]> {
    const results: (Rows | CrystalOnnxError)[] = new Array(crystals.length)
    const good: Entry[] = []
    const pause = pauses()
    for (const [index, crystal] of crystals.entries()) {
      signal?.throwIfAborted()
      const start = performance.now()
      try {
        // Atoms that a symmetry of the crystal makes equal give the same to what is asked of the whole crystal.
        const prepared = prepare(card, crystal, { oneOfEachOrbit: true, trusted })
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
      const found = await run(entries, outputs, crowded)
      for (const [c, entry] of entries.entries()) {
        // What is not a number in one crystal is none in any that shared its run: a second try is its own affair.
        const again = found[c] instanceof CrystalOnnxError && entries.length > 1
        results[entry.index] = again ? (await run([entry], outputs, crowded))[0] : found[c]
      }
    }
    return results
  }

  /** One forward pass. */
  async function run(
    entries: readonly Entry[],
    outputs: readonly string[],
    crowded: boolean | undefined,
  ): Promise<(Rows | CrystalOnnxError)[]> {
    const start = performance.now()
    const batch = packBatch(entries.map(({ prepared }) => prepared))
    const opened = await sessionFor(batch.atoms, crowded)
    const given = await opened.run(feedsOf(batch, inputs), outputs)
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

  async function sessionFor(atoms: number, crowded = false): Promise<Session> {
    if (!openWide || crowded || atoms < WIDE_RUN) return session
    wide ??= await openWide()
    return wide
  }

  return {
    evaluate: (crystals, outputs, options = {}) => inTurn(() => evaluate(crystals, outputs, options)),
    attention: (crystal) => inTurn(() => attentionOf(model, session, crystal)),
    release: () =>
      inTurn(async () => {
        await session.release()
        await wide?.release()
      }),
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
