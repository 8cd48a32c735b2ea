// The evaluator of an onnxruntime session: padded tensors in, rows out.

import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { attentionOf } from './attention-of.ts'
import { evaluateInRuns } from './evaluate-in-runs.ts'
import type { Evaluator, ModelContent } from './evaluator.ts'
import { prepare } from './prepare.ts'
import type { Device } from './runtime.ts'
import { feedsOf, type Session } from './session.ts'
import { oneByOne } from './turns.ts'

/**
 * Atoms of a run that is divided between all cores, unless each has another to do. Measured on two cores, full-size
 * Crystalformer: a run of 1000 atoms is then 1.45 times as fast, of 300 atoms 1.16, and of 100 atoms slower, at twice
 * the processor time (docs/decisions/015-evaluators-side-by-side.md).
 */
const WIDE_RUN = 256

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

  const evaluate = evaluateInRuns({
    device,
    maxAtoms: card.max_atoms,
    // Atoms that a symmetry of the crystal makes equal give the same to what is asked of the whole crystal.
    prepare: (crystal, trusted) => prepare(card, crystal, { oneOfEachOrbit: true, trusted }),
    group: groupAlike,
    async run(crystals, outputs, crowded) {
      const batch = packBatch(crystals)
      const opened = await sessionFor(batch.atoms, crowded)
      return opened.run(feedsOf(batch, inputs), outputs)
    },
  })

  async function sessionFor(atoms: number, crowded = false): Promise<Session> {
    if (!openWide || crowded || atoms < WIDE_RUN) return session
    wide ??= await openWide()
    return wide
  }

  return {
    engine: 'onnxruntime',
    evaluate: (crystals, outputs, options) => inTurn(() => evaluate(crystals, outputs, options)),
    attention: (crystal) => inTurn(() => attentionOf(model, session, crystal)),
    release: () =>
      inTurn(async () => {
        await session.release()
        await wide?.release()
      }),
  }
}
