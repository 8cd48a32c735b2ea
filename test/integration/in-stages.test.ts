// A cell part by part gives what the whole graph gives for it at once, and cells that no whole graph has memory for are
// predicted. The parts of a graph are checked in cut-graph.test.ts, those of a crystal in test/periodic/parts.test.ts.

import { afterAll, describe, expect, it } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import { stagesOf } from '../../runtimes/in-stages.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { load } from '../../runtimes/node/load.ts'
import { openSession } from '../../runtimes/node/session.ts'
import { EMBEDDING } from '../../runtimes/outputs.ts'
import { OUTPUT } from '../../runtimes/runtime.ts'
import { feedsOf, type Session } from '../../runtimes/session.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { cgcnn, exportCase, TARGET, TINY } from '../exporters/crystal/exported.ts'
import { FRAMED_CASES, type GoldenCase, TINY_CASES } from '../golden/goldens.ts'
import { randomCrystal } from '../periodic/crystals.ts'
import { chain } from '../runtimes/models.ts'

/** Sums of float32 in another order. */
const F32 = 1e-6
const CPU = { device: 'cpu', threads: 1 } as const

const opened: Session[] = []
async function open(bytes: Uint8Array): Promise<Session> {
  const session = await openSession(bytes, CPU)
  opened.push(session)
  return session
}
afterAll(async () => {
  for (const session of opened) await session.release()
})

const TINY_CONVERGED = TINY_CASES.find(({ name }) => name === 'tiny_converged_cf_real')!
const TINY_FRAMED = FRAMED_CASES.find(({ name }) => name === 'tiny_converged_cfr_max')!

/** A case with other hyper-parameters. */
const changed = (of: GoldenCase, config: object): GoldenCase => ({
  ...of,
  config: { ...of.config, ...config },
})

describe('stagesOf', () => {
  it.each([
    ['Crystalformer', TINY_CONVERGED],
    ['Crystalformer without ψ', changed(TINY_CONVERGED, { value_pe_dist_real: 0 })],
    ['CrystalFramer, canonical', changed(TINY_FRAMED, { ties: 'canonical' })],
    ['CrystalFramer, frames of the cell', changed(TINY_FRAMED, { frame_method: 'lattice' })],
  ])('%s: as the whole graph, to rounding', async (_, of) => {
    const { bytes, card } = await exportCase(of, { outputs: ['embedding'] })
    const model = { ...readModelFile(bytes), bytes }
    const crystal = prepareCrystal(randomCrystal(7, 23), card.geometry, card.elements)
    if (crystal.kind !== 'tables') throw new Error('no tables')
    const names = [OUTPUT, EMBEDDING]
    const whole = await (await open(bytes)).run(feedsOf(packBatch([crystal]), model.inputs), names)
    const staged = await stagesOf(model, open, 5)!.run(crystal, names)
    expect(staged[OUTPUT].dims).toEqual(whole[OUTPUT].dims)
    expect(relativeError(staged[OUTPUT].data[0], whole[OUTPUT].data[0], TARGET.std)).toBeLessThan(F32)
    const largest = Math.max(...whole[EMBEDDING].data.map(Math.abs))
    staged[EMBEDDING].data.forEach((x, n) => {
      expect(Math.abs(x - whole[EMBEDDING].data[n])).toBeLessThan(F32 * largest)
    })
  })

  it.each([
    ['the published box', () => exportCase(TINY)],
    ['attention in reciprocal space', () => exportCase(changed(TINY_CONVERGED, { domain: 'multihead' }))],
    ['a geometry in the graph', () => exportCase(TINY_CONVERGED, { inGraph: true })],
    ['another network', cgcnn],
  ])('nowhere to cut: %s', async (_, make) => {
    const { bytes } = await make()
    expect(stagesOf({ ...readModelFile(bytes), bytes }, open, 5)).toBeUndefined()
  })
})

describe('cells that are too large for a run', () => {
  it('are predicted part by part, as by the fused engine, and refused by a graph that cannot be cut', async () => {
    const cell = chain(4200)
    const { bytes } = await exportCase(TINY_CONVERGED)
    const values: number[] = []
    for (const engine of ['onnxruntime', 'fused'] as const) {
      const model = await load(bytes, { ...CPU, engine, worker: false })
      values.push((await model.predict(cell)).value!)
      await model.dispose()
    }
    expect(relativeError(values[0], values[1], TARGET.std)).toBeLessThan(F32)

    const other = await cgcnn()
    const model = await load(other.bytes, { ...CPU, engine: 'onnxruntime', worker: false })
    await expect(model.predict(cell)).rejects.toThrow('a cell of 4200 atoms, expected at most 4096')
    await model.dispose()
  })
})
