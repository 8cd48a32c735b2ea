// onnxruntime in a real Chromium, from a plain page of ES modules: against the published code on WebGPU, what becomes of
// devices that are not there, and models that share one onnxruntime. Values on wasm: test/integration/smoke.test.ts; the fused
// engine: web-fused.test.ts.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import type { LoadOptions } from '../../runtimes/web/load.ts'
import { buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { expectGolden, F32, predictAll, SMALL, structuresOf, UNTIED } from '../browser/golden.ts'
import { type GoldenModel, goldenModel } from '../browser/models.ts'
import { inPage, serveSite } from '../browser/page.ts'
import type { Site } from '../browser/server.ts'
import { withCard } from '../exporters/crystal/exported.ts'
import { FRAMED_CASES, TINY_CASES } from '../golden/goldens.ts'

/** WebGPU's exponentials and square roots are not those of the processor. */
const WEBGPU = 1e-4
/** A software adapter compiles shaders for many seconds. */
const SLOW = { timeout: 240_000 }

let browser: Browser
let isolated: Site
let plain: Site
let former: GoldenModel
let framer: GoldenModel
let page: Page

const title = inChromium('in Chromium')
describe.skipIf(noChromium !== undefined)(title, () => {
  beforeAll(async () => {
    const built = await buildPackage('runtime')
    isolated = await serveSite(built, { isolated: true })
    plain = await serveSite(built, { isolated: false })
    former = await goldenModel(TINY_CASES[0], (name) => SMALL.test(name))
    framer = await goldenModel(FRAMED_CASES[0], (name) => UNTIED.test(name))
    for (const site of [isolated, plain]) {
      site.resources.set('/former.onnx', { body: former.bytes, headers: { ETag: '"1"' } })
      site.resources.set('/framer.onnx', { body: framer.bytes })
      site.resources.set('/tampered.onnx', { body: await tampered(former) })
    }
    browser = await launch({ webgpu: true })
    page = await browser.newPage()
    await page.goto(isolated.origin)
  })
  afterAll(async () => {
    await browser?.close()
    await isolated?.close()
    await plain?.close()
  })

  // The first model stays open, so that shaders are compiled once. CrystalFramer on WebGPU is in parity.test.ts.
  it(
    'gives the published code’s values on webgpu, which refuses a model that was tampered with',
    SLOW,
    async () => {
      const gpu = await browser.newPage()
      await gpu.goto(isolated.origin)
      const options = { device: 'webgpu' } as const
      const found = await predictAll(gpu, '/former.onnx', options, structuresOf(former), { stays: true })
      expect(found.report).toBe('webgpu')
      expectGolden(found.values, former, WEBGPU)
      await expect(open(gpu, '/tampered.onnx', options)).rejects.toMatchObject(refused('webgpu'))
      await gpu.close()
    },
  )

  describe('devices', () => {
    it('auto passes over a software adapter, and says so in its report', async () => {
      const { report, device, warnings } = await open(page, '/former.onnx', { engine: 'onnxruntime' })
      expect(device).toBe('wasm')
      expect(report).toMatch(/^wasm \(\d threads?\); passed over webgpu: its adapter is software/)
      // Nobody asked for a GPU.
      expect(warnings).toEqual([])
    })

    it.each([
      ['without WebGPU', 'delete Navigator.prototype.gpu', 'this browser has no WebGPU'],
      [
        'without a GPU',
        'GPU.prototype.requestAdapter = async () => null',
        'there is no GPU that this browser may use',
      ],
      [
        'where the adapter cannot be asked for',
        'GPU.prototype.requestAdapter = async () => { throw new Error("lost") }',
        'there is no GPU that this browser may use',
      ],
    ])('auto %s runs on wasm, and says so in its report', async (_, script, reason) => {
      const bare = await browser.newPage()
      await bare.addInitScript(script)
      await bare.goto(isolated.origin)
      const { report, device, warnings } = await open(bare, '/former.onnx', { engine: 'onnxruntime' })
      expect(device).toBe('wasm')
      expect(report).toContain(`passed over webgpu: ${reason}`)
      expect(warnings).toEqual([])
      await bare.close()
    })

    it.each([['webgpu'], [['webgpu']]] as const)(
      'a GPU that is asked for and is not there is missed before anything is downloaded: %s',
      async (device) => {
        const bare = await browser.newPage()
        await bare.addInitScript('GPU.prototype.requestAdapter = async () => null')
        await bare.goto(isolated.origin)
        isolated.requests.length = 0
        await expect(open(bare, '/former.onnx', { device })).rejects.toMatchObject({
          code: 'DEVICE',
          message: expect.stringContaining(
            'device webgpu cannot be used: there is no GPU that this browser may use',
          ),
        })
        const wasm = isolated.requests.filter((request) => request.endsWith('.wasm'))
        const models = isolated.requests.filter((request) => request.endsWith('.onnx'))
        expect(wasm).toEqual([])
        expect(models).toHaveLength(typeof device === 'string' ? 0 : 1)
        await bare.close()
      },
    )

    it('auto goes on to wasm when WebGPU turns out not to work', async () => {
      const broken = await browser.newPage()
      // As a real one here; in the worker it is software, and the file of its build is not there.
      await broken.addInitScript(`GPU.prototype.requestAdapter = async () => ({ info: { vendor: 'real' } })`)
      await broken.route('**/*.asyncify.wasm', (route) => route.fulfill({ status: 404 }))
      await broken.goto(isolated.origin)
      const { report, device, warnings } = await open(broken, '/former.onnx', { engine: 'onnxruntime' })
      expect(device).toBe('wasm')
      expect(report).toMatch(/passed over webgpu: onnxruntime-web cannot start: .*asyncify\.wasm.* 404/)
      expect(warnings).toHaveLength(1)
      await broken.close()
    })

    it('says why a page without cross-origin isolation has one thread', async () => {
      const other = await browser.newPage()
      await other.goto(plain.origin)
      const { report, warnings } = await open(other, '/former.onnx', {
        device: 'wasm',
        engine: 'onnxruntime',
        threads: 2,
      })
      expect(report).toBe(
        'wasm (1 thread: the page is not cross-origin isolated, its COOP and COEP headers are missing)',
      )
      expect(warnings).toEqual([])
      await other.close()
    })

    it('refuses a model whose golden samples were changed', async () => {
      await expect(
        open(page, '/tampered.onnx', { device: 'wasm', engine: 'onnxruntime' }),
      ).rejects.toMatchObject(refused('wasm'))
    })

    it('refuses it under auto, naming every device', async () => {
      await expect(open(page, '/tampered.onnx', { engine: 'onnxruntime' })).rejects.toMatchObject({
        code: 'DEVICE',
        message: expect.stringMatching(
          /^no device runs this model\. webgpu: its adapter .*; wasm: .*is refused/,
        ),
      })
    })

    it('refuses devices that a browser does not have', async () => {
      for (const device of ['cpu', 'cuda'] as const) {
        await expect(open(page, '/former.onnx', { device })).rejects.toMatchObject({ code: 'CONFIG' })
      }
    })
  })

  describe('one onnxruntime a page', () => {
    it('is shared by models that are open together, whose runs may overlap', async () => {
      const crystals = structuresOf(former)
      const workers = () => page.workers().filter((worker) => worker.url().includes('/worker-')).length
      await expect.poll(workers, { timeout: 20_000 }).toBe(0)
      const same = await inPage(
        page,
        async ({ crystals }) => {
          const load = (file: string) =>
            crystalOnnx.load(file, { device: 'wasm', engine: 'onnxruntime' as const })
          const [a, b] = await Promise.all([load('/former.onnx'), load('/framer.onnx')])
          const overlapping = crystals.flatMap((crystal) => [a.predict(crystal), b.predict(crystal)])
          const together = (await Promise.all(overlapping)).map(({ value }) => value)
          const alone: number[] = []
          for (const crystal of crystals) {
            alone.push((await a.predict(crystal)).value, (await b.predict(crystal)).value)
          }
          const same = together.every((value, n) => value === alone[n])
          await a.dispose()
          const after = await b.predict(crystals[0])
          Object.assign(globalThis, { b })
          return same && after.value === alone[1]
        },
        { crystals },
      )
      expect(same).toBe(true)
      expect(workers()).toBe(1)
      await inPage(page, () => (globalThis as unknown as { b: { dispose(): Promise<void> } }).b.dispose(), {})
      await expect.poll(workers, { timeout: 20_000 }).toBe(0)
    })

    it('keeps its number of threads while a model is open', async () => {
      const outcome = inPage(
        page,
        async () => {
          const model = await crystalOnnx.load('/former.onnx', {
            device: 'wasm',
            engine: 'onnxruntime',
            threads: 2,
          })
          try {
            return await crystalOnnx.load('/former.onnx', {
              device: 'wasm',
              engine: 'onnxruntime',
              threads: 1,
            })
          } finally {
            await model.dispose()
          }
        },
        {},
      )
      await expect(outcome).rejects.toMatchObject({
        code: 'CONFIG',
        message:
          'threads 1: onnxruntime already runs on this page with 2; dispose the models that use it first',
      })
      const { report } = await open(page, '/former.onnx', {
        device: 'wasm',
        engine: 'onnxruntime',
        threads: 1,
      })
      expect(report).toBe('wasm (1 thread)')
    })

    it('refuses a run after dispose, and opens again', async () => {
      const outcome = inPage(
        page,
        async ({ crystal }) => {
          const model = await crystalOnnx.load('/former.onnx', { device: 'wasm', engine: 'onnxruntime' })
          await model.dispose()
          await model.dispose()
          return model.predict(crystal)
        },
        { crystal: former.crystals[0].structure },
      )
      await expect(outcome).rejects.toMatchObject({
        code: 'DEVICE',
        message: 'the model on device wasm was disposed; load it again',
      })
      await expect(
        open(page, '/former.onnx', { device: 'wasm', engine: 'onnxruntime' }),
      ).resolves.toMatchObject({ device: 'wasm' })
    })

    it('rejects what waits when its worker dies, and starts another', async () => {
      const { failure, value } = await inPage(
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
          const options = { device: 'wasm', engine: 'onnxruntime', threads: 1 } as const
          const model = await crystalOnnx.load('/former.onnx', options)
          const run = model.predict(crystal)
          started[0].dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }))
          const failure = await run.catch(({ code, message }) => ({ code, message }))
          const again = await crystalOnnx.load('/former.onnx', options)
          const { value } = await again.predict(crystal)
          await again.dispose()
          globalThis.Worker = Original
          return { failure, value }
        },
        { crystal: former.crystals[0].structure },
      )
      expect(failure).toMatchObject({
        code: 'DEVICE',
        message: expect.stringContaining('stopped: out of memory'),
      })
      expect(relativeError(value, former.crystals[0].value, 1)).toBeLessThan(F32)
    })

    it('leaves the page free while the graph runs', async () => {
      const turns = await inPage(
        page,
        async ({ crystals }) => {
          const model = await crystalOnnx.load('/former.onnx', {
            device: 'wasm',
            engine: 'onnxruntime',
            threads: 1,
          })
          let turns = 0
          const timer = setInterval(() => turns++, 0)
          for await (const { error } of model.predictMany(crystals)) if (error) throw error
          clearInterval(timer)
          await model.dispose()
          return turns
        },
        { crystals: Array.from({ length: 20 }, () => structuresOf(former)).flat() },
      )
      expect(turns).toBeGreaterThan(0)
    })
  })
})

function tampered(model: GoldenModel): Promise<Uint8Array> {
  return withCard(model, (card) => {
    const [first, ...others] = card.golden
    return { ...card, golden: [{ ...first, value: first.value.map((value) => value + 0.01) }, ...others] }
  })
}

function refused(device: string) {
  const message = new RegExp(`^device ${device} is refused: golden sample "`)
  return { code: 'DEVICE', message: expect.stringMatching(message) }
}

function open(page: Page, file: string, options: LoadOptions) {
  return inPage(
    page,
    async ({ file, options }) => {
      const warnings: string[] = []
      const warn = console.warn
      console.warn = (message: string) => warnings.push(message)
      try {
        const model = await crystalOnnx.load(file, options)
        const { device, deviceReport: report, goldenError } = model
        await model.dispose()
        return { device, report, goldenError, warnings }
      } finally {
        console.warn = warn
      }
    },
    { file, options },
  )
}
