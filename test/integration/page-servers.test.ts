// The page with `?server=`: it asks the server that it comes from instead of predicting by itself, with a key where one is
// wanted.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/node/load.ts'
import { keysFrom } from '../../src/server/auth.ts'
import { copyPage, drop, shownValue, visit } from '../browser/built-page.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { temporaryFolder } from '../cli/run.ts'
import { started } from '../server/running.ts'
import { EXAMPLE, expectClose, given, SLOW } from './page-examples.ts'

const RUTILE = 'TiO2-rutile.cif'

let browser: Browser
let small: Model
const folder = temporaryFolder()

describe.skipIf(noChromium !== undefined)(inChromium('page of a server'), SLOW, () => {
  beforeAll(async () => {
    await copyPage(folder)
    small = await load('formation-energy-small')
    browser = await launch({ webgpu: false })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await small?.dispose()
  })

  it('asks a server that serves it instead of its own runtime, when its address says so', async () => {
    const server = await started({
      models: [{ name: 'small', source: 'formation-energy-small' }],
      page: folder,
    })
    try {
      const page = await visit(browser, { origin: `${server.url}/?server=/&model=small` })
      const { value } = await small.predict(EXAMPLE)
      expectClose(await shownValue(page), value)
      const { host } = new URL(server.url)
      expect(await page.textContent('#card')).toContain(`cpu of ${host}`)
      expect(await page.textContent('#whereabouts')).toMatch(
        new RegExp(`by ${host}: structures are sent there`),
      )
      expect(await page.textContent('#card')).toMatch(/5345 crystals of 8\d elements/)
      expect(await page.textContent('#prediction .verdict')).toContain('Inside the domain of the model')
      const asked = await page.evaluate(() =>
        performance.getEntriesByType('resource').map(({ name }) => name),
      )
      expect(asked.filter((name) => /\.onnx$|worker-(fused|plain|wasm|webgpu)/.test(name))).toEqual([])
      expect(asked.filter((name) => name.endsWith('/v2/models/small/infer'))).not.toEqual([])
      await drop(page, [given(RUTILE)])
      await page.getByText(RUTILE).first().waitFor()
      await page.context().close()
    } finally {
      await server.stop(0)
    }
  })

  it('asks for the key of a server that wants one, and keeps it in memory alone', async () => {
    const key = '0123456789abcdef'
    const server = await started({
      ...{ models: [{ name: 'small', source: 'formation-energy-small' }], page: folder },
      keys: keysFrom([key]),
    })
    try {
      const page = await (await browser.newContext()).newPage()
      await page.goto(`${server.url}/?server=/&model=small`)
      const give = async (text: string) => {
        await page.fill('#key', text)
        await page.click('#server-key button')
      }
      await page.getByText('an API key is expected').waitFor()
      await give('another-0123456789')
      await page.getByText('none of those that the server knows').waitFor()
      await give(key)
      expect(Number.isFinite(await shownValue(page))).toBe(true)
      expect(await page.isVisible('#server-key')).toBe(false)
      const left = await page.evaluate(() => [
        ...[location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage)],
        ...performance.getEntriesByType('resource').map(({ name }) => name),
        (document.querySelector('#key') as HTMLInputElement).value,
      ])
      expect(left.filter((text) => text.includes(key))).toEqual([])
      expect(JSON.stringify(server.log)).not.toContain(key)
      await page.context().close()
    } finally {
      await server.stop(0)
    }
  })
})
