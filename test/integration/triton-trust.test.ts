// Models with domains, intervals and members whose graphs a real Triton server runs: a server of ours in front of it says of
// them what the file says here. One that it was told of is not there.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { joinMembers, type Member } from '../../models/join-members.ts'
import { relativeError } from '../../runtimes/card.ts'
import { load } from '../../runtimes/node/load.ts'
import { isOrdered, type Structure } from '../../src/crystal/structure.ts'
import { CONVERGED_FORMER, CONVERGED_FRAMER } from '../browser/models.ts'
import { temporaryFolder } from '../cli/run.ts'
import { TARGET } from '../exporters/crystal/exported.ts'
import { freePort } from '../free-port.ts'
import { goldenStructures, goldenWeights } from '../golden/goldens.ts'
import {
  exportInto,
  F32,
  inFront,
  START_MS,
  server,
  type Triton,
  type TritonModel,
  tritonsOf,
} from './triton-servers.ts'

/** Of F32, for means and differences of two members, and ends of intervals that follow from features. */
const DERIVED = 4
const MEMBERS: readonly Member[] = [CONVERGED_FORMER, CONVERGED_FRAMER].map(({ config, weights }, n) => ({
  config,
  weights: goldenWeights(weights, config),
  targets: [{ ...TARGET, mean: TARGET.mean + n, std: TARGET.std * (1 + n) }],
}))

const folder = temporaryFolder()
const repository = join(folder, 'repository')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ensemble = join(folder, 'ensemble.onnx')
/** With a domain and intervals. */
const trusted = fileURLToPath(new URL('../../models/pretrained/formation-energy-small.onnx', import.meta.url))
const MODELS = (['tables', 'ragged'] as const).flatMap((layout): TritonModel[] => [
  { name: `trusted-${layout}`, layout, from: trusted },
  { name: `ensemble-${layout}`, layout, from: ensemble },
])

describe.skipIf(!server)('a real Triton server (skipped where no Python has nvidia-pytriton)', () => {
  let triton: Triton | undefined

  beforeAll(async () => {
    const { bytes } = await exportCrystalModel({ ...joinMembers(MEMBERS), golden: builtIn().slice(1, 3) })
    writeFileSync(ensemble, bytes)
    await exportInto(repository, MODELS)
    triton = await tritonsOf(folder, repository, MODELS)()
  }, 400_000)
  afterAll(() => triton?.kill())

  it(
    'runs graphs of files with domains, intervals and members, of which ours says what it says of them here',
    async () => {
      const kinds = [
        { kind: 'trusted', source: trusted },
        { kind: 'ensemble', source: ensemble },
      ]
      const models = kinds.flatMap(({ kind, source }) =>
        ['tables', 'ragged'].map((layout) => ({ name: `${kind}-${layout}`, source })),
      )
      const front = await inFront(models, [triton!.address, `127.0.0.1:${await freePort()}`])
      const crystals = [...goldenStructures().values()].filter(isOrdered)
      try {
        for (const { name, source } of models) {
          const here = await load(source, { device: 'cpu', threads: 1 })
          const rows = await predicted(front.url, name, crystals)
          let n = 0
          for await (const near of here.predictMany(crystals)) {
            const far = rows[n++]
            expect(far.error?.code, far.error?.message).toBe(near.error?.code)
            if (near.error) continue
            const { value, interval, domain, spread } = near
            expect(relativeError(far.value[0], value, 1)).toBeLessThan(DERIVED * F32)
            expect(Boolean(far.interval)).toBe(name.startsWith('trusted'))
            if (interval)
              expect(relativeError(far.interval.high[0], interval.high[0], 1)).toBeLessThan(DERIVED * F32)
            expect(far.domain?.inside).toBe(domain?.inside)
            expect(far.domain?.reasons).toEqual(domain?.reasons)
            expect(Boolean(far.spread)).toBe(name.startsWith('ensemble'))
            if (spread) expect(relativeError(far.spread[0], spread[0], 1)).toBeLessThan(DERIVED * F32)
          }
          expect(n).toBe(crystals.length)
          expect(rows.filter(({ error }) => !error).length).toBeGreaterThan(1)
          await here.dispose()
        }
      } finally {
        await front.stop(0)
      }
    },
    3 * START_MS,
  )
})

/** What `POST /predict` says of each. */
async function predicted(url: string, model: string, crystals: readonly Structure[]) {
  const body = crystals.map((crystal) => JSON.stringify(crystal)).join('\n')
  const asked = new URLSearchParams({ model, file: 'crystals.jsonl' })
  const response = await fetch(`${url}/predict?${asked}`, { method: 'POST', body })
  // biome-ignore lint/suspicious/noExplicitAny: as "predict --json" has it
  return (await response.json()) as any[]
}
