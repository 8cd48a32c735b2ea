// An ensemble in one file: the mean of its members, whose values for golden weights are those of the published code.

import { beforeAll, describe, expect, it } from 'vitest'
import { type CrystalExportResult, exportCrystalModel } from '../../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../../exporters/crystal/golden.ts'
import { joinMembers, type Member } from '../../../models/ensemble/join.ts'
import { relativeError } from '../../../runtimes/card.ts'
import { CONVERGED_FORMER, CONVERGED_FRAMER } from '../../browser/models.ts'
import { goldenStructures, goldenWeights } from '../../golden/goldens.ts'
import { loadHere, TARGET } from './exported.ts'

/** float32 against the published code in float64. */
const F32 = 2e-5

/** Taught on scales of their own. */
const MEMBERS: readonly Member[] = [CONVERGED_FORMER, CONVERGED_FRAMER].map(({ config, weights }, n) => ({
  config,
  weights: goldenWeights(weights, config),
  targets: [{ ...TARGET, mean: TARGET.mean + n, std: TARGET.std * (1 + n) }],
}))
const SAMPLES = builtIn().slice(1, 3)

const exportJoined = (members: readonly Member[]) =>
  exportCrystalModel({ ...joinMembers(members), golden: SAMPLES })

let both: CrystalExportResult
beforeAll(async () => {
  both = await exportJoined(MEMBERS)
})

describe('an ensemble in one file', () => {
  it('predicts the mean of what its members predict by themselves', async () => {
    const alone = await Promise.all(
      MEMBERS.map((member) => exportCrystalModel({ ...member, golden: SAMPLES })),
    )
    const models = await Promise.all([both, ...alone].map(({ bytes }) => loadHere(bytes)))
    for (const crystal of goldenStructures().values()) {
      const [mean, ...own] = await Promise.all(
        models.map(async (model) => (await model.predict(crystal)).value),
      )
      expect(relativeError(mean, (own[0] + own[1]) / 2, TARGET.std)).toBeLessThan(F32)
    }
    await Promise.all(models.map((model) => model.dispose()))
  })
})
