// A page of the tests: plain ES modules and an import map, no bundler. What a test does there is a function that is sent
// over; errors come back with their class and code.

import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type * as web from '../../runtimes/web/index.ts'
import type * as crystal from '../../src/crystal/index.ts'
import type { BuiltPackage } from './built.ts'
import { nodeModules } from './built.ts'
import { type Site, serve } from './server.ts'

/** What the page's script puts into its global scope. */
export type CrystalOnnx = typeof web & typeof crystal
declare global {
  var crystalOnnx: CrystalOnnx
}

const page = (from: string) => `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">
{ "imports": {
  "crystal-onnx/": "${from}/crystal-onnx/",
  "onnxruntime-web/wasm": "${from}/onnxruntime-web/ort.wasm.bundle.min.mjs",
  "onnxruntime-web/webgpu": "${from}/onnxruntime-web/ort.webgpu.bundle.min.mjs",
  "@spglib/moyo-wasm": "${from}/moyo-wasm/moyo_wasm.js"
} }
</script>
<script type="module">
import * as web from 'crystal-onnx/web.js'
import * as crystal from 'crystal-onnx/crystal.js'
globalThis.crystalOnnx = { ...web, ...crystal }
</script>`

/** @param options another origin that the scripts come from */
export async function serveSite(
  { dist }: BuiltPackage,
  { from = '', ...options }: { isolated: boolean; open?: boolean; from?: string },
): Promise<Site> {
  const site = await serve(
    {
      '/crystal-onnx/': dist,
      '/onnxruntime-web/': join(nodeModules, 'onnxruntime-web/dist'),
      '/moyo-wasm/': join(nodeModules, '@spglib/moyo-wasm'),
    },
    options,
  )
  site.resources.set('/', { body: page(from), headers: { 'Content-Type': 'text/html' } })
  return site
}

export interface Failure {
  readonly name: string
  readonly code?: string
  readonly message: string
}

/** What `work` gives in the page. @throws an Error with the name, code and message of the one there */
export async function inPage<A, T>(page: Page, work: (argument: A) => Promise<T>, argument: A): Promise<T> {
  await page.waitForFunction(() => 'crystalOnnx' in globalThis)
  const outcome = await page.evaluate(
    async ({ source, argument }) => {
      try {
        const work = new Function(`return (${source})`)() as (argument: unknown) => Promise<unknown>
        return { result: await work(argument) }
      } catch (error) {
        const { name, message, code } = error as Failure
        return { failure: { name, message, code } }
      }
    },
    { source: work.toString(), argument },
  )
  if (outcome.failure) throw Object.assign(new Error(outcome.failure.message), outcome.failure)
  return outcome.result as T
}
