// Fine-tuning in the page, in a real Chromium: a labelled file, CSV with CIF or extended XYZ, on an open model becomes another
// model file, whose errors on crystals that it has not learned from are smaller, and which predicts the same in Node; nothing
// leaves the page.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { stringify } from 'csv-stringify/sync'
import type { Browser, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readModelFile } from '../../runtimes/model-file.ts'
import { load } from '../../runtimes/node/load.ts'
import { symbolOf } from '../../src/crystal/elements.ts'
import { writeStructure } from '../../src/crystal/write.ts'
import { type LabelledCrystal, parseLabelledCrystal } from '../../src/data/labelled.ts'
import { mean } from '../../src/math/mean.ts'
import { expectAccessible } from '../browser/axe.ts'
import { copyPage, drop, servePage, shownValue, visit } from '../browser/built-page.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import type { Site } from '../browser/server.ts'
import { example, temporaryFolder } from '../cli/run.ts'
import { needs, shared } from '../shared.ts'

const SLOW = { timeout: 400_000 }
const TRAINED_MS = 120_000
/** The fused engine of the page and onnxruntime in Node, float32, after weights of float32. */
const F32 = 1e-4

const SMALL = fileURLToPath(new URL('../../models/pretrained/formation-energy-small.onnx', import.meta.url))
const PEROVSKITES = 'data/perov5.jsonl.gz'
/** Heats of formation of the cell, eV, of another kind of calculation than the model has learned. */
const HEAT = 'heat_all'

function extendedXyz(crystals: readonly LabelledCrystal[], key = 'e_form'): string {
  return crystals
    .map(({ structure: { lattice, frac, species }, targets }) => {
      const atoms = frac.map((f, n) => {
        const at = [0, 1, 2].map((c) => f.reduce((sum, x, row) => sum + x * lattice[row][c], 0))
        return `${symbolOf(species[n][0].element)} ${at.join(' ')}`
      })
      const label = targets[HEAT] / frac.length
      return `${frac.length}\nLattice="${lattice.flat().join(' ')}" Properties=species:S:1:pos:R:3 ${key}=${label}\n${atoms.join('\n')}\n`
    })
    .join('')
}

/** As data sets come: a table with CIF in one column. */
function csv(crystals: readonly LabelledCrystal[]): string {
  const rows = crystals.map(({ id, structure, targets }) => {
    return [id, targets[HEAT] / structure.frac.length, writeStructure(structure, 'cif')]
  })
  return stringify([['material_id', 'e_form', 'cif'], ...rows])
}

function perovskites(count: number): LabelledCrystal[] {
  const lines = gunzipSync(readFileSync(shared(PEROVSKITES)!))
    .toString()
    .trim()
    .split('\n')
  const every = Math.floor(lines.length / count)
  return Array.from({ length: count }, (_, n) => parseLabelledCrystal(lines[n * every]))
}

async function contentOf(download: Download): Promise<Uint8Array> {
  return readFile(await download.path())
}

/** Mean absolute error of a file in Node, eV/atom. */
async function errorOf(source: Uint8Array | string, crystals: readonly LabelledCrystal[]): Promise<number> {
  const model = await load(source, { engine: 'onnxruntime', device: 'cpu' })
  const errors: number[] = []
  for await (const { index, value } of model.predictMany(crystals.map(({ structure }) => structure))) {
    const { structure, targets } = crystals[index]
    errors.push(Math.abs(value! - targets[HEAT] / structure.frac.length))
  }
  await model.dispose()
  return mean(errors)
}

/** The error on a tile, by its title. */
async function tile(page: Page, title: string): Promise<number> {
  const text = await page
    .locator('#fine-tuned-errors div', { hasText: title })
    .locator('dd')
    .first()
    .textContent()
  return Number.parseFloat(text!.replace('\u2212', '-'))
}

async function openSmall(browser: Browser, site: Site): Promise<Page> {
  const page = await visit(browser, site)
  await page.setInputFiles('#model-file', SMALL)
  await page.locator('#card', { hasText: 'formation-energy-small.onnx' }).waitFor()
  return page
}

async function open(page: Page, name: string, text: string, count: number): Promise<void> {
  await drop(page, [{ name, text }])
  await page.getByText(`Fine-tune on these ${count} labelled crystals`).waitFor()
  await page.click('#fine-tune > summary')
  await page.locator('#fine-tune-start').waitFor()
}

const WIDTHS = [1440, 1024, 390]

/** No rule of axe is broken and nothing is cut, on every screen, light and dark. */
async function looksRight(page: Page, state: string): Promise<void> {
  for (const width of WIDTHS) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 900 })
      await page
        .locator('#fine-tune')
        .screenshot({ path: join(screenshots, `${state}-${width}-${colorScheme}.png`) })
      await expectAccessible(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  }
}

let browser: Browser
let site: Site
const folder = temporaryFolder()
const screenshots = process.env.SCREENSHOTS ?? temporaryFolder()

const title = inChromium(`page that fine-tunes, with ${needs(PEROVSKITES)}`)
describe.skipIf(noChromium !== undefined || shared(PEROVSKITES) === undefined)(title, SLOW, () => {
  beforeAll(async () => {
    await copyPage(folder)
    site = await servePage(folder, { isolated: true })
    browser = await launch({ webgpu: false })
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  it('gives a file with smaller errors, which predicts the same in Node', async () => {
    const crystals = perovskites(100)
    const page = await openSmall(browser, site)
    const violations: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) violations.push(message.text())
    })
    // Nothing of it was loaded before.
    expect(site.requests.filter((request) => /fine-tune-worker|tfjs-backend/.test(request))).toEqual([])
    await open(page, 'perovskites.csv', csv(crystals), crystals.length)
    expect(await page.isChecked('#fine-tune-same')).toBe(true)
    await page.fill('#fine-tune-epochs', '8')
    await page.click('#fine-tune-start')
    await page.locator('#fine-tune-curve svg').waitFor({ timeout: TRAINED_MS })
    await expectAccessible(page)
    await page.locator('#fine-tuned-errors').waitFor({ timeout: TRAINED_MS })
    await expectAccessible(page)
    expect(violations).toEqual([])
    const [before, after] = [await tile(page, 'Error before'), await tile(page, 'Error after')]
    expect(after).toBeLessThan(before / 3)
    expect(await page.textContent('#fine-tuned')).toMatch(
      /Learned from 70 crystals, tuned on 20, judged by 10/,
    )

    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#fine-tuned-model')])
    expect(download.suggestedFilename()).toBe('formation-energy-small-fine-tuned.onnx')
    const bytes = await contentOf(download)
    const { card } = readModelFile(bytes)
    expect(card.training).toMatchObject({ crystals: 70 })
    expect(card.training!.metrics!.test_mae_e_form).toBeCloseTo(after, 3)
    expect(card.domain!.crystals).toMatchObject({ fitted: 70, held_out: 20 })
    expect(card.provenance!.notes![0]).toContain('Fine-tuned in a page from formation-energy-small.onnx')
    // Node judges by itself, of all of the crystals.
    expect(await errorOf(bytes, crystals)).toBeLessThan((await errorOf(SMALL, crystals)) / 3)

    const [report] = await Promise.all([page.waitForEvent('download'), page.click('#fine-tuned-report')])
    const text = new TextDecoder().decode(await contentOf(report))
    for (const error of [before, after]) expect(text).toContain(`<dd>${error.toFixed(3)} <small>eV/atom`)
    expect(text).not.toMatch(/<script/i)

    await page.click('#fine-tuned-open')
    await page.locator('#card', { hasText: 'formation-energy-small-fine-tuned.onnx' }).waitFor()
    await page.waitForFunction(() => document.querySelector<HTMLElement>('#progress')?.hidden)
    const model = await load(bytes, { engine: 'onnxruntime', device: 'cpu' })
    const { value, interval } = await model.predict(crystals[0].structure)
    await model.dispose()
    expect(Math.abs((await shownValue(page)) - value)).toBeLessThan(F32)
    expect(interval).not.toBeNull()
    expect(await page.textContent('#prediction .interval')).toContain('90.0 %')
    await page.context().close()
  })

  it('learns another property, is cancelled and starts again, and looks right all the while', async () => {
    const page = await openSmall(browser, site)
    await open(page, 'perovskites.extxyz', extendedXyz(perovskites(60), 'hardness'), 60)
    await looksRight(page, 'offer')
    expect(await page.isChecked('#fine-tune-same')).toBe(false)
    await page.click('#fine-tune-start')
    await page.getByText('say in which unit hardness is, such as eV/atom').waitFor()
    await page.fill('#fine-tune-unit', 'GPa')
    await page.fill('#fine-tune-epochs', '500')
    await page.click('#fine-tune-start')
    await page.getByText(/^Epoch \d+ of 500/).waitFor({ timeout: TRAINED_MS })
    expect(await page.isDisabled('#fine-tune-start')).toBe(true)
    await page.locator('#fine-tune-curve svg').waitFor({ timeout: TRAINED_MS })
    await looksRight(page, 'running')
    await page.click('#fine-tune-cancel')
    await page.getByText('Cancelled: nothing was kept.').waitFor()
    await expect
      .poll(() => page.workers().filter((worker) => /fine-tune-worker/.test(worker.url())).length, {
        timeout: 30_000,
      })
      .toBe(0)
    await page.fill('#fine-tune-epochs', '4')
    await page.click('#fine-tune-start')
    await page.locator('#fine-tuned-errors').waitFor({ timeout: TRAINED_MS })
    await looksRight(page, 'done')
    expect(await page.textContent('#fine-tuned-errors')).toMatch(/Always answering the mean.*GPa/)
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#fine-tuned-model')])
    const { card } = readModelFile(await contentOf(download))
    expect(card.targets).toMatchObject([{ name: 'hardness', unit: 'GPa' }])
    await page.context().close()
  })

  it('says what is wrong with the crystals, and with what was chosen', async () => {
    const page = await openSmall(browser, site)
    const failure = page.locator('#fine-tune-body [role=alert]')
    await drop(page, [{ name: 'NaCl.cif', text: readFileSync(example('NaCl.cif'), 'utf8') }])
    await page.getByRole('heading', { name: 'NaCl' }).waitFor()
    await page.click('#fine-tune > summary')
    await page.getByText(/None of the structures here has a number beside it/).waitFor()
    await drop(page, [{ name: 'few.extxyz', text: extendedXyz(perovskites(20)) }])
    await page.getByText('Fine-tune on these 20 labelled crystals').waitFor()
    await page.locator('#fine-tune-start').waitFor()
    await page.fill('#fine-tune-epochs', '1')
    await page.click('#fine-tune-start')
    expect(await failure.textContent()).toContain('epochs 1: expected a whole number from 2 to 500')
    await page.fill('#fine-tune-epochs', '4')
    await page.click('#fine-tune-start')
    await page.getByText(/20 crystals have a number: fine-tuning takes 60 at least/).waitFor()
    await page.click('#clear')
    // Numbers that are all the same.
    const same = perovskites(60).map((crystal) => ({ ...crystal, targets: { [HEAT]: 5 } }))
    await drop(page, [{ name: 'same.extxyz', text: extendedXyz(same) }])
    await page.getByText('Fine-tune on these 60 labelled crystals').waitFor()
    await page.click('#fine-tune-start')
    await page.getByText(/is 1 for all 30 train crystals; there is nothing to learn/).waitFor()
    await page.context().close()
  })
})
