// The models of the package on the test split of their data: every engine gives the figures of docs/models.md.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { load } from '../../runtimes/node/load.ts'
import { load as loadInPage } from '../../runtimes/web/load.ts'
import { loadDataset } from '../../src/data/dataset.ts'
import { needs, shared } from '../shared.ts'

const FILE = 'data/mp_megnet_subset.jsonl.gz'
const data = shared(FILE)
const root = new URL('../../', import.meta.url)
/** Four digits of a figure. */
const DIGITS = 5e-5

const ENGINES = [
  ['native kernels', (bytes: Uint8Array) => load(bytes, { engine: 'fused' })],
  ['onnxruntime', (bytes: Uint8Array) => load(bytes, { engine: 'onnxruntime', device: 'cpu' })],
  [
    'WebAssembly',
    (bytes: Uint8Array) => loadInPage(bytes, { engine: 'fused', device: 'wasm', worker: false }),
  ],
] as const

describe.skipIf(!data)(`figures of the models on the test split: ${needs(FILE)}`, () => {
  describe.each([
    ['formation-energy', 'e_form'],
    ['formation-energy-small', 'e_form'],
    ['band-gap', 'gap_pbe'],
  ])('%s', (name, target) => {
    const bytes = readFileSync(new URL(`models/pretrained/${name}.onnx`, root))
    const known = JSON.parse(readFileSync(new URL(`bench/pretrained/results/${name}.json`, root), 'utf8'))

    it.each(ENGINES)(
      '%s',
      async (_, open) => {
        const crystals = await loadDataset(data!, { target: [target], split: 'test' })
        const model = await open(bytes)
        const found: { error: number; outside: number; held: number; half: number }[] = []
        for await (const one of model.predictMany(crystals.map(({ structure }) => structure))) {
          if (one.error) throw one.error
          const actual = crystals[one.index].targets[target]
          const { low, high } = one.interval!
          found.push({
            error: Math.abs(one.value - actual),
            outside: one.domain!.inside ? 0 : 1,
            held: low[0] <= actual && actual <= high[0] ? 1 : 0,
            half: (high[0] - low[0]) / 2,
          })
        }
        await model.dispose()
        const mean = (of: keyof (typeof found)[number]) =>
          found.reduce((sum, row) => sum + row[of], 0) / found.length
        expect(found).toHaveLength(known.crystals)
        for (const [figure, of] of [
          ['mae', 'error'],
          ['outside', 'outside'],
          ['coverage', 'held'],
          ['half_width', 'half'],
        ] as const) {
          expect(Math.abs(mean(of) / known[figure] - 1), figure).toBeLessThan(DIGITS)
        }
      },
      60_000,
    )
  })
})
