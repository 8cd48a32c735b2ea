// Pages that may have less than others: scripts of workers that an isolated page refuses, frames in a sandbox, caches that fail
// while they are read. The prediction comes all the same, with what is said of it.

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BuiltPackage, buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { expectGolden, F32, predictAll, SMALL, structuresOf } from '../browser/golden.ts'
import { CONVERGED_FORMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { serveSite } from '../browser/page.ts'
import type { Site } from '../browser/server.ts'

let browser: Browser
let built: BuiltPackage
let former: GoldenModel
const sites: Site[] = []

type Served = (response: ServerResponse, script: string) => void

async function serveModel(options: { isolated: boolean; open?: boolean }): Promise<Site> {
  const site = await serveSite(built, options)
  sites.push(site)
  site.resources.set('/former.onnx', { body: former.bytes, headers: { ETag: '"1"' } })
  return site
}

describe.skipIf(noChromium !== undefined)(inChromium('pages that may have less'), () => {
  beforeAll(async () => {
    built = await buildPackage('refused')
    former = await goldenModel(CONVERGED_FORMER, (name) => SMALL.test(name))
    browser = await launch({ webgpu: false })
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.all(sites.map((site) => site.close()))
  })

  const withoutHeader: Served = (response, script) => {
    response.removeHeader('Cross-Origin-Embedder-Policy')
    response.end(readFileSync(join(built.dist, script)))
  }
  const asPage: Served = (response) => response.setHeader('Content-Type', 'text/html').end('<!doctype html>')

  it.each([
    ['fused', 'without the header', withoutHeader, /^wasm \(fused engine, WebAssembly/],
    ['onnxruntime', 'without the header', withoutHeader, /^wasm \(/],
    ['onnxruntime', 'as a page', asPage, /^wasm \(/],
  ] as const)(
    'isolated, scripts of workers served wrongly: %s, %s: in the page, with a warning',
    async (engine, _, serve, report) => {
      const site = await serveModel({ isolated: true })
      for (const script of ['worker-fused.js', 'worker-plain.js']) {
        site.resources.set(`/crystal-onnx/${script}`, (_, response) => serve(response, script))
      }
      const page = await browser.newPage()
      const said: string[] = []
      page.on('console', (message) => said.push(message.text()))
      await page.goto(site.origin)
      const { report: found, values } = await predictAll(
        page,
        '/former.onnx',
        { engine, device: 'wasm' },
        structuresOf(former),
      )
      expect(found).toMatch(report)
      expectGolden(values, former, F32)
      expect(said.join('\n')).toMatch(
        /predictions run in the thread of the page.*Cross-Origin-Embedder-Policy/,
      )
      await page.close()
    },
  )

  it('a frame in a sandbox, which has neither caches nor an origin', async () => {
    const site = await serveModel({ isolated: false, open: true })
    const frame = '<!doctype html><iframe sandbox="allow-scripts" src="/"></iframe>'
    site.resources.set('/outer', { body: frame, headers: { 'Content-Type': 'text/html' } })
    const page = await browser.newPage()
    await page.goto(`${site.origin}/outer`)
    const inner = page.frames()[1] as unknown as Page
    const { values } = await predictAll(inner, '/former.onnx', { device: 'wasm' }, structuresOf(former))
    expectGolden(values, former, F32)
    await page.close()
  })

  it('a cache that opens, and fails as it is read and written', async () => {
    const site = await serveModel({ isolated: false })
    const page = await browser.newPage()
    await page.addInitScript(() => {
      const gone = () => Promise.reject(new DOMException('gone', 'UnknownError'))
      Cache.prototype.put = gone
      Cache.prototype.match = async () =>
        new Response(new ReadableStream({ pull: gone }), { headers: { etag: '"1"' } })
    })
    await page.goto(site.origin)
    const { values } = await predictAll(page, '/former.onnx', { device: 'wasm' }, structuresOf(former))
    expectGolden(values, former, F32)
    expect(site.requests).toContain('GET /former.onnx')
    await page.close()
  })
})
