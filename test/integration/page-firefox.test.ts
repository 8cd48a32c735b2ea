// The page in a real Firefox: its first prediction, files good and bad, thousands of structures, another model, and one that is
// fine-tuned there.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { readStructures } from '../../src/crystal/read.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { writeStructure } from '../../src/crystal/write.ts'
import { copyPage, modelFile, servePage } from '../browser/built-page.ts'
import { type Firefox, type FirefoxPage, launchFirefox, noFirefox } from '../browser/firefox.ts'
import type { Site } from '../browser/server.ts'
import { example, temporaryFolder } from '../cli/run.ts'

/** One file on two engines, float32. */
const F32 = 1e-5
const MANY = 1200
const TIMEOUT = 120_000
/** The fewest that are fine-tuned on. */
const LABELLED = 60
const SMALL = fileURLToPath(new URL('../../models/pretrained/formation-energy-small.onnx', import.meta.url))
const CATIONS = [3, 11, 19, 37, 55]
const CHLORINE = 17

const folder = temporaryFolder()
const screenshots = temporaryFolder()
let firefox: Firefox
let page: FirefoxPage
let site: Site
let model: Model
const failures: string[] = []

const structuresOf = (name: string): Structure[] =>
  readStructures(readFileSync(example(name), 'utf8'), { file: name }).map(({ structure }) => structure)

/** Rock salt with several cations and lattice constants. */
function rockSalts(count: number): Structure[] {
  return Array.from({ length: count }, (_, n) => {
    const half = 2.2 + n / 60
    return structure({
      lattice: [
        [0, half, half],
        [half, 0, half],
        [half, half, 0],
      ],
      frac: [
        [0, 0, 0],
        [0.5, 0.5, 0.5],
      ],
      species: [CATIONS[n % CATIONS.length], CHLORINE],
    })
  })
}

function extendedXyz(crystal: Structure, energy: number): string {
  return writeStructure(crystal, 'extxyz').replace(/^(\d+\n)(.*)/, `$1$2 e_form=${energy}`)
}

describe.skipIf(noFirefox !== undefined)(
  `page in Firefox${noFirefox ? ` (${noFirefox})` : ''}`,
  { timeout: TIMEOUT },
  () => {
    beforeAll(async () => {
      await copyPage(folder)
      site = await servePage(folder, { isolated: true })
      model = await load('formation-energy')
      firefox = await launchFirefox()
      page = await firefox.newPage()
      page.on('pageerror', ({ message }) => failures.push(message))
      await page.setViewport({ width: 1280, height: 900 })
    }, TIMEOUT)
    afterAll(async () => {
      await firefox?.close()
      await site?.close()
      await model?.dispose()
      process.stdout.write(`screenshots in ${screenshots}\n`)
    })

    const shows = (condition: string) => page.waitForFunction(condition, { timeout: TIMEOUT })
    const text = (selector: string) =>
      page.evaluate<string>(`document.querySelector(${JSON.stringify(selector)}).textContent`)
    const shownValue = async () => {
      // The name of a crystal is there before what is predicted of it.
      await shows(`document.querySelector('#prediction data') !== null`)
      return Number(await page.evaluate(`document.querySelector('#prediction data').getAttribute('value')`))
    }
    const give = async (input: string, ...paths: string[]) => (await page.$(input)).uploadFile(...paths)
    const expectClose = (found: number, expected: number) =>
      expect(Math.abs(found / expected - 1)).toBeLessThan(F32)
    const named = (formula: string) =>
      shows(`document.querySelector('#crystal-title').textContent === '${formula}'`)

    it('predicts its example with the engine in WebAssembly, in workers', async () => {
      await page.goto(site.origin)
      const [example] = structuresOf('../materials-project.jsonl')
      expectClose(await shownValue(), (await model.predict(example)).value)
      expect(await text('#device')).toBe('fused engine on wasm')
      expect(await text('#card')).toMatch(/fused engine, WebAssembly .*worker/)
      expect(await text('#prediction .verdict')).toContain('Inside the domain of the model')
      expect(await page.evaluate('crossOriginIsolated')).toBe(true)
      await shows(`document.querySelector('#scene').firstChild !== null`)
      expect(await text('#scene')).toMatch(/^(No 3D view: this browser has no WebGL\.)?$/)
      await page.screenshot({ path: join(screenshots, 'firefox.png') as `${string}.png` })
    })

    it('takes a file, and says what is wrong with another one', async () => {
      await give('#structure-files', example('NaCl.cif'))
      await named('NaCl')
      expectClose(await shownValue(), (await model.predict(structuresOf('NaCl.cif')[0])).value)
      writeFileSync(join(folder, 'broken.cif'), 'data_x\n_cell_length_a five\n')
      await give('#structure-files', example('NaCl.cif'), join(folder, 'broken.cif'))
      await shows(`document.querySelector('#count').textContent === '3 structures, 1 failed'`)
      expect(await text('#rows-body')).toMatch(/PARSE broken\.cif, line \d/)
    })

    it('takes thousands of structures', async () => {
      const frames = structuresOf('alkali-halides.extxyz')
      const file = readFileSync(example('alkali-halides.extxyz'), 'utf8').trimEnd()
      const repeated = Math.ceil(MANY / frames.length)
      writeFileSync(join(folder, 'many.extxyz'), `${Array(repeated).fill(file).join('\n')}\n`)
      await give('#structure-files', join(folder, 'many.extxyz'))
      // With those of before.
      const before = 3
      const all = (before + repeated * frames.length).toLocaleString('en')
      await shows(`/^${all} structures, 1 failed/.test(document.querySelector('#count').textContent)`)
      for (const [n, frame] of frames.entries()) {
        const value = await page.evaluate(
          `document.querySelector('#row-${before + n} data').getAttribute('value')`,
        )
        expectClose(Number(value), (await model.predict(frame)).value)
      }
    })

    it('opens another model', async () => {
      const framer = await load(modelFile('ionic-crystalframer.onnx'))
      await give('#structure-files', example('NaCl.cif'))
      await named('NaCl')
      await give('#model-file', modelFile('ionic-crystalframer.onnx'))
      await shows(`document.querySelector('#prediction .demonstration') !== null`)
      expectClose(await shownValue(), (await framer.predict(structuresOf('NaCl.cif')[0])).value)
      await framer.dispose()
    })

    it('fine-tunes a model', async () => {
      const small = await load('formation-energy-small')
      await page.click('#clear')
      await give('#model-file', SMALL)
      await shows(`document.querySelector('#card').textContent.includes('formation-energy-small.onnx')`)
      // What the model predicts, and one more: it is wrong by one for all, before.
      const crystals = rockSalts(LABELLED)
      const rows: string[] = []
      for await (const { index, value } of small.predictMany(crystals)) {
        rows.push(extendedXyz(crystals[index], value! + 1))
      }
      await small.dispose()
      writeFileSync(join(folder, 'labelled.extxyz'), rows.join(''))
      await give('#structure-files', join(folder, 'labelled.extxyz'))
      await shows(
        `document.querySelector('#fine-tune-title').textContent === 'Fine-tune on these ${LABELLED} labelled crystals'`,
      )
      await page.click('#fine-tune > summary')
      await shows(`document.querySelector('#fine-tune-start') !== null`)
      expect(await page.evaluate(`document.querySelector('#fine-tune-same').checked`)).toBe(true)
      await page.evaluate(`document.querySelector('#fine-tune-epochs').value = '8'`)
      await page.click('#fine-tune-start')
      await shows(`document.querySelector('#fine-tuned-errors') !== null`)
      const [before, after] = (
        await page.evaluate<string[]>(
          `Array.from(document.querySelectorAll('#fine-tuned-errors dd:first-of-type'), (dd) => dd.textContent)`,
        )
      ).map(Number.parseFloat)
      expect(before).toBe(1)
      expect(after).toBeLessThan(before / 2)
      await page.click('#fine-tuned-open')
      await shows(
        `document.querySelector('#card').textContent.includes('formation-energy-small-fine-tuned.onnx')`,
      )
    })

    it('nothing failed on the way', () => {
      expect(failures).toEqual([])
    })
  },
)
