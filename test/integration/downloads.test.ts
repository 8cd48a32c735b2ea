// What a page downloads, keeps and refuses: progress, the Cache API, aborting, servers that answer wrongly, broken files.

import type { ServerResponse } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LoadOptions } from '../../runtimes/web/load.ts'
import { buildPackage } from '../browser/built.ts'
import { inChromium, launch, noChromium } from '../browser/chromium.ts'
import { goldenModel } from '../browser/models.ts'
import { inPage, serveSite } from '../browser/page.ts'
import type { Site } from '../browser/server.ts'
import { misspelt } from '../exporters/crystal/exported.ts'
import { TINY_CASES } from '../golden/goldens.ts'

const WASM = '/onnxruntime-web/ort-wasm-simd-threaded.wasm'
const SCRIPT = '/onnxruntime-web/ort.wasm.bundle.min.mjs'
const MODEL = '/model.onnx'
const HTML = { body: '<!doctype html><title>Not found</title>', headers: { 'Content-Type': 'text/html' } }

let browser: Browser
let site: Site
let elsewhere: Site
let model: Uint8Array
let context: BrowserContext
let page: Page

describe.skipIf(noChromium !== undefined)(inChromium('downloads in Chromium'), () => {
  beforeAll(async () => {
    const built = await buildPackage('downloads')
    site = await serveSite(built, { isolated: true })
    elsewhere = await serveSite(built, { isolated: false })
    model = (await goldenModel(TINY_CASES[0])).bytes
    browser = await launch({ webgpu: false })
  })
  afterAll(async () => {
    await browser?.close()
    await site?.close()
    await elsewhere?.close()
  })
  // A context of its own for every test: its caches are empty.
  beforeEach(async () => {
    for (const address of site.resources.keys()) if (address !== '/') site.resources.delete(address)
    site.resources.set(MODEL, { body: model, headers: { ETag: '"first"' } })
    context = await browser.newContext()
    page = await context.newPage()
    await page.goto(site.origin)
    site.requests.length = 0
  })
  afterEach(() => context.close())

  const requestsOf = (address: string) => site.requests.filter((request) => request.endsWith(` ${address}`))

  describe('progress', () => {
    it('is told in bytes, for the model and for onnxruntime', async () => {
      const { progress } = await load(page, MODEL)
      for (const [stage, size] of [
        ['read', model.length],
        ['runtime', 14_239_897],
      ] as const) {
        const steps = progress.flatMap((step) => (step.stage === stage ? [step] : []))
        expect(steps.at(-1)).toEqual({ stage, loaded: size, total: size })
        const loaded = steps.map((step) => ('loaded' in step ? step.loaded : Number.NaN))
        expect(loaded).toEqual(loaded.toSorted((a, b) => a - b))
      }
      expect(progress.filter(({ stage }) => stage === 'open' || stage === 'check')).toEqual([
        { stage: 'open', device: 'wasm' },
        { stage: 'check', device: 'wasm' },
      ])
    })

    it('has no total where the answer is compressed', async () => {
      const { gzipSync } = await import('node:zlib')
      site.resources.set(MODEL, { body: gzipSync(model), headers: { 'Content-Encoding': 'gzip' } })
      const { progress } = await load(page, MODEL)
      expect(progress.findLast(({ stage }) => stage === 'read')).toEqual({
        stage: 'read',
        loaded: model.length,
      })
    })

    it('stops when it is aborted, and the next load works', async () => {
      site.resources.set('/endless.onnx', stalled(1_000_000, model.subarray(0, 1000)))
      const { name, message, device } = await inPage(
        page,
        async ({ model }) => {
          const abort = new AbortController()
          const options = { signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) }
          const failure = await crystalOnnx.load('/endless.onnx', options).then(
            () => new Error('loaded'),
            (error: Error) => error,
          )
          const { device } = await crystalOnnx.load(model, { device: 'wasm' })
          return { name: failure.name, message: failure.message, device }
        },
        { model: MODEL },
      )
      expect({ name, message, device }).toEqual({ name: 'Error', message: 'enough', device: 'wasm' })
    })

    it('stops while onnxruntime is on its way, too', async () => {
      site.resources.set(WASM, stalled(1_000_000, Buffer.from('\0asm')))
      const messages = inPage(
        page,
        async ({ model }) => {
          const abort = new AbortController()
          const loading = crystalOnnx.load(model, {
            device: 'wasm',
            engine: 'onnxruntime',
            signal: abort.signal,
            onProgress: ({ stage }) => stage === 'runtime' && abort.abort(new Error('enough')),
          })
          return loading.then(
            () => 'loaded',
            (error: Error) => error.message,
          )
        },
        { model: MODEL },
      )
      expect(await messages).toBe('enough')
    })
  })

  describe('kept copies', () => {
    it('are used on the next visit, after the server was asked whether they are current', async () => {
      const { values } = await load(page, MODEL)
      expect(requestsOf(MODEL)).toEqual([`GET ${MODEL}`])
      site.requests.length = 0
      await page.reload()
      expect((await load(page, MODEL)).values).toEqual(values)
      expect(requestsOf(MODEL)).toEqual([`HEAD ${MODEL}`])
      expect(requestsOf(WASM)).toEqual([`HEAD ${WASM}`])
    })

    it('are replaced when the server has another file', async () => {
      await load(page, MODEL)
      site.resources.set(MODEL, { body: model, headers: { ETag: '"second"' } })
      site.requests.length = 0
      await load(page, MODEL)
      await load(page, MODEL)
      expect(requestsOf(MODEL)).toEqual([`HEAD ${MODEL}`, `GET ${MODEL}`, `HEAD ${MODEL}`])
    })

    it('are not trusted where the server does not say what it has', async () => {
      site.resources.set(MODEL, { body: model })
      await load(page, MODEL)
      await load(page, MODEL)
      expect(requestsOf(MODEL)).toEqual([`GET ${MODEL}`, `HEAD ${MODEL}`, `GET ${MODEL}`])
    })

    it('serve without a network', async () => {
      const { values } = await load(page, MODEL)
      site.resources.set(MODEL, (request) => request.socket.destroy())
      site.resources.set(WASM, (request) => request.socket.destroy())
      expect((await load(page, MODEL)).values).toEqual(values)
    })

    it('are not made with cache: false, nor where the browser has no Cache API', async () => {
      await load(page, MODEL, { cache: false })
      await load(page, MODEL, { cache: false })
      expect(requestsOf(MODEL)).toEqual([`GET ${MODEL}`, `GET ${MODEL}`])
      expect(await page.evaluate(() => caches.keys())).toEqual([])
      const bare = await context.newPage()
      await bare.addInitScript('delete globalThis.caches')
      await bare.goto(site.origin)
      expect((await load(bare, MODEL)).values).toHaveLength(1)
    })

    it('are fetched again when a byte in them has changed', async () => {
      const { values } = await load(page, MODEL)
      await page.evaluate(async (name) => {
        const cache = await caches.open(name)
        for (const request of await cache.keys()) {
          if (!request.url.endsWith('.onnx')) continue
          const kept = (await cache.match(request))!
          const bytes = new Uint8Array(await kept.clone().arrayBuffer())
          bytes[bytes.length >> 1] ^= 1
          await cache.put(request, new Response(bytes, { headers: kept.headers }))
        }
      }, 'crystal-onnx')
      expect((await load(page, MODEL)).values).toEqual(values)
      expect(requestsOf(MODEL).filter((request) => request.startsWith('GET'))).toHaveLength(2)
    })

    it('are never made of a broken file', async () => {
      site.resources.set(MODEL, { body: model.subarray(0, 5000), headers: { ETag: '"broken"' } })
      await expect(load(page, MODEL)).rejects.toMatchObject({ code: 'MODEL_FILE' })
      const kept = await page.evaluate(async (name) => (await caches.open(name)).keys(), 'crystal-onnx')
      expect(kept).toEqual([])
    })
  })

  describe('a model that cannot be used', () => {
    const cut = (length: number) => () => ({ body: model.subarray(0, length) })
    it.each([
      ['is not there', () => notFound, /model\.onnx: the server answered 404/],
      ['is a page', () => HTML, /^model\.onnx: an HTML or XML page/],
      ['is empty', cut(0), /^model\.onnx: the file is empty/],
      ['is cut', cut(70_000), /^model\.onnx: truncated at byte 70000/],
      ['has one changed bit', () => ({ body: changed(model) }), /^model\.onnx: damaged or edited/],
      [
        'comes from a connection that breaks',
        () => broken,
        /model\.onnx: the connection broke after 1000 bytes/,
      ],
      [
        'is larger than can be read',
        () => stalled(3e9, new Uint8Array(10)),
        /model\.onnx: 2147483648 bytes or more/,
      ],
      [
        'is a graph that onnxruntime refuses',
        async () => ({ body: await misspelt(model) }),
        /^onnxruntime cannot open the graph/,
      ],
    ])('%s', async (_, resource, message) => {
      site.resources.set(MODEL, await resource())
      await expect(load(page, MODEL)).rejects.toMatchObject({
        name: 'ModelFileError',
        code: 'MODEL_FILE',
        message: expect.stringMatching(message),
      })
    })

    it('has no address', async () => {
      await expect(load(page, 'http://')).rejects.toMatchObject({
        code: 'MODEL_FILE',
        message: expect.stringContaining('"http://": not an address'),
      })
    })

    it('lies with another origin that does not share it', async () => {
      elsewhere.resources.set(MODEL, { body: model })
      await expect(load(page, `${elsewhere.origin}${MODEL}`)).rejects.toMatchObject({
        code: 'MODEL_FILE',
        message: expect.stringMatching(/no answer \(.*\(CORS\)/),
      })
    })
  })

  describe('onnxruntime’s files', () => {
    it.each([
      [
        'an HTML page for the .wasm file',
        WASM,
        HTML,
        /\.wasm is no WebAssembly but an HTML page; its \.wasm files/,
      ],
      ['no .wasm file', WASM, notFound, /^onnxruntime-web cannot start: .*\.wasm: the server answered 404/],
      [
        'its script as text',
        SCRIPT,
        { body: 'export default 1', headers: { 'Content-Type': 'text/plain' } },
        /^onnxruntime-web cannot start: Failed to fetch .*; check that its scripts are served, as JavaScript/,
      ],
    ])('served wrongly: %s', async (_, address, resource, message) => {
      site.resources.set(address, resource)
      await expect(load(page, MODEL)).rejects.toMatchObject({
        name: 'DeviceError',
        code: 'DEVICE',
        message: expect.stringMatching(message),
      })
      site.resources.delete(address)
      expect((await load(page, MODEL)).values).toHaveLength(1)
    })

    it('may come with another content type, and from another folder', async () => {
      const { readFileSync } = await import('node:fs')
      const { nodeModules } = await import('../browser/built.ts')
      const body = readFileSync(`${nodeModules}${WASM.replace('web/', 'web/dist/')}`)
      site.resources.set('/files/ort-wasm-simd-threaded.wasm', {
        body,
        headers: { 'Content-Type': 'application/octet-stream' },
      })
      const { values } = await load(page, MODEL, { wasmPaths: 'files' })
      expect(values).toHaveLength(1)
      expect(requestsOf(WASM)).toEqual([])
    })
  })

  it('takes files, blobs, bytes and URL objects', async () => {
    const devices = await inPage(
      page,
      async ({ model }) => {
        const bytes = await (await fetch(model)).arrayBuffer()
        const sources = [
          new File([bytes], 'model.onnx'),
          new Blob([bytes]),
          bytes,
          new Uint8Array(bytes),
          new URL(model, location.href),
          URL.createObjectURL(new Blob([bytes])),
        ]
        const devices: string[] = []
        for (const source of sources) {
          devices.push((await crystalOnnx.load(source, { device: 'wasm' })).device)
        }
        return devices
      },
      { model: MODEL },
    )
    expect(devices).toEqual(Array(6).fill('wasm'))
  })
})

/** Loads on one thread of onnxruntime and predicts one crystal. The model stays open, and with it onnxruntime. */
function load(page: Page, file: string, options: LoadOptions = {}) {
  return inPage(
    page,
    async ({ file, options }) => {
      const progress: Parameters<NonNullable<LoadOptions['onProgress']>>[0][] = []
      const onProgress: LoadOptions['onProgress'] = (step) => progress.push(step)
      const model = await crystalOnnx.load(file, {
        device: 'wasm',
        engine: 'onnxruntime',
        threads: 1,
        onProgress,
        ...options,
      })
      const species = [[{ element: 29, occupancy: 1 }]]
      const cell = [
        [0, 1.8, 1.8],
        [1.8, 0, 1.8],
        [1.8, 1.8, 0],
      ] as const
      const { values } = await model.predict({ lattice: cell, frac: [[0, 0, 0]], species } as never)
      return { progress, values: [...values] }
    },
    { file, options },
  )
}

function notFound(_: unknown, response: ServerResponse): void {
  response.writeHead(404).end()
}

/** Announces `length` bytes, sends a few, and goes on for ever. */
function stalled(length: number, start: Uint8Array) {
  return (_: unknown, response: ServerResponse) => {
    response.setHeader('Content-Length', length)
    response.write(start)
  }
}

function broken(_: unknown, response: ServerResponse): void {
  response.setHeader('Content-Length', model.length)
  response.write(model.subarray(0, 1000))
  // Late enough for a busy browser to have read them.
  setTimeout(() => response.destroy(), 1500)
}

function changed(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[copy.length >> 1] ^= 4
  return copy
}
