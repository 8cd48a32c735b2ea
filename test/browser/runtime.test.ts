// Predictions in a real Chromium, from a plain page of ES modules: against the published code on every device, and what
// becomes of devices that are not there.

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import type { LoadOptions } from '../../runtimes/web/load.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { withCard } from '../exporters/crystal/exported.ts'
import { FRAMED_CASES, TINY_CASES } from '../golden/goldens.ts'
import { buildPackage } from './built.ts'
import { inChromium, launch, noChromium } from './chromium.ts'
import { type GoldenModel, goldenModel } from './models.ts'
import { inPage, serveSite } from './page.ts'
import type { Site } from './server.ts'

/** float32 against the published code in float64, as the exported graph on the CPU. */
const F32 = 2e-5
/** WebGPU's exponentials and square roots are not those of the processor. */
const WEBGPU = 1e-4
/** Not the skewed cell, whose box holds thousands of images: a software adapter takes long for them. */
const SMALL = /^Cu_fcc$|^(SrTiO3|GaN).*_rattled$/
/** Crystals without symmetry: how ties between frames are broken is another matter. */
const UNTIED = /^(SrTiO3|GaN).*_rattled$/
/** A software adapter compiles shaders for many seconds. */
const SLOW = { timeout: 240_000 }

let browser: Browser
let isolated: Site
let plain: Site
let former: GoldenModel
let framer: GoldenModel
let converged: GoldenModel
let page: Page

const title = inChromium('in Chromium')
describe.skipIf(noChromium !== undefined)(title, () => {
  beforeAll(async () => {
    const built = await buildPackage('runtime')
    isolated = await serveSite(built, { isolated: true })
    plain = await serveSite(built, { isolated: false })
    former = await goldenModel(TINY_CASES[0], (name) => SMALL.test(name))
    converged = await goldenModel({ ...TINY_CASES[0], mode: 'converged' })
    framer = await goldenModel(FRAMED_CASES[0], (name) => UNTIED.test(name))
    for (const site of [isolated, plain]) {
      site.resources.set('/former.onnx', { body: former.bytes, headers: { ETag: '"1"' } })
      site.resources.set('/framer.onnx', { body: framer.bytes })
      site.resources.set('/converged.onnx', { body: converged.bytes })
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

  describe('the published code’s values', () => {
    const devices: [string, LoadOptions, string][] = [
      ['wasm, one thread', { device: 'wasm', threads: 1 }, 'wasm (1 thread)'],
      ['wasm, two threads', { device: 'wasm', threads: 2 }, 'wasm (2 threads)'],
      ['wasm, in the page’s own thread', { device: 'wasm', worker: false, threads: 1 }, 'wasm (1 thread)'],
    ]
    for (const [name, options, report] of devices) {
      it(`on ${name}`, async () => {
        for (const [file, model] of [
          ['/former.onnx', former],
          ['/framer.onnx', framer],
        ] as const) {
          const found = await predictAll(page, file, options, structuresOf(model))
          expect(found.report).toBe(report)
          expectGolden(found.values, model, F32)
        }
      })
    }

    // The first model stays open, so that shaders are compiled once. CrystalFramer on WebGPU is in parity.test.ts.
    it('on webgpu, which refuses a model that was tampered with', SLOW, async () => {
      const gpu = await browser.newPage()
      await gpu.goto(isolated.origin)
      const options = { device: 'webgpu' } as const
      const found = await predictAll(gpu, '/former.onnx', options, structuresOf(former), { stays: true })
      expect(found.report).toBe('webgpu')
      expectGolden(found.values, former, WEBGPU)
      await expect(open(gpu, '/tampered.onnx', options)).rejects.toMatchObject(refused('webgpu'))
      await gpu.close()
    })
  })

  describe('devices', () => {
    it('auto passes over a software adapter, and warns once', async () => {
      const { report, device, warnings } = await open(page, '/former.onnx', {})
      expect(device).toBe('wasm')
      expect(report).toMatch(/^wasm \(\d threads?\); passed over webgpu: its adapter is software/)
      expect(warnings).toEqual([`crystal-onnx: the model runs on ${report}`])
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
    ])('auto %s runs on wasm, and warns once', async (_, script, reason) => {
      const bare = await browser.newPage()
      await bare.addInitScript(script)
      await bare.goto(isolated.origin)
      const { report, device, warnings } = await open(bare, '/former.onnx', {})
      expect(device).toBe('wasm')
      expect(report).toContain(`passed over webgpu: ${reason}`)
      expect(warnings).toHaveLength(1)
      await bare.close()
    })

    it('auto goes on to wasm when WebGPU turns out not to work', async () => {
      const broken = await browser.newPage()
      // As a real one here; in the worker it is software, and the file of its build is not there.
      await broken.addInitScript(`GPU.prototype.requestAdapter = async () => ({ info: { vendor: 'real' } })`)
      await broken.route('**/*.asyncify.wasm', (route) => route.fulfill({ status: 404 }))
      await broken.goto(isolated.origin)
      const { report, device, warnings } = await open(broken, '/former.onnx', {})
      expect(device).toBe('wasm')
      expect(report).toMatch(/passed over webgpu: onnxruntime-web cannot start: .*asyncify\.wasm.* 404/)
      expect(warnings).toHaveLength(1)
      await broken.close()
    })

    it('says why a page without cross-origin isolation has one thread', async () => {
      const other = await browser.newPage()
      await other.goto(plain.origin)
      const { report, warnings } = await open(other, '/former.onnx', { device: 'wasm', threads: 2 })
      expect(report).toBe(
        'wasm (1 thread: the page is not cross-origin isolated, its COOP and COEP headers are missing)',
      )
      expect(warnings).toEqual([])
      await other.close()
    })

    it('refuses a model whose golden samples were changed', async () => {
      await expect(open(page, '/tampered.onnx', { device: 'wasm' })).rejects.toMatchObject(refused('wasm'))
    })

    it('refuses it under auto, naming every device', async () => {
      await expect(open(page, '/tampered.onnx', {})).rejects.toMatchObject({
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
          const load = (file: string) => crystalOnnx.load(file, { device: 'wasm' as const })
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
          const model = await crystalOnnx.load('/former.onnx', { device: 'wasm', threads: 2 })
          try {
            return await crystalOnnx.load('/former.onnx', { device: 'wasm', threads: 1 })
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
      const { report } = await open(page, '/former.onnx', { device: 'wasm', threads: 1 })
      expect(report).toBe('wasm (1 thread)')
    })

    it('refuses a run after dispose, and opens again', async () => {
      const outcome = inPage(
        page,
        async ({ crystal }) => {
          const model = await crystalOnnx.load('/former.onnx', { device: 'wasm' })
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
      await expect(open(page, '/former.onnx', { device: 'wasm' })).resolves.toMatchObject({ device: 'wasm' })
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
          const options = { device: 'wasm', threads: 1 } as const
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
          const model = await crystalOnnx.load('/former.onnx', { device: 'wasm', threads: 1 })
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

  describe('structures', () => {
    it('are read, reduced and predicted in the page', async () => {
      const found = await inPage(
        page,
        async ({ cif }) => {
          const [{ structure }] = crystalOnnx.readStructures(cif, { file: 'NaCl.cif' })
          const primitive = await crystalOnnx.toPrimitive(structure)
          const model = await crystalOnnx.load('/converged.onnx', { device: 'wasm' })
          const outcomes = []
          for await (const outcome of model.predictMany([structure, primitive, {} as never, structure])) {
            outcomes.push(outcome.error ? outcome.error.code : outcome.value)
          }
          await model.dispose()
          const { number } = await crystalOnnx.spaceGroup(structure)
          return { sites: [structure.frac.length, primitive.frac.length], number, outcomes }
        },
        { cif: NACL },
      )
      expect(found.sites).toEqual([8, 2])
      expect(found.number).toBe(225)
      const [conventional, primitive, bad, again] = found.outcomes as [number, number, string, number]
      expect(bad).toBe('STRUCTURE')
      expect(again).toBe(conventional)
      // The infinite sum does not depend on the cell.
      expect(relativeError(primitive, conventional, 1)).toBeLessThan(F32)
    })
  })
})

/** Rock salt with its symmetry, a = 5.64 Å. */
const NACL = `data_NaCl
_cell_length_a 5.64
_cell_length_b 5.64
_cell_length_c 5.64
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na 0 0 0
Cl 0.5 0.5 0.5
`

function tampered(model: GoldenModel): Promise<Uint8Array> {
  return withCard(model, (card) => {
    const [first, ...others] = card.golden
    return { ...card, golden: [{ ...first, value: first.value.map((value) => value + 0.01) }, ...others] }
  })
}

function structuresOf({ crystals }: GoldenModel): Structure[] {
  return crystals.map(({ structure }) => structure)
}

function expectGolden(values: readonly number[], { crystals }: GoldenModel, tolerance: number): void {
  expect(crystals.length).toBeGreaterThanOrEqual(2)
  for (const [n, { name, value }] of crystals.entries()) {
    expect(relativeError(values[n], value, 1), name).toBeLessThan(tolerance)
  }
}

function refused(device: string) {
  const message = new RegExp(`^device ${device} is refused: golden sample "`)
  return { code: 'DEVICE', message: expect.stringMatching(message) }
}

/** Predictions one after another. @param stays leave the model open */
function predictAll(
  page: Page,
  file: string,
  options: LoadOptions,
  crystals: readonly Structure[],
  { stays = false } = {},
) {
  return inPage(
    page,
    async ({ file, options, crystals, stays }) => {
      const model = await crystalOnnx.load(file, options)
      const values: number[] = []
      for (const crystal of crystals) values.push((await model.predict(crystal)).value)
      if (!stays) await model.dispose()
      return { report: model.deviceReport, values }
    },
    { file, options, crystals, stays },
  )
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
