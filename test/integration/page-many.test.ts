// The page with thousands of structures: rows of which only those in sight are elements, searched, filtered, sorted,
// grouped and plotted; what is there after a reload; packed files; no accessibility rule of axe is broken in any state.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { gzipSync, zipSync } from 'fflate'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible } from '../browser/axe.ts'
import { copyPage, drop, servePage, visit } from '../browser/built-page.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import type { Site } from '../browser/server.ts'
import { example, temporaryFolder } from '../cli/run.ts'

const SLOW = { timeout: 180_000 }
const COUNT = 2000
/** More rows than ever are in sight. */
const MOST_ROWS = 60

const CATIONS = ['Li', 'Na', 'K', 'Rb', 'Cs']
const label = (n: number) => Number((Math.sin(n) - 2).toFixed(3))

/** Rock salt of five elements with many lattice constants, each with an energy. */
function trajectory(count: number): string {
  return Array.from({ length: count }, (_, n) => {
    const h = 2 + (n % 400) / 200
    return (
      `2\nLattice="0 ${h} ${h} ${h} 0 ${h} ${h} ${h} 0" Properties=species:S:1:pos:R:3 e_form=${label(n)}\n` +
      `${CATIONS[n % 5]} 0 0 0\nCl ${h} ${h} ${h}\n`
    )
  }).join('')
}

let browser: Browser
let site: Site
const folder = temporaryFolder()

describe.skipIf(noChromium !== undefined)(inChromium('page of thousands'), SLOW, () => {
  beforeAll(async () => {
    await copyPage(folder)
    site = await servePage(folder, { isolated: true })
    browser = await launch({ webgpu: false })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })

  describe('one trajectory', () => {
    let page: Page
    const failures: string[] = []
    beforeAll(async () => {
      page = await visit(browser, site)
      page.on('pageerror', ({ message }) => failures.push(message))
      await page.evaluate(() => {
        const counts = { added: 0, again: 0 }
        const seen = new WeakSet<Node>()
        new MutationObserver((changes) => {
          for (const node of changes.flatMap(({ addedNodes }) => Array.from(addedNodes))) {
            counts.added++
            if (seen.has(node)) counts.again++
            seen.add(node)
          }
        }).observe(document.querySelector('#rows')!, { childList: true, subtree: true })
        Object.assign(globalThis, { counts })
      })
      await drop(page, [
        { name: 'run.extxyz', text: trajectory(COUNT) },
        ...['a', 'b', 'c'].map((name) => ({ name: `${name}.cif`, text: 'data_x\n_cell_length_a five\n' })),
      ])
      await page.getByText(`${(COUNT + 3).toLocaleString('en')} structures, 3 failed`).waitFor()
      await page.waitForFunction(() => document.querySelector<HTMLElement>('#progress')?.hidden)
    })
    afterAll(() => page?.context().close())

    it('has elements for the rows in sight, and puts none in twice', async () => {
      expect(await page.locator('#rows-body [role=row]').count()).toBeLessThan(MOST_ROWS)
      expect(await page.locator('#rows').getAttribute('aria-rowcount')).toBe(String(COUNT + 4))
      const counts = await page.evaluate(() => (globalThis as unknown as { counts: object }).counts)
      expect(counts).toMatchObject({ again: 0 })
      await page.evaluate(() => {
        const grid = document.querySelector('#rows')!
        grid.scrollTop = grid.scrollHeight
      })
      await page.getByRole('row', { name: 'c.cif' }).waitFor()
      expect(await page.locator('#rows-body [role=row]').count()).toBeLessThan(MOST_ROWS)
    })

    it('groups failures by their cause', async () => {
      await page.click('#failures-title')
      expect(await page.locator('#causes li').allTextContents()).toEqual([
        expect.stringMatching(/^3 × PARSE data block x/),
      ])
      await page.click('#causes button')
      await page.getByText('3 shown').waitFor()
      await page.click('#show-all')
    })

    it('finds formulas, elements and files', async () => {
      const shown = async (search: string, count: string) => {
        await page.fill('#search', search)
        await page.getByText(count, { exact: true }).waitFor()
      }
      await shown('NaCl', `${COUNT / 5} shown`)
      await shown('ClNa', `${COUNT / 5} shown`)
      await shown('Cl Rb', `${COUNT / 5} shown`)
      await shown('b.cif', '1 shown')
      await page.fill('#search', '')
      await page.selectOption('#verdict-filter', 'failed')
      await page.getByText('3 shown').waitFor()
      await page.selectOption('#verdict-filter', '')
    })

    it('compares with the numbers in the file', async () => {
      await page.getByText(/Mean absolute error .* eV\/atom, 2,000 structures/).waitFor()
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#json')])
      const rows = JSON.parse(await readFile(await download.path(), 'utf8')) as {
        labels: { e_form: number }
        values: { e_form: number }
      }[]
      expect(rows).toHaveLength(COUNT + 3)
      const errors = rows.slice(0, COUNT).map(({ labels, values }, n) => {
        expect(labels.e_form).toBe(label(n))
        return Math.abs(labels.e_form - values.e_form)
      })
      const mean = errors.reduce((sum, error) => sum + error, 0) / COUNT
      expect(await page.textContent('#parity-error')).toContain(`error ${mean.toFixed(3)} eV/atom`)
    })

    it('goes through the frames with a slider and the rows with the keyboard, which keeps the focus', async () => {
      await page.fill('#frame', '41')
      expect(await page.textContent('#frame-text')).toContain('Frame 42 of 2000')
      await page.getByRole('heading', { name: 'NaCl' }).waitFor()
      await page.focus('#rows')
      for (const key of ['End', 'ArrowUp', 'ArrowUp', 'ArrowUp']) await page.keyboard.press(key)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('rows')
      expect(await page.locator('#rows').getAttribute('aria-activedescendant')).toBe(`row-${COUNT - 1}`)
      await page.getByRole('heading', { name: 'CsCl' }).waitFor()
    })

    it('is there after a reload, until it is cleared', async () => {
      await page.waitForFunction(() => localStorage.getItem('crystal-onnx-session')?.includes('1999'))
      await page.reload()
      await page.getByText(`${(COUNT + 3).toLocaleString('en')} structures, 3 failed`).waitFor()
      await page.getByRole('heading', { name: 'CsCl' }).waitFor()
      await expectAccessible(page)
      await page.click('#clear')
      await page.getByText('Open a structure to see its prediction.').waitFor()
      await page.waitForFunction(() => localStorage.getItem('crystal-onnx-session') === null)
      await page.reload()
      await page.getByRole('heading', { name: 'CaO' }).waitFor()
      expect(failures).toEqual([])
    })
  })

  it('stops, and goes on', async () => {
    const page = await visit(browser, site)
    // As many as are not predicted before anybody can stop it.
    const count = 10 * COUNT
    await drop(page, [{ name: 'run.extxyz', text: trajectory(count) }])
    await page.getByText(`${count.toLocaleString('en')} structures,`).waitFor()
    await page.click('#stop')
    await page.getByText(/^stopped: .* have no prediction$/).waitFor()
    await page.click('#go-on')
    await page.getByText(/ a second, .* left/).waitFor()
    await page.context().close()
  })

  it('reads packed files and tables of CIF with their labels', async () => {
    const page = await visit(browser, site)
    const [halite, frames] = [
      readFileSync(example('NaCl.cif')),
      readFileSync(example('alkali-halides.extxyz')),
    ]
    const csv = `material_id,formation_energy_per_atom,cif\nx-1,-2.1,"${halite.toString().replaceAll('"', '""')}"\n`
    await page.setInputFiles('#structure-files', [
      file('some.zip', zipSync({ 'in/NaCl.cif': halite, '__MACOSX/x': halite })),
      file('halides.extxyz.gz', gzipSync(frames)),
      file('set.csv', Buffer.from(csv)),
      file('damaged.gz', gzipSync(frames).subarray(0, 40)),
    ])
    await page.getByText(/ 1 failed$/).waitFor()
    for (const name of ['some.zip/in/NaCl.cif', 'halides.extxyz', 'set.csv']) {
      expect(await page.getByRole('row', { name }).first().isVisible(), name).toBe(true)
    }
    expect(await page.getByRole('row', { name: 'damaged.gz' }).textContent()).toContain('damaged archive')
    await page.context().close()
  })

  it.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)('breaks no rule of axe: %s, %i pixels wide', async (colorScheme, width) => {
    const page = await visit(browser, site)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 900 })
    await expectAccessible(page)
    await page.click('#open-paste')
    await expectAccessible(page)
    await page.click('#paste-cancel')
    await drop(page, [
      { name: 'run.extxyz', text: trajectory(12) },
      { name: 'broken.cif', text: 'data_x\n_cell_length_a five\n' },
    ])
    await page.getByText('13 structures, 1 failed').waitFor()
    await page.click('#failures-title')
    await expectAccessible(page)
    await page.check('#sites input[value="0"]')
    await page.waitForSelector('#images li')
    await expectAccessible(page)
    await page.setInputFiles('#model-file', file('no.onnx', Buffer.from('no model')))
    await page.waitForSelector('#model-failure:visible')
    await expectAccessible(page)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0)
    await page.context().close()
  })
})

const file = (name: string, bytes: Uint8Array) => ({
  ...{ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) },
})
