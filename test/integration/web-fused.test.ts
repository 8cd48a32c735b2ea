// The fused engine in a real Chromium, from a plain page of ES modules that is not cross-origin isolated: the published
// code's values, what is downloaded for it and what is not, several workers, attention, and what becomes of it when
// something goes wrong.

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Attention } from '../../runtimes/attention.ts'
import type { Model } from '../../runtimes/model.ts'
import { load as loadInNode } from '../../runtimes/node/load.ts'
import type { LoadOptions } from '../../runtimes/web/load.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { expectGolden, F32, predictAll, structuresOf, UNTIED } from '../browser/golden.ts'
import { CONVERGED_FORMER, CONVERGED_FRAMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { inPage, serveSite } from '../browser/page.ts'
import type { Site } from '../browser/server.ts'
import { cgcnn, exportCase, misplaced } from '../exporters/crystal/exported.ts'
import { TINY_CASES } from '../golden/goldens.ts'

declare global {
  /** In the page: the model that a test has left open. */
  var kept: Model
}

const WASM = '/onnxruntime-web/ort-wasm-simd-threaded.wasm'
const SCRIPT = '/crystal-onnx/worker-fused.js'
const FUSED = /^wasm \(fused engine, WebAssembly with (relaxed )?SIMD/

let browser: Browser
let site: Site
let former: GoldenModel
let framer: GoldenModel
let context: BrowserContext
let page: Page

describe.skipIf(noChromium !== undefined)(inChromium('the fused engine in Chromium'), () => {
  beforeAll(async () => {
    site = await serveSite(await buildPackage('fused'), { isolated: false })
    former = await goldenModel(CONVERGED_FORMER, undefined, { outputs: ['attention'] })
    framer = await goldenModel(CONVERGED_FRAMER, (name) => UNTIED.test(name))
    const models = {
      former: former.bytes,
      framer: framer.bytes,
      mute: (await exportCase(CONVERGED_FORMER)).bytes,
      box: (await exportCase(TINY_CASES[0])).bytes,
      misplaced: await misplaced(former.bytes),
      cgcnn: (await cgcnn()).bytes,
    }
    for (const [name, body] of Object.entries(models)) site.resources.set(`/${name}.onnx`, { body })
    browser = await launch({ webgpu: false })
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
  })
  // A context of its own for every test: its caches are empty.
  beforeEach(async () => {
    context = await browser.newContext()
    page = await context.newPage()
    await page.goto(site.origin)
    await page.waitForFunction(() => 'crystalOnnx' in globalThis)
    site.requests.length = 0
  })
  afterEach(() => context.close())

  const ofOnnxruntime = () => site.requests.filter((request) => request.includes('/onnxruntime-web/'))
  const workers = () => page.workers().filter((worker) => worker.url().endsWith(SCRIPT)).length

  const ways: [string, LoadOptions, RegExp][] = [
    ['the fused engine, one worker', { threads: 1 }, new RegExp(`${FUSED.source}\\); passed over webgpu`)],
    [
      'the fused engine, more',
      { threads: 3 },
      new RegExp(`${FUSED.source}, up to 3 workers\\); passed over`),
    ],
    ['the fused engine, in the page’s own thread', { device: 'wasm', worker: false }, /SIMD\)$/],
  ]
  it.each(ways)('gives the published code’s values: %s', async (_, options, report) => {
    for (const [file, model] of [
      ['/former.onnx', former],
      ['/framer.onnx', framer],
    ] as const) {
      const found = await predictAll(page, file, options, structuresOf(model))
      expect(found.report).toMatch(report)
      expectGolden(found.values, model, F32)
    }
    // Neither is a worker's script run in the page.
    expect(await page.evaluate(() => globalThis.onmessage)).toBeNull()
    expect(ofOnnxruntime().length > 0).toBe(options.engine === 'onnxruntime')
    expect(site.requests.some((request) => request.endsWith(SCRIPT))).toBe(
      options.engine !== 'onnxruntime' && options.worker !== false,
    )
  })

  it('downloads the model and the script of its worker, and nothing of onnxruntime', async () => {
    const { engine } = await opened('/former.onnx')
    expect(engine).toBe('fused')
    expect(site.requests.sort()).toEqual([`GET ${SCRIPT}`, 'GET /former.onnx'])
  })

  describe('onnxruntime is downloaded', () => {
    it.each([
      ['for a network without a fused forward', '/cgcnn.onnx', 'the fused engine does not compute a CGCNN'],
      [
        'for one that sums a box',
        '/box.onnx',
        'compute this Crystalformer: it sums a box of images, not a sphere',
      ],
    ])('%s, and the report says why', async (_, file, reason) => {
      const { engine, report, warnings } = await opened(file)
      expect(engine).toBe('onnxruntime')
      expect(report).toContain(reason)
      // Nobody asked for anything else.
      expect(warnings).toEqual([])
      expect(ofOnnxruntime()).toContain(`GET ${WASM}`)
      await expect.poll(workers).toBe(0)
      await expect(opened(file, { engine: 'fused' })).rejects.toMatchObject({
        code: 'DEVICE',
        message: expect.stringMatching(new RegExp(`${reason}; use engine "onnxruntime", or "auto"$`)),
      })
    })

    it('where the worker of the fused engine cannot be loaded, and the report says why', async () => {
      site.resources.set(SCRIPT, (_, response) => response.writeHead(404).end())
      const { engine, report } = await opened('/former.onnx')
      site.resources.delete(SCRIPT)
      expect(engine).toBe('onnxruntime')
      expect(report).toMatch(/a worker of device wasm stopped: its script cannot be loaded/)
    })

    it('where golden samples disagree, with a warning', async () => {
      const { engine, warnings } = await opened('/misplaced.onnx', { device: 'wasm' })
      expect(engine).toBe('onnxruntime')
      expect(warnings).toEqual([
        expect.stringMatching(
          /onnxruntime runs misplaced\.onnx, not the fused engine: .* is refused: golden/,
        ),
      ])
      await expect(opened('/misplaced.onnx', { engine: 'fused' })).rejects.toMatchObject({ code: 'DEVICE' })
    })
  })

  describe('attention', () => {
    it('comes from onnxruntime, which is downloaded for it; predictions stay where they are', async () => {
      const [, , crystal] = structuresOf(former)
      const found = await inPage(
        page,
        async ({ crystal }) => {
          const model = await crystalOnnx.load('/former.onnx')
          const { value } = await model.predict(crystal)
          const before = performance.getEntriesByType('resource').length
          const [attention, again] = await Promise.all([model.attention(crystal), model.attention(crystal)])
          const after = await model.predict(crystal)
          const later = performance.getEntriesByType('resource').length
          await model.dispose()
          const same = String(attention.weights) === String(again.weights) && value === after.value
          const { weights, offsets, site } = attention
          return { weights: [...weights], offsets: [...offsets], site: [...site], same, more: later > before }
        },
        { crystal },
      )
      expect(found.same).toBe(true)
      expect(found.more).toBe(true)
      expect(ofOnnxruntime().filter((request) => request === `GET ${WASM}`)).toHaveLength(1)
      await expectAttention(found, crystal)
      await expect.poll(() => page.workers().length).toBe(0)
    })

    it('is asked for again after the network was away', async () => {
      await page.route(`**${WASM}`, (route) => route.abort())
      const [crystal] = structuresOf(former)
      await keep({})
      const attention = () =>
        inPage(page, async ({ crystal }) => (await kept.attention(crystal)).atoms, { crystal })
      await expect(attention()).rejects.toMatchObject({
        code: 'DEVICE',
        message: expect.stringMatching(/^onnxruntime-web cannot start: .* no answer/),
      })
      await page.unroute(`**${WASM}`)
      expect(await attention()).toBe(crystal.frac.length)
      await inPage(page, () => kept.dispose(), {})
    })

    it('of a model that gives none is refused before anything is downloaded', async () => {
      const [crystal] = structuresOf(former)
      const asked = inPage(
        page,
        async ({ crystal }) => (await crystalOnnx.load('/mute.onnx')).attention(crystal),
        { crystal },
      )
      await expect(asked).rejects.toMatchObject({ code: 'CONFIG' })
      expect(ofOnnxruntime()).toEqual([])
    })
  })

  describe('workers', () => {
    it('share many crystals without shared memory, and end with the model', async () => {
      const crystals = structuresOf(former)
      const alone = await predictAll(page, '/former.onnx', { threads: 1 }, crystals)
      await keep({ threads: 2 })
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
      await inPage(page, async ({ crystal }) => void (await kept.predict(crystal)), {
        crystal: crystals[0],
      })
      expect(workers()).toBe(1)
      const round = () =>
        inPage(
          page,
          async ({ crystals }) => {
            const values: number[] = []
            const many = Array.from({ length: 30 }, () => crystals).flat()
            for await (const { value } of kept.predictMany(many, { maxAtoms: 30 })) values.push(value!)
            return values
          },
          { crystals },
        )
      for (let n = 0; n < 40 && workers() < 2; n++) await round()
      expect(workers()).toBe(2)
      for (const [n, value] of (await round()).entries()) {
        expect(value).toBeCloseTo(alone.values[n % crystals.length], 5)
      }
      await inPage(page, () => kept.dispose(), {})
      await expect.poll(workers).toBe(0)
      await expect(
        inPage(page, async ({ crystal }) => (await kept.predict(crystal)).value, { crystal: crystals[0] }),
      ).rejects.toMatchObject({ code: 'DEVICE', message: expect.stringContaining('was disposed') })
    })

    it('belong to one model: others go on when it is disposed, and one that dies is replaced', async () => {
      const [crystal] = structuresOf(former)
      const { replaced, values } = await inPage(
        page,
        async ({ crystal }) => {
          const started: Worker[] = []
          const Original = Worker
          globalThis.Worker = class extends Original {
            constructor(...args: ConstructorParameters<typeof Worker>) {
              super(...args)
              started.push(this)
            }
          }
          const first = await crystalOnnx.load('/former.onnx')
          const second = await crystalOnnx.load('/former.onnx')
          const third = await crystalOnnx.load('/framer.onnx')
          await third.dispose()
          const run = first.predict(crystal)
          started[0].dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }))
          const replaced = [(await run).value, (await first.predict(crystal)).value]
          await first.dispose()
          const again = await crystalOnnx.load('/former.onnx')
          const values = [(await second.predict(crystal)).value, (await again.predict(crystal)).value]
          await Promise.all([second.dispose(), again.dispose()])
          globalThis.Worker = Original
          return { replaced, values }
        },
        { crystal },
      )
      expect(new Set([...replaced, ...values]).size).toBe(1)
      await expect.poll(workers).toBe(0)
    })

    it('leave the page free while they compute', async () => {
      const turns = await inPage(
        page,
        async ({ crystals }) => {
          const model = await crystalOnnx.load('/framer.onnx', { threads: 1 })
          let turns = 0
          const timer = setInterval(() => turns++, 0)
          for await (const { error } of model.predictMany(crystals)) if (error) throw error
          clearInterval(timer)
          await model.dispose()
          return turns
        },
        { crystals: Array.from({ length: 20 }, () => structuresOf(framer)).flat() },
      )
      expect(turns).toBeGreaterThan(0)
    })

    it('end what is aborted', async () => {
      const name = await inPage(
        page,
        async ({ crystals }) => {
          const model = await crystalOnnx.load('/framer.onnx', { threads: 1 })
          const stop = new AbortController()
          const many = model.predictMany(crystals, { signal: stop.signal })
          await many.next()
          stop.abort(new Error('enough'))
          const ended = await many.next().then(
            () => 'goes on',
            ({ message }: Error) => message,
          )
          await model.dispose()
          return ended
        },
        { crystals: Array.from({ length: 50 }, () => structuresOf(framer)).flat() },
      )
      expect(name).toBe('enough')
    })
  })

  it('has no code for a GPU', async () => {
    await expect(opened('/former.onnx', { device: 'webgpu', engine: 'fused' })).rejects.toMatchObject({
      code: 'DEVICE',
      message: expect.stringContaining('the fused engine has no code for device webgpu'),
    })
    expect(await opened('/former.onnx', { engine: 'fused' })).toMatchObject({ engine: 'fused', warnings: [] })
  })

  it('takes a GPU first, where there is one', async () => {
    const other = await context.newPage()
    await other.addInitScript(
      `Object.defineProperty(Navigator.prototype, 'gpu', {
        value: { requestAdapter: async () => ({ info: { vendor: 'real' } }) },
      })`,
    )
    await other.route('**/*.asyncify.wasm', (route) => route.fulfill({ status: 404 }))
    await other.goto(site.origin)
    const { report } = await describeModel(other, '/former.onnx', {})
    expect(report).toMatch(FUSED)
    expect(report).toMatch(/passed over webgpu: onnxruntime-web cannot start: .*asyncify\.wasm.* 404/)
  })

  function opened(file: string, options: LoadOptions = {}) {
    return describeModel(page, file, options)
  }

  function keep(options: LoadOptions): Promise<void> {
    return inPage(
      page,
      async (options) => {
        globalThis.kept = await crystalOnnx.load('/former.onnx', options)
      },
      options,
    )
  }
})

/** Loads, predicts a golden sample, and disposes. */
function describeModel(page: Page, file: string, options: LoadOptions) {
  return inPage(
    page,
    async ({ file, options }) => {
      const warnings: string[] = []
      const onWarning = (message: string) => warnings.push(message)
      const model = await crystalOnnx.load(file, { ...options, onWarning })
      const { engine, deviceReport: report, card } = model
      const { value } = await model.predict(card.golden[0])
      await model.dispose()
      return { engine, report, value, warnings }
    },
    { file, options },
  )
}

/** The shares of every atom, block and head sum to 1, and are those of onnxruntime in Node. */
async function expectAttention(
  found: { readonly weights: number[]; readonly offsets: number[]; readonly site: number[] },
  crystal: Structure,
): Promise<void> {
  const model = await loadInNode(former.bytes, { device: 'cpu', engine: 'onnxruntime', worker: false })
  const expected: Attention = await model.attention(crystal)
  await model.dispose()
  expect(found.offsets).toEqual([...expected.offsets])
  expect(found.site).toEqual([...expected.site])
  const columns = expected.blocks.length * expected.heads
  for (let i = 0; i < expected.atoms; i++) {
    for (let n = 0; n < columns; n++) {
      let sum = 0
      for (let row = found.offsets[i]; row < found.offsets[i + 1]; row++)
        sum += found.weights[row * columns + n]
      expect(sum).toBeCloseTo(1, 4)
    }
  }
  for (const [n, weight] of found.weights.entries()) expect(weight).toBeCloseTo(expected.weights[n], 5)
}
