// The columns of the parity table: how each device is reached, and why it cannot be here.

import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'tsdown'
import { absentInNode } from '../../runtimes/node/devices.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { nodeModules } from '../../test/browser/built.ts'
import { launch, noChromium } from '../../test/browser/chromium.ts'
import { serve } from '../../test/browser/server.ts'
import type { PageRun } from './in-page.ts'

export interface Run {
  readonly values: readonly number[]
  /** lines of onnxruntime's profile */
  readonly profile: readonly string[]
}

export interface ParityDevice {
  readonly name: string
  readonly gpu: boolean
  readonly wasm: boolean
  run(model: Uint8Array, crystals: readonly Structure[]): Promise<Run>
}

/** Chromium brings a Vulkan driver in software, which native WebGPU can use as well. */
const SOFTWARE_VULKAN = '/usr/lib/chromium/vk_swiftshader_icd.json'

/** Devices of this machine: those of Node, and in Chromium. Call `close` at the end. */
export async function openDevices(): Promise<{
  devices: ParityDevice[]
  absent: { name: string; reason: string }[]
  close(): Promise<void>
}> {
  const node = [nodeDevice('cpu')]
  const absent: { name: string; reason: string }[] = []
  const noVulkan = existsSync(SOFTWARE_VULKAN) ? undefined : absentInNode('webgpu')
  if (noVulkan === undefined) node.push(nodeDevice('webgpu'))
  else absent.push({ name: 'node webgpu', reason: noVulkan })
  const names = ['chromium wasm ×1', 'chromium wasm ×2', 'chromium webgpu']
  if (noChromium !== undefined) {
    for (const name of names) absent.push({ name, reason: noChromium })
    return { devices: node, absent, close: async () => undefined }
  }
  const chromium = await openChromium()
  const runs: PageRun[] = [
    { device: 'wasm', threads: 1 },
    { device: 'wasm', threads: 2 },
    { device: 'webgpu', threads: 1 },
  ]
  const pages = runs.map((run, n) => ({
    name: names[n],
    gpu: run.device === 'webgpu',
    wasm: run.device === 'wasm',
    run: (model: Uint8Array, crystals: readonly Structure[]) => chromium.run(run, model, crystals),
  }))
  return { devices: [...node, ...pages], absent, close: chromium.close }
}

function nodeDevice(device: 'cpu' | 'webgpu'): ParityDevice {
  const software =
    device === 'webgpu' && existsSync(SOFTWARE_VULKAN) && process.env.VK_ICD_FILENAMES === undefined
      ? { LD_LIBRARY_PATH: dirname(SOFTWARE_VULKAN), VK_ICD_FILENAMES: SOFTWARE_VULKAN }
      : {}
  return {
    name: `node ${device}`,
    gpu: device === 'webgpu',
    wasm: false,
    async run(model, crystals) {
      const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-parity-'))
      try {
        writeFileSync(join(folder, 'model.onnx'), model)
        writeFileSync(join(folder, 'crystals.json'), JSON.stringify(crystals))
        const program = fileURLToPath(new URL('./in-node.ts', import.meta.url))
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--import', import.meta.resolve('tsx'), program, device, folder],
          { env: { ...process.env, ...software } },
        )
        const profile = readdirSync(folder).find((name) => name.startsWith('profile'))!
        return {
          values: JSON.parse(stdout.trim().split('\n').at(-1)!),
          profile: readFileSync(join(folder, profile), 'utf8').split('\n'),
        }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">
{ "imports": {
  "onnxruntime-web/wasm": "/onnxruntime-web/ort.wasm.bundle.min.mjs",
  "onnxruntime-web/webgpu": "/onnxruntime-web/ort.webgpu.bundle.min.mjs"
} }
</script>
<script type="module" src="/program/in-page.js"></script>`

async function openChromium() {
  const program = mkdtempSync(join(tmpdir(), 'crystal-onnx-parity-page-'))
  await build({
    config: false,
    entry: { 'in-page': fileURLToPath(new URL('./in-page.ts', import.meta.url)) },
    outDir: program,
    platform: 'browser',
    external: [/^onnxruntime-web/],
    noExternal: [/^zod/],
    dts: false,
    logLevel: 'error',
  })
  const site = await serve(
    { '/program/': program, '/onnxruntime-web/': join(nodeModules, 'onnxruntime-web/dist') },
    { isolated: true },
  )
  site.resources.set('/', { body: PAGE, headers: { 'Content-Type': 'text/html' } })
  const browser = await launch({ webgpu: true })
  return {
    async run(run: PageRun, model: Uint8Array, crystals: readonly Structure[]): Promise<Run> {
      site.resources.set('/model.onnx', { body: model })
      site.resources.set('/crystals.json', { body: JSON.stringify(crystals) })
      const page = await browser.newPage()
      const profile: string[] = []
      page.on('console', (message) => profile.push(message.text()))
      try {
        await page.goto(site.origin)
        await page.waitForFunction(() => 'measureInPage' in globalThis)
        const values = await page.evaluate((run) => measureInPage(run), run)
        return { values, profile }
      } finally {
        await page.close()
      }
    },
    async close(): Promise<void> {
      await browser.close()
      await site.close()
      rmSync(program, { recursive: true, force: true })
    },
  }
}
