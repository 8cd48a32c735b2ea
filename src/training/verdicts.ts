// Verdicts of a domain on crystals that a run is judged by, for evaluation.json: whether errors are larger outside.

import type { TargetScaling } from '../data/scaling.ts'
import { judgeOf } from '../domain/judge.ts'
import { DEFAULT_LEVEL } from '../domain/levels.ts'
import { lookAt } from '../domain/look-at.ts'
import type { Domain } from '../domain/section.ts'
import type { Evaluation } from './evaluate.ts'
import type { PreparedSet } from './prepared.ts'

/** @param embeddings of the crystals, of a network that gives some */
export function withVerdicts(
  evaluation: Evaluation,
  { crystals }: PreparedSet,
  embeddings: readonly Float32Array[],
  domain: Domain,
  scaling: readonly TargetScaling[],
): Evaluation {
  const judge = judgeOf(domain, scaling)
  return {
    ...evaluation,
    crystals: evaluation.crystals.map((crystal, c) => {
      const look = lookAt(crystals[c].structure)
      const asked = { look, embedding: embeddings[c], values: crystal.predicted }
      const { inside, score } = judge(asked, DEFAULT_LEVEL).domain
      return { ...crystal, domain: { inside, score } }
    }),
  }
}
