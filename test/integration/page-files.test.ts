// Files that a visitor gives to the page of web/, in a real Chromium: one and many, good and bad, models, and crystals that a
// model knows nothing of. Predictions are those of Node.

import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { readStructures } from '../../src/crystal/read.ts'
import { copyPage, drop, modelFile, servePage, shownValue, visit } from '../browser/built-page.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import type { Site } from '../browser/server.ts'
import { temporaryFolder } from '../cli/run.ts'
import { DIAMOND, poscar } from '../outside.ts'
import { expectClose, FORMER, FRAMER, given, HELIUM, SLOW, structureOf } from './page-examples.ts'

/** Crystals that the demonstration knows nothing of. */
const OUTSIDE = [
  [
    'bcc iron',
    poscar('Fe', 2.87, [
      [0, 0, 0],
      [0.5, 0.5, 0.5],
    ]),
    'one element alone were never seen',
  ],
  ['diamond', poscar('C', 3.567, DIAMOND), 'element C was never seen'],
  ['helium in a box', HELIUM, 'too sparse: 8000 Å³ an atom'],
  ['rutile', given('TiO2-rutile.cif').text, 'unlike what was seen'],
] as const

let browser: Browser
let site: Site
let former: Model
const folder = temporaryFolder()

describe.skipIf(noChromium !== undefined)(inChromium('page, given'), SLOW, () => {
  beforeAll(async () => {
    await copyPage(folder)
    site = await servePage(folder, { isolated: true })
    former = await load('formation-energy')
    browser = await launch({ webgpu: false })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await former?.dispose()
  })

  describe('files', () => {
    let page: Page
    beforeAll(async () => {
      page = await visit(browser, site)
    })
    afterAll(() => page?.context().close())

    it('a dropped CIF gives what Node gives', async () => {
      await drop(page, [given('NaCl.cif')])
      await page.getByRole('heading', { name: 'NaCl', exact: true }).waitFor()
      expectClose(await shownValue(page), (await former.predict(structureOf('NaCl.cif'))).value)
      expect(await page.isVisible('#results')).toBe(false)
    })

    it('many files give a table: a bad one its error, the others their values', async () => {
      const frames = readStructures(given('alkali-halides.extxyz').text, { file: 'alkali-halides.extxyz' })
      await drop(page, [
        given('alkali-halides.extxyz'),
        { name: 'broken.cif', text: 'data_x\n_cell_length_a five\n' },
        { name: '=HYPERLINK("http:evil").cif', text: given('NaCl.cif').text },
        { name: '<img src=x onerror=alert(1)>.vasp', text: given('MgO.vasp').text },
        { name: 'holiday.png', text: '\u0000\u0001' },
      ])
      const rows = page.locator('#rows-body [role=row]')
      // What was dropped before is in the table until the new files have been read.
      const done = `${frames.length + 5} structures, 2 failed`
      await page.waitForFunction((text) => document.querySelector('#count')?.textContent === text, done)
      expect(await rows.count()).toBe(frames.length + 5)
      expect(await rows.filter({ hasText: 'broken.cif' }).textContent()).toMatch(/PARSE broken\.cif, line \d/)
      expect(await rows.filter({ hasText: 'holiday.png' }).textContent()).toContain('PARSE')
      // Names are text: nothing of them becomes an element.
      expect(await page.locator('#rows img').count()).toBe(0)
      for (const [n, { structure }] of frames.entries()) {
        const value = await page.locator(`#row-${n + 1} data`).getAttribute('value')
        expectClose(Number(value), (await former.predict(structure)).value)
      }
    })

    it('CSV has every row, and no formula that a spreadsheet would run', async () => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#csv')])
      const rows: Record<string, string>[] = parse(await readFile(await download.path()), { columns: true })
      expect(rows).toHaveLength(await page.locator('#rows-body [role=row]').count())
      expect(rows[0]).toMatchObject({ file: 'NaCl.cif', formula: 'Na4 Cl4', unit: 'eV/atom', device: 'wasm' })
      expectClose(Number(rows[0].value), (await former.predict(structureOf('NaCl.cif'))).value)
      expect(rows.filter(({ file }) => file.startsWith('='))).toEqual([])
      expect(rows.some(({ file }) => file.startsWith("'="))).toBe(true)
      expect(rows.find(({ file }) => file === 'broken.cif')).toMatchObject({ value: '', error: /broken/ })
    })

    it('sorts by prediction, and shows the structure of a row', async () => {
      await page.getByRole('button', { name: /^Prediction/ }).click()
      const values = await page.locator('#rows-body [role=row]').evaluateAll((rows) =>
        rows
          .sort((a, b) => Number(a.ariaRowIndex) - Number(b.ariaRowIndex))
          .flatMap((row) => Array.from(row.querySelectorAll('data')))
          .map((data) => Number(data.getAttribute('value'))),
      )
      expect(values).toEqual([...values].sort((a, b) => a - b))
      await page.getByRole('row', { name: '<img src=x onerror=alert(1)>.vasp' }).click()
      await page.getByRole('heading', { name: 'MgO', exact: true }).waitFor()
      expectClose(await shownValue(page), (await former.predict(structureOf('MgO.vasp'))).value)
    })

    it('a broken .onnx is refused with its reason, and the model before stays', async () => {
      const bytes = await readFile(modelFile(FORMER))
      const before = await shownValue(page)
      await page.setInputFiles('#model-file', {
        name: 'half.onnx',
        mimeType: 'application/octet-stream',
        buffer: bytes.subarray(0, bytes.length / 2),
      })
      await page.waitForSelector('#model-failure:visible')
      expect(await page.textContent('#model-failure')).toMatch(
        /^half\.onnx cannot be opened\. MODEL_FILE: .*half/,
      )
      expect(await page.textContent('#model-failure')).toContain('stays open')
      expect(await shownValue(page)).toBe(before)
      await drop(page, [given('SrTiO3.json')])
      await page.getByRole('heading', { name: 'SrTiO3', exact: true }).waitFor()
      expectClose(await shownValue(page), (await former.predict(structureOf('SrTiO3.json'))).value)
    })

    it('a dropped .onnx becomes the model', async () => {
      await page.setInputFiles('#model-file', modelFile(FRAMER))
      await page.waitForFunction(
        (name) => document.querySelector('#card')?.textContent?.includes(name),
        FRAMER,
      )
      expect(await page.isVisible('#model-failure')).toBe(false)
      expect(await page.textContent('#card')).toContain('crystalframer')
    })
  })

  describe('crystals that a demonstration knows nothing of', () => {
    let page: Page
    beforeAll(async () => {
      page = await visit(browser, site)
      await page.setInputFiles('#model-file', modelFile(FORMER))
      await page.getByText('A demonstration model').waitFor()
    })
    afterAll(() => page?.context().close())

    it.each(OUTSIDE)('%s is outside, and why', async (name, text, reason) => {
      await drop(page, [{ name: name === 'rutile' ? 'TiO2.cif' : `${name}.vasp`, text }])
      await page.locator('.verdict.outside').waitFor()
      await page.waitForFunction(
        (words) => document.querySelector('#prediction .reasons')?.textContent?.includes(words),
        reason,
      )
      expect(await page.textContent('#prediction .verdict')).toContain('do not trust this value')
    })
  })
})
