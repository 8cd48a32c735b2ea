// The elements and the hook of the package in a real browser: a page of one HTML file whose scripts come from another
// origin, under a strict policy; and React under Vite.

import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build as vite } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import { type BuiltPackage, buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { F32 } from '../browser/golden.ts'
import { CONVERGED_FORMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { type Site, serve } from '../browser/server.ts'

let browser: Browser
let built: BuiltPackage
let model: GoldenModel
let elsewhere: Site
let site: Site

const HTML = { 'Content-Type': 'text/html' }

describe.skipIf(noChromium !== undefined)(inChromium('components'), () => {
  beforeAll(async () => {
    built = await buildPackage('components', { entries: ['components', 'crystal', 'react'] })
    model = await goldenModel(CONVERGED_FORMER)
    elsewhere = await serve({ '/': built.dist }, { isolated: false, open: true })
    site = await serve({}, { isolated: false })
    site.resources.set('/model.onnx', { body: model.bytes })
    model.crystals.slice(0, 2).forEach(({ structure: { lattice, frac, species } }, n) => {
      const numbers = species.map(([{ element }]) => element)
      site.resources.set(`/${n}.json`, { body: JSON.stringify({ lattice, frac, numbers }) })
    })
    browser = await launch({ webgpu: false })
  })
  afterAll(async () => {
    await browser?.close()
    await elsewhere?.close()
    await site?.close()
  })

  /** A page with these elements, and what its script says went wrong. */
  async function open(body: string): Promise<{ page: Page; complaints: string[] }> {
    const policy = [
      "default-src 'none'",
      `script-src 'self' ${elsewhere.origin} 'wasm-unsafe-eval'`,
      `connect-src 'self' ${elsewhere.origin}`,
      `worker-src blob: ${elsewhere.origin}`,
      'img-src data: blob:',
    ].join('; ')
    site.resources.set('/page.js', {
      body: `globalThis.heard = []
for (const name of ['crystal-prediction', 'crystal-error', 'crystal-pick'])
  document.addEventListener(name, ({ target, detail }) => heard.push({ name, id: target.id, detail, code: detail.code, message: detail.message }))`,
      headers: { 'Content-Type': 'text/javascript' },
    })
    site.resources.set('/', {
      body: `<!doctype html><html lang="en"><title>page</title><link rel="icon" href="data:,">
<script src="/page.js"></script><script type="module" src="${elsewhere.origin}/components.js"></script>${body}`,
      headers: { ...HTML, 'Content-Security-Policy': policy },
    })
    site.requests.length = 0
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    await page.goto(`${site.origin}/`)
    return { page, complaints }
  }

  const heard = (page: Page, name: string, count: number) =>
    page.waitForFunction(
      ([name, count]) => {
        const found = (globalThis as unknown as { heard: Heard[] }).heard.filter(
          (event) => event.name === name,
        )
        return found.length >= (count as number) && found
      },
      [name, count] as const,
      { timeout: 30_000 },
    )

  it('a page of one file shows crystals and predictions, and elements of one model share it', async () => {
    const { page, complaints } = await open(`
      <crystal-viewer id="v" src="/0.json" bonds polyhedra cells="2"></crystal-viewer>
      <crystal-prediction id="0" src="/0.json" model="/model.onnx"></crystal-prediction>
      <crystal-prediction id="1" src="/1.json" model="model.onnx"></crystal-prediction>`)
    const events = (await (await heard(page, 'crystal-prediction', 2)).jsonValue()) as unknown as Heard[]
    for (const { id, detail } of events) {
      expect(relativeError((detail as Prediction).value, model.crystals[Number(id)].value, 1)).toBeLessThan(
        F32,
      )
    }
    expect(site.requests.filter((request) => request === 'GET /model.onnx')).toHaveLength(1)
    const shown = await page.locator('crystal-prediction').first().textContent()
    expect(shown).toBe('')
    await page.getByText('Domain unknown').first().waitFor()
    // The picture is of the crystal: more than one colour.
    const colours = await page.locator('crystal-viewer').evaluate(async (viewer) => {
      const address = await (viewer as unknown as { png(): Promise<string> }).png()
      const image = new Image()
      image.src = address
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.width
      canvas.height = image.height
      const context = canvas.getContext('2d')!
      context.drawImage(image, 0, 0)
      return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size
    })
    expect(colours).toBeGreaterThan(50)
    expect(complaints).toEqual([])
    // The model is closed with the last element that shows it.
    expect(page.workers().length).toBeGreaterThan(0)
    await page.evaluate(() => document.querySelector('crystal-prediction')!.remove())
    expect(page.workers().length).toBeGreaterThan(0)
    await page.evaluate(() => document.querySelector('crystal-prediction')!.remove())
    await expect.poll(() => page.workers().length).toBe(0)
    await page.close()
  })

  it('structures are handed over and replaced, and clicks are told of', async () => {
    const { page } = await open('<crystal-viewer></crystal-viewer>')
    await page.waitForFunction(() => customElements.get('crystal-viewer'))
    await page.evaluate(() => {
      const viewer = document.querySelector('crystal-viewer')!
      viewer.structure = {
        lattice: [
          [3, 0, 0],
          [0, 3, 0],
          [0, 0, 3],
        ],
        frac: [[0.5, 0.5, 0.5]],
        species: [55],
      } as never
    })
    const box = (await page.locator('crystal-viewer').boundingBox())!
    await page.getByRole('application', { name: /3D view of Cs/ }).waitFor()
    await expect
      .poll(async () => {
        await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2 - 12)
        return page.evaluate(() => (globalThis as unknown as { heard: Heard[] }).heard.length)
      })
      .toBeGreaterThan(0)
    const [first] = (await (await heard(page, 'crystal-pick', 1)).jsonValue()) as unknown as Heard[]
    expect(first.detail).toEqual({ site: 0 })
    await page.close()
  })

  it.each([
    ['src="/absent.cif" model="/model.onnx"', 'PARSE', /absent\.cif: answered 404/],
    [
      'src="/0.json" index="7" model="/model.onnx"',
      'PARSE',
      /0\.json: has no structure 7: expected an index from 0 to 0/,
    ],
    [
      'src="/0.json" index="-1" model="/model.onnx"',
      'PARSE',
      /has no structure -1: expected an index from 0 to 0/,
    ],
    ['src="/0.json" model="/absent.onnx"', 'MODEL_FILE', /404/],
    ['src="/0.json" model="/model.onnx" level="often"', 'CONFIG', /level "often": expected a probability/],
    ['src="/hostile.cif" model="/model.onnx"', 'PARSE', /hostile\.cif/],
    ['src="/POSCAR" model="/model.onnx"', 'PARSE', /POSCAR, line 6: names no elements \(VASP 4\)/],
  ])('an error is shown and told of: %s', async (attributes, code, message) => {
    site.resources.set('/hostile.cif', {
      body: 'data_<img src=x onerror=alert(1)>\n_cell_length_a <script>alert(1)</script>\n',
    })
    site.resources.set('/POSCAR', { body: 'Rock\n1\n3 0 0\n0 3 0\n0 0 3\n1 1\nDirect\n0 0 0\n.5 .5 .5\n' })
    const { page } = await open(`<crystal-prediction ${attributes}></crystal-prediction>`)
    const [event] = (await (await heard(page, 'crystal-error', 1)).jsonValue()) as unknown as Heard[]
    expect(event.message).toMatch(message)
    expect(event.code).toBe(code)
    await page.getByText(`${code}: `).waitFor()
    expect(await page.locator('crystal-prediction img, crystal-prediction script').count()).toBe(0)
    await page.close()
  })

  it('useModel opens a model once for several components under StrictMode, and closes it', async () => {
    const app = join(built.folder, 'react-app')
    mkdirSync(app, { recursive: true })
    writeFileSync(
      join(app, 'index.html'),
      '<!doctype html><div id="app"></div><script type="module" src="/main.js"></script>',
    )
    writeFileSync(join(app, 'main.js'), REACT)
    await vite({
      root: app,
      configFile: false,
      logLevel: 'silent',
      build: { target: 'es2022', minify: false },
    })
    const served = await serve({ '/': join(app, 'dist') }, { isolated: false })
    served.resources.set('/model.onnx', { body: model.bytes })
    served.resources.set('/0.json', site.resources.get('/0.json')!)
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`${served.origin}/index.html`)
    const value = await page.waitForFunction(() => {
      const texts = Array.from(document.querySelectorAll('p'), ({ textContent }) => textContent)
      return texts.length === 2 && texts.every((text) => text && text !== 'loading') && texts
    })
    for (const text of (await value.jsonValue()) as string[]) {
      expect(relativeError(Number(text), model.crystals[0].value, 1)).toBeLessThan(F32)
    }
    expect(served.requests.filter((request) => request === 'GET /model.onnx')).toHaveLength(1)
    await page.getByRole('button').click()
    await page.getByText(/404/).first().waitFor()
    await expect.poll(() => page.workers().length).toBe(0)
    expect(complaints).toEqual([])
    await page.close()
    await served.close()
  }, 180_000)
})

describe.skipIf(noChromium !== undefined)(inChromium('examples of components'), () => {
  const examples = join(import.meta.dirname, '../../examples')
  /** eV/atom, of rock salt: what the Materials Project says, and how far a model may be from it. */
  const [KNOWN, FAR] = [-2.1, 0.2]
  let other: BuiltPackage
  let chromium: Browser

  beforeAll(async () => {
    other = await buildPackage('components-examples', {
      entries: ['components', 'crystal', 'react', 'pretrained'],
    })
    chromium = await launch({ webgpu: false })
  })
  afterAll(() => chromium?.close())

  it('the page of one file', async () => {
    const served = await serve(
      { '/node_modules/crystal-onnx/dist/': other.dist, '/': examples },
      { isolated: false },
    )
    const page = await chromium.newPage()
    await page.goto(`${served.origin}/components/index.html`)
    const value = Number(await page.locator('crystal-prediction data').getAttribute('value'))
    expect(Math.abs(value - KNOWN)).toBeLessThan(FAR)
    await page.getByText('Inside the domain').waitFor()
    await page.close()
    await served.close()
  })

  it('the app in React', async () => {
    const app = join(other.folder, 'app')
    mkdirSync(app, { recursive: true })
    copyFileSync(join(examples, 'components/app.jsx'), join(app, 'app.jsx'))
    writeFileSync(
      join(app, 'index.html'),
      '<!doctype html><div id="app"></div><script type="module" src="/app.jsx"></script>',
    )
    await vite({
      ...{ root: app, configFile: false, logLevel: 'silent' },
      esbuild: { jsx: 'automatic' },
      build: { target: 'es2022', minify: false },
    })
    const served = await serve({ '/': join(app, 'dist') }, { isolated: false })
    const page = await chromium.newPage()
    await page.goto(`${served.origin}/index.html`)
    await page.locator('input').setInputFiles(join(examples, 'structures/NaCl.cif'))
    const text = (await page.locator('#app p').textContent())!
    expect(text).toMatch(/eV\/atom$/)
    expect(Math.abs(Number.parseFloat(text) - KNOWN)).toBeLessThan(FAR)
    await page.getByRole('application', { name: /3D view of NaCl/ }).waitFor()
    await page.close()
    await served.close()
  }, 180_000)
})

interface Heard {
  readonly name: string
  readonly id: string
  readonly detail: unknown
  readonly code?: string
  readonly message?: string
}

const REACT = `
import { readStructures } from 'crystal-onnx/crystal'
import { useModel } from 'crystal-onnx/react'
import { createElement as h, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

function Value({ address }) {
  const { model, error } = useModel(address, { device: 'wasm' })
  const [value, setValue] = useState()
  useEffect(() => {
    if (!model) return
    fetch('/0.json').then((answer) => answer.text()).then(async (text) => {
      setValue((await model.predict(readStructures(text)[0].structure)).value)
    })
  }, [model])
  return h('p', {}, error ? error.message : value === undefined ? 'loading' : String(value))
}

function App() {
  const [address, setAddress] = useState('/model.onnx')
  return h('div', {}, h(Value, { address }), h(Value, { address }), h('button', { onClick: () => setAddress('/absent.onnx') }, 'other'))
}

createRoot(document.querySelector('#app')).render(h(StrictMode, {}, h(App)))
`
