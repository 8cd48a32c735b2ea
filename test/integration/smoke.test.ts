// What runs in a browser, once each in a real Chromium: the web runtime on wasm, both engines in every way they can run,
// and the page. All that pages, servers and devices can do wrong is in test/integration.

import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import { load as loadInNode } from '../../runtimes/node/load.ts'
import type { LoadOptions } from '../../runtimes/web/load.ts'
import { readStructures } from '../../src/crystal/read.ts'
import { buildPackage } from '../browser/built.ts'
import { copyPage, drop, servePage, shownValue, visit } from '../browser/built-page.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { expectGolden, F32, predictAll, SMALL, structuresOf, UNTIED } from '../browser/golden.ts'
import { CONVERGED_FORMER, CONVERGED_FRAMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { inPage, serveSite } from '../browser/page.ts'
import type { Site } from '../browser/server.ts'
import { example, temporaryFolder } from '../cli/run.ts'

/** Building the page, on a machine that may have other work. */
const SLOW = { timeout: 180_000 }

let browser: Browser

describe.skipIf(noChromium !== undefined)(inChromium('in Chromium'), () => {
  beforeAll(async () => {
    browser = await launch({ webgpu: false })
  })
  afterAll(() => browser?.close())

  describe('the web runtime', () => {
    let site: Site
    let former: GoldenModel
    let framer: GoldenModel
    let page: Page
    beforeAll(async () => {
      site = await serveSite(await buildPackage('smoke'), { isolated: true })
      former = await goldenModel(CONVERGED_FORMER, (name) => SMALL.test(name))
      framer = await goldenModel(CONVERGED_FRAMER, (name) => UNTIED.test(name))
      for (const [name, { bytes }] of Object.entries({ former, framer })) {
        site.resources.set(`/${name}.onnx`, { body: bytes })
      }
      page = await browser.newPage()
      await page.goto(site.origin)
    })
    afterAll(() => site?.close())

    const fused = 'wasm (fused engine, WebAssembly with relaxed SIMD'
    const [onWasm, onnxruntime] = [{ device: 'wasm' }, { device: 'wasm', engine: 'onnxruntime' }] as const
    const ways: [string, LoadOptions, string][] = [
      ['the fused engine, one worker', { ...onWasm, threads: 1 }, `${fused})`],
      ['the fused engine, two workers', { ...onWasm, threads: 2 }, `${fused}, up to 2 workers)`],
      ['the fused engine, in the page’s own thread', { ...onWasm, worker: false }, `${fused})`],
      ['onnxruntime, one thread', { ...onnxruntime, threads: 1 }, 'wasm (1 thread)'],
      ['onnxruntime, two threads', { ...onnxruntime, threads: 2 }, 'wasm (2 threads)'],
      [
        'onnxruntime, in the page’s own thread',
        { ...onnxruntime, worker: false, threads: 1 },
        'wasm (1 thread)',
      ],
    ]
    it.each(ways)('gives the published code’s values on %s', async (_, options, report) => {
      for (const [file, model] of [
        ['/former.onnx', former],
        ['/framer.onnx', framer],
      ] as const) {
        const found = await predictAll(page, file, options, structuresOf(model))
        expect(found.report).toBe(report)
        expectGolden(found.values, model, F32)
      }
    })

    it('reads, reduces and predicts structures in the page', async () => {
      const found = await inPage(
        page,
        async ({ cif }) => {
          const [{ structure }] = crystalOnnx.readStructures(cif, { file: 'NaCl.cif' })
          const primitive = await crystalOnnx.toPrimitive(structure)
          const model = await crystalOnnx.load('/former.onnx', { device: 'wasm' })
          const outcomes = []
          for await (const outcome of model.predictMany([structure, primitive, {} as never, structure])) {
            outcomes.push(outcome.error ? outcome.error.code : outcome.value)
          }
          await model.dispose()
          const { number } = await crystalOnnx.spaceGroup(structure)
          return { sites: [structure.frac.length, primitive.frac.length], number, outcomes }
        },
        { cif: NACL },
      )
      expect(found.sites).toEqual([8, 2])
      expect(found.number).toBe(225)
      const [conventional, primitive, bad, again] = found.outcomes as [number, number, string, number]
      expect(bad).toBe('STRUCTURE')
      expect(again).toBe(conventional)
      // The infinite sum does not depend on the cell.
      expect(relativeError(primitive, conventional, 1)).toBeLessThan(F32)
    })
  })

  it('the page predicts an example at once, and a file that is dropped', SLOW, async () => {
    const folder = temporaryFolder()
    await copyPage(folder)
    const site = await servePage(folder, { isolated: true })
    const former = await loadInNode('formation-energy')
    const inNode = async (name: string) => {
      const [{ structure }] = readStructures(readFileSync(example(name), 'utf8'), { file: name })
      return (await former.predict(structure)).value
    }
    const page = await visit(browser, site)
    expect(relativeError(await shownValue(page), await inNode('../materials-project.jsonl'), 1)).toBeLessThan(
      F32,
    )
    await drop(page, [{ name: 'NaCl.cif', text: readFileSync(example('NaCl.cif'), 'utf8') }])
    await page.getByRole('heading', { name: 'NaCl', exact: true }).waitFor()
    expect(relativeError(await shownValue(page), await inNode('NaCl.cif'), 1)).toBeLessThan(F32)
    await page.context().close()
    await site.close()
    await former.dispose()
  })
})

/** Rock salt with its symmetry, a = 5.64 Å. */
const NACL = `data_NaCl
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na 0 0 0
Cl 0.5 0.5 0.5
`
