// A page whose scripts come from another origin, as from a CDN: workers, the .wasm files of onnxruntime, and isolation.

import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { expectGolden, F32, predictAll, SMALL, structuresOf } from '../browser/golden.ts'
import { CONVERGED_FORMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { serveSite } from '../browser/page.ts'
import type { Site } from '../browser/server.ts'

let browser: Browser
let elsewhere: Site
let former: GoldenModel
const sites: Site[] = []

describe.skipIf(noChromium !== undefined)(inChromium('scripts of another origin'), () => {
  beforeAll(async () => {
    const built = await buildPackage('other-origin')
    elsewhere = await serveSite(built, { isolated: false, open: true })
    former = await goldenModel(CONVERGED_FORMER, (name) => SMALL.test(name))
    for (const isolated of [false, true]) {
      const site = await serveSite(built, { isolated, from: elsewhere.origin })
      site.resources.set('/former.onnx', { body: former.bytes })
      sites.push(site)
    }
    browser = await launch({ webgpu: false })
  })
  afterAll(async () => {
    await browser?.close()
    await Promise.all([elsewhere, ...sites].map((site) => site?.close()))
  })

  it.each([
    ['fused', 'wasm (fused engine'],
    ['onnxruntime', 'wasm (1 thread'],
  ] as const)('the %s engine runs in a worker', async (engine, report) => {
    const page = await browser.newPage()
    await page.goto(sites[0].origin)
    const found = await predictAll(page, '/former.onnx', { engine, device: 'wasm' }, structuresOf(former), {
      stays: true,
    })
    expect(found.report).toContain(report)
    expectGolden(found.values, former, F32)
    expect(page.workers().length).toBeGreaterThan(0)
    await page.close()
  })

  it('works in an isolated page', async () => {
    const page = await browser.newPage()
    await page.goto(sites[1].origin)
    const found = await predictAll(page, '/former.onnx', { device: 'wasm' }, structuresOf(former))
    expectGolden(found.values, former, F32)
    await page.close()
  })
})
