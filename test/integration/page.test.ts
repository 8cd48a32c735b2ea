// The page of web/ as a visitor uses it, in a real Chromium: predictions as in Node, what an atom attends to, the keyboard,
// hosts without the right headers, browsers without WebGPU or WebGL, and no network at all. Files of all kinds are in
// page-files.test.ts.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { knownPhases } from '../../models/pretrained/addresses.ts'
import { strongestImages } from '../../runtimes/attention.ts'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { copyPage, drop, modelFile, servePage, shownValue, tabTo, visit } from '../browser/built-page.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import type { Site } from '../browser/server.ts'
import { temporaryFolder } from '../cli/run.ts'
import { cgcnn } from '../exporters/crystal/exported.ts'
import { EXAMPLE, expectClose, FRAMER, given, HELIUM, SLOW, structureOf } from './page-examples.ts'

/** Its place in the list of the page's models. */
const FRAMER_OPTION = 3

/** Wustite of magnesium and iron, with vacancies. */
const MIXED = `data_mixed
_cell_length_a 4.3
_cell_length_b 4.3
_cell_length_c 4.3
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
M1 Mg 0 0 0 0.8
M2 Fe 0 0 0 0.2
O1 O 0.5 0.5 0.5 0.9
`

const MIXED_SITES = ['Mg1', 'Mg2', 'Mg3', 'Mg4', 'O5', 'O6', 'O7', 'O8']

let browser: Browser
let isolated: Site
let plain: Site
let former: Model
const folder = temporaryFolder()
const screenshots = process.env.SCREENSHOTS ?? temporaryFolder()

describe.skipIf(noChromium !== undefined)(inChromium('page'), SLOW, () => {
  beforeAll(async () => {
    await copyPage(folder)
    isolated = await servePage(folder, { isolated: true })
    plain = await servePage(folder, { isolated: false })
    former = await load('formation-energy')
    browser = await launch({ webgpu: false })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await isolated?.close()
    await plain?.close()
    await former?.dispose()
  })

  it('predicts an example at once, on wasm where there is no WebGPU, and says why', async () => {
    const page = await visit(browser, isolated, { draws: true, before: 'delete Navigator.prototype.gpu' })
    const expected = (await former.predict(EXAMPLE)).value
    expectClose(await shownValue(page), expected)
    expect(await page.textContent('#prediction')).toContain('eV/atom')
    // What is known of the example stands beside it, and the model says whose work it is.
    expect(await page.textContent('#prediction .known')).toBe('Materials Project, mp-2605: −3.312 eV/atom')
    expect(await page.textContent('#prediction .verdict')).toContain('Inside the domain of the model')
    expect(await page.textContent('#prediction .interval')).toMatch(
      / to .* eV\/atom, with a probability of 90.0 %/,
    )
    expect(await page.locator('#prediction .demonstration').count()).toBe(0)
    expect(await page.textContent('#card')).toMatch(/5345 crystals of 8\d elements/)
    expect(await page.textContent('#card')).toMatch(/CC BY 4\.0.*Materials Project.*CHGNet/)
    expect(await page.textContent('#device')).toBe('fused engine on wasm')
    expect(await page.textContent('#card')).toMatch(/fused engine, WebAssembly with relaxed SIMD/)
    expect(await page.textContent('#card')).toContain('passed over webgpu: this browser has no WebGPU')
    // Kept for use offline are scripts, not what onnxruntime computes with.
    expect(isolated.requests.filter((request) => /ort-.*\.wasm$/.test(request))).toEqual([])
    expect(await page.isVisible('#isolation')).toBe(false)
    await page.waitForSelector('#scene canvas')
    await page.screenshot({ path: join(screenshots, 'light.png') })
    await page.context().close()
  })

  it('says how far above the hull of known phases a crystal is', async () => {
    const page = await visit(browser, isolated)
    await drop(page, [given('TiO2-rutile.cif')])
    await page.getByRole('heading', { name: 'TiO2' }).waitFor()
    // Of its composition rutile is the lowest known phase, and it is on the hull.
    const known = JSON.parse(readFileSync(knownPhases, 'utf8')).phases.find(
      ([formula]: [string]) => formula === 'TiO2',
    )[1]
    const { value } = await former.predict(structureOf('TiO2-rutile.cif'))
    const above = page.locator('#stability data')
    await expect
      .poll(async () => Number(await above.getAttribute('value')), { timeout: 60_000 })
      .toBeCloseTo(Math.max(0, value - known), 5)
    const text = (await page.textContent('#stability'))!
    expect(text).toMatch(/to .* eV\/atom, with a probability of 90.0 %/)
    expect(text).toMatch(value > known ? /A known phase of TiO2 has that much less/ : /Stable/)
    expect(text).toMatch(/\d+ known phases of its elements/)
    // Nothing follows from a value that is not to be trusted, nor from a gap.
    await drop(page, [{ name: 'He.vasp', text: HELIUM }])
    await page.locator('#prediction .verdict.outside').waitFor()
    expect(await page.textContent('#stability')).toBe('')
    await page.selectOption('#models', { label: 'Band gap' })
    await drop(page, [given('TiO2-rutile.cif')])
    await page.locator('#prediction .quantity', { hasText: 'Band gap' }).waitFor()
    expect(await page.textContent('#stability')).toBe('')
    await page.context().close()
  })

  it('shows what an atom attends to, with the frame of a CrystalFramer', async () => {
    const page = await visit(browser, isolated, { draws: true })
    await page.check('#sites input[value="0"]')
    const attention = await former.attention(EXAMPLE)
    await expectImages(page, strongestImages(attention, 0))
    await page.selectOption('#block', '1')
    await page.selectOption('#head', '2')
    await expectImages(page, strongestImages(attention, 0, { block: 1, head: 2 }))
    await page.screenshot({ path: join(screenshots, 'attention.png') })

    await page.selectOption('#models', { label: await labelOf(page, FRAMER_OPTION) })
    await page.getByText('e₁, e₂, e₃').waitFor()
    const framer = await load(modelFile(FRAMER))
    expectClose(await shownValue(page), (await framer.predict(EXAMPLE)).value)
    await framer.dispose()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.screenshot({ path: join(screenshots, 'dark.png') })
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.screenshot({ path: join(screenshots, 'phone.png'), fullPage: true })
    process.stdout.write(`screenshots in ${screenshots}\n`)
    await page.context().close()
  })

  it('everything is reached and done with the keyboard', async () => {
    const page = await visit(browser, isolated)
    await tabTo(page, '#open-paste')
    await page.keyboard.press('Enter')
    await page.keyboard.insertText(given('POSCAR-CaF2').text)
    await tabTo(page, '[type=submit]')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'CaF2', exact: true }).waitFor()
    expectClose(await shownValue(page), (await former.predict(structureOf('POSCAR-CaF2'))).value)
    await tabTo(page, '#sites input')
    await page.keyboard.press('ArrowRight')
    await page.getByRole('heading', { name: 'What Ca1 attends to' }).waitFor()
    await tabTo(page, '#images button')
    await page.keyboard.press('Tab')
    const name = await page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: `What ${name} attends to` }).waitFor()
    await page.context().close()
  })

  it('names what is on mixed sites, in the colours of the wedges', async () => {
    const page = await visit(browser, isolated, { draws: true })
    await drop(page, [{ name: 'mixed.cif', text: MIXED }])
    await page.locator('#legend .mixed').first().waitFor()
    expect(await page.locator('#sites label').allTextContents()).toEqual(['none', ...MIXED_SITES])
    expect(await page.locator('#legend .mixed').allTextContents()).toEqual([
      'Mg 80.0 %, Fe 20.0 %',
      'O 90.0 %, vacant 10.0 %',
    ])
    const colours = (selector: string) =>
      page
        .locator(`#legend ${selector}`)
        .evaluateAll((chips) => chips.map((chip) => getComputedStyle(chip).getPropertyValue('--chip')))
    expect(await page.locator('#legend > li:not(.mixed)').allTextContents()).toEqual([
      'Mg',
      'Fe',
      'O',
      'vacant',
    ])
    const [mg, fe, o] = await colours('> li:not(.mixed) > .chip:not(.vacant)')
    const [mg80, fe20, o90] = await colours('.share > .chip:not(.vacant)')
    expect([mg80, fe20, o90]).toEqual([mg, fe, o])
    expect(new Set([mg, fe, o]).size).toBe(3)
    const pie = await page.locator('.mixed > .pie').first().getAttribute('style')
    expect(pie).toMatch(
      /^background: conic-gradient\(rgb\(.*\) 0%, rgb\(.*\) 80%, rgb\(.*\) 80%, rgb\(.*\) 100%\);$/,
    )
    for (const [width, colorScheme] of [
      [1440, 'light'],
      [390, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      await page.locator('#view').screenshot({ path: join(screenshots, `mixed-${width}-${colorScheme}.png`) })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    }
    await page.context().close()
  })

  it('without WebGL everything but the 3D view works', async () => {
    const page = await visit(browser, isolated)
    await page.getByText('No 3D view: this browser has no WebGL').waitFor()
    await page.context().close()
  })

  it('without COOP and COEP onnxruntime has one thread, and there is a note', async () => {
    const page = await visit(browser, plain)
    expect(await page.textContent('#device')).toBe('fused engine on wasm')
    expect(await page.isVisible('#isolation')).toBe(false)
    await openCgcnn(page)
    expect(await page.textContent('#card')).toMatch(
      /wasm \(1 thread: .*; the fused engine does not compute a CGCNN\)/,
    )
    expect(await page.isVisible('#isolation')).toBe(true)
    expect(await page.textContent('#isolation')).toContain('COOP and COEP')
    // From the second visit on the service worker adds the headers.
    await page.waitForSelector('#offline:visible')
    await page.reload()
    await page.waitForSelector('#prediction data')
    await openCgcnn(page)
    expect(await page.textContent('#card')).toMatch(/wasm \(\d threads?; /)
    expect(await page.isVisible('#isolation')).toBe(false)
    await page.context().close()
  })

  it('works without a network after the first visit', async () => {
    const site = await servePage(folder, { isolated: true })
    const page = await visit(browser, site)
    const value = await shownValue(page)
    await page.waitForSelector('#offline:visible')
    await page.reload()
    const marks = () => performance.getEntriesByName('first-prediction').map(({ startTime }) => startTime)
    await page.waitForSelector('#prediction data')
    const [warm] = await page.evaluate(marks)
    process.stdout.write(`first prediction from a warm cache: ${warm.toFixed(0)} ms\n`)

    await site.close()
    await page.reload()
    expect(await shownValue(page)).toBe(value)
    await page.selectOption('#models', { label: await labelOf(page, FRAMER_OPTION) })
    await page.waitForFunction((name) => document.querySelector('#card')?.textContent?.includes(name), FRAMER)
    // onnxruntime was never asked for: there is no attention, and why.
    await page.check('#sites input[value="0"]')
    await page.getByText('onnxruntime-web cannot start: ').waitFor()
    await page.context().close()
  })
})

/** Opens a file of a network that onnxruntime alone computes. */
async function openCgcnn(page: Page): Promise<void> {
  const buffer = Buffer.from((await cgcnn()).bytes)
  await page.setInputFiles('#model-file', {
    name: 'cgcnn.onnx',
    mimeType: 'application/octet-stream',
    buffer,
  })
  await page.getByText('onnxruntime on wasm').waitFor()
}

async function labelOf(page: Page, option: number): Promise<string> {
  return (await page.locator('#models option').nth(option).textContent()) ?? ''
}

/** The list shows these images, by site, distance and weight. */
async function expectImages(page: Page, images: ReturnType<typeof strongestImages>): Promise<void> {
  const first = `${(100 * images[0].weight).toFixed(1)} %`
  await page.locator('#images li').first().getByText(first).waitFor()
  const rows = await page.locator('#images li').allTextContents()
  rows.forEach((text, n) => {
    const distance = Math.hypot(...images[n].displacement)
    expect(text).toContain(distance === 0 ? 'itself' : `${distance.toFixed(2)} Å`)
  })
}
