// The evaluator of an onnxruntime session: padded tensors in, rows out.

import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import { attentionOf } from './attention-of.ts'
import { evaluateInRuns } from './evaluate-in-runs.ts'
import type { Evaluator, ModelContent } from './evaluator.ts'
import { STAGED_LIMITS, stagesOf } from './in-stages.ts'
import { GRAPH_LIMITS, prepare } from './prepare.ts'
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
 * A cell of more than this many runs, of `max_atoms` each, is evaluated in stages on one core: 1280 atoms of a CrystalFramer,
 * 4000 of a Crystalformer (docs/decisions/018-large-cells-in-stages.md). A GPU, or all cores together, take a whole cell
 * while there is memory.
 */
const STAGED_RUNS = 40
/** Atoms of a part of it: on a processor what is fastest, on a GPU what keeps it busy. */
const PROCESSOR_PART = 32
const GPU_PART = 256

/** Opens graphs beside the whole one on one thread, when the first cell comes that needs them. */
export interface Opening {
  /** A graph that was cut from that of the model. */
  readonly openPart: (graph: Uint8Array) => Promise<Session>
  /** The whole graph once more, for runs on all cores, where there are some. */
  readonly openWide?: () => Promise<Session>
}

/** @param session one thread a run */
export function graphEvaluator(
  model: ModelContent,
  device: Device,
  session: Session,
  { openPart, openWide }: Opening,
): Evaluator {
  const { card, inputs } = model
  const inTurn = oneByOne()
  const onProcessor = device === 'cpu' || device === 'wasm'
  const stages = stagesOf(model, openPart, onProcessor ? PROCESSOR_PART : GPU_PART)
  const inParts = stages && STAGED_LIMITS
  let wide: Session | undefined

  const evaluate = evaluateInRuns({
    device,
    maxAtoms: card.max_atoms,
    // Atoms that a symmetry of the crystal makes equal give the same to what is asked of the whole crystal.
    prepare: (crystal, trusted) => prepare(card, crystal, { oneOfEachOrbit: true, trusted, inParts }),
    // So that a cell which no run holds is alone.
    group: (crystals, maxAtoms) => groupAlike(crystals, Math.min(maxAtoms, GRAPH_LIMITS.atoms)),
    async run(crystals, outputs, crowded) {
      const [first, second] = crystals
      if (stages && !second && first.kind === 'tables' && first.atoms > largest(crowded)) {
        return stages.run(first, outputs)
      }
      const batch = packBatch(crystals)
      const opened = await sessionFor(batch.atoms, crowded)
      return opened.run(feedsOf(batch, inputs), outputs)
    },
  })

  /** Atoms of a cell that is evaluated whole, at most. */
  function largest(crowded = false): number {
    const onOneCore = onProcessor && (!openWide || crowded)
    return onOneCore ? Math.min(GRAPH_LIMITS.atoms, STAGED_RUNS * card.max_atoms) : GRAPH_LIMITS.atoms
  }

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
        await stages?.release()
      }),
  }
}
