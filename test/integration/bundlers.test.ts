// The package under Vite and webpack, neither of them configured for it: the app is a few lines, and it predicts. It imports
// entries that bundlers take with their `browser` condition: a function is exported, and training refused.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWithVite, buildWithWebpack } from '../../bench/matrix/bundle.ts'
import { relativeError } from '../../runtimes/card.ts'
import { type BuiltPackage, buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { CONVERGED_FORMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { type Site, serve } from '../browser/server.ts'

/** float32 against the published code in float64. */
const F32 = 2e-5

const APP = `
import * as tf from '@tensorflow/tfjs-core'
import { load, readStructures, train } from 'crystal-onnx'
import { exportOnnx } from 'crystal-onnx/exporters'

const model = await load('/model.onnx', JSON.parse(decodeURIComponent(location.search.slice(1))))
const [{ structure }] = readStructures(await (await fetch('/crystal.json')).text(), { file: 'crystal.json' })
const { value } = await model.predict(structure)
const { operators } = await exportOnnx(({ x }) => tf.tanh(x), { x: { dtype: 'float32', shape: ['n'] } })
const refused = await train({}).catch(({ code, message }) => code + ': ' + message)
document.title = JSON.stringify({ value, report: model.deviceReport, operators, refused })
`

let browser: Browser
let built: BuiltPackage
let model: GoldenModel

describe.skipIf(noChromium !== undefined)(inChromium('bundlers'), () => {
  beforeAll(async () => {
    built = await buildPackage('bundlers', { entries: ['browser', 'exporters.browser', 'web', 'crystal'] })
    model = await goldenModel(CONVERGED_FORMER)
    browser = await launch({ webgpu: false })
  })
  afterAll(() => browser?.close())

  it.each([
    ['vite', buildWithVite],
    ['webpack', buildWithWebpack],
  ])(
    '%s builds an app that predicts, on both engines, in workers and in the page',
    async (name, build) => {
      const app = join(built.folder, name)
      mkdirSync(app, { recursive: true })
      writeFileSync(join(app, 'main.js'), APP)
      const folder = await build(app)
      const site = await serve({ '/': folder }, { isolated: true })
      const { structure, value } = model.crystals[0]
      const { lattice, frac, species } = structure
      const numbers = species.map(([{ element }]) => element)
      site.resources.set('/model.onnx', { body: model.bytes })
      site.resources.set('/crystal.json', { body: JSON.stringify({ lattice, frac, numbers }) })
      for (const [engine, worker, report] of [
        ['fused', true, /^wasm \(fused engine, WebAssembly with relaxed SIMD, up to 2 workers\)$/],
        ['fused', false, /^wasm \(fused engine, WebAssembly with relaxed SIMD\)$/],
        ['onnxruntime', true, /^wasm \(2 threads\)$/],
        ['onnxruntime', false, /^wasm \(1 thread\)$/],
      ] as const) {
        site.requests.length = 0
        const found = await open(site, { device: 'wasm', engine, worker, threads: worker ? 2 : 1 })
        expect(found.report).toMatch(report)
        expect(site.requests.some((request) => request.endsWith('.wasm'))).toBe(engine === 'onnxruntime')
        expect(relativeError(found.value, value, 1)).toBeLessThan(F32)
        expect(found.operators).toEqual({ Tanh: 1 })
        expect(found.refused).toMatch(/^PLATFORM: train .* in Node/)
      }
      await site.close()
    },
    // An app with TensorFlow.js in it takes bundlers a while.
    120_000,
  )
})

interface Found {
  readonly value: number
  readonly report: string
  readonly operators: object
  readonly refused: string
}

async function open(site: Site, options: object): Promise<Found> {
  const page = await browser.newPage()
  const failures: string[] = []
  page.on('pageerror', (error) => failures.push(error.message))
  await page.goto(`${site.origin}/index.html?${encodeURIComponent(JSON.stringify(options))}`)
  await expect.poll(() => failures.length > 0 || page.title(), { timeout: 60_000 }).toBeTruthy()
  expect(failures).toEqual([])
  const found = JSON.parse(await page.title())
  await page.close()
  return found
}
