// `npm run bench:page [-- --structures 10000 --rounds 10]`: the page of web/ in Chromium. What a visitor downloads until the first
// prediction, and when that is there, on the first visit and on later ones; with thousands of structures, when the first
// rows and values are there, the longest task of the main thread, the whole beside what the runtime alone takes in the same
// browser, and the heap after rounds of loading and clearing.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Command } from 'commander'
import type { Page } from 'playwright-core'
import { positiveInteger } from '../src/cli/options.ts'
import { buildPackage } from '../test/browser/built.ts'
import { buildPage, servePage, visit } from '../test/browser/built-page.ts'
import { launch, noChromium } from '../test/browser/chromium.ts'
import { inPage, serveSite } from '../test/browser/page.ts'

const { structures, rounds } = new Command('bench:page')
  .description('the page with thousands of structures')
  .option('--structures <n>', 'of the file that is dropped', positiveInteger, 10_000)
  .option('--rounds <n>', 'of loading and clearing, with a fifth of them', positiveInteger, 10)
  .parse()
  .opts<{ structures: number; rounds: number }>()
if (noChromium !== undefined) throw new Error(noChromium)

/** Visits of each kind. */
const VISITS = 3
const CATIONS = ['Li', 'Na', 'K', 'Rb', 'Cs']

/** Rock salt with many lattice constants, each with an energy. */
function trajectory(count: number): string {
  return Array.from({ length: count }, (_, n) => {
    const h = 2 + ((n * 7919) % 1000) / 800
    return (
      `2\nLattice="0 ${h} ${h} ${h} 0 ${h} ${h} ${h} 0" Properties=species:S:1:pos:R:3 e_form=${Math.sin(n) - 2}\n` +
      `${CATIONS[n % 5]} 0 0 0\nCl ${h} ${h} ${h}\n`
    )
  }).join('')
}

/** Drops the file and waits until all is predicted; milliseconds from the drop. */
function dropAll(page: Page, text: string, count: number) {
  return page.evaluate(
    async ({ text, count }) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], 'many.extxyz'))
      // What made the file is not the page's.
      await new Promise((resolve) => setTimeout(resolve, 300))
      const tasks: number[] = []
      const observer = new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) if (startTime > start) tasks.push(duration)
      })
      const start = performance.now()
      observer.observe({ type: 'longtask' })
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true }))
      const found = { rows: 0, value: 0, total: 0 }
      const all = `${count.toLocaleString('en')} structures`
      while (found.total === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        const now = performance.now() - start
        if (document.querySelectorAll('#rows-body .row').length > 3) found.rows ||= now
        if (document.querySelector('#rows-body data')) found.value ||= now
        const done = document.querySelector<HTMLElement>('#progress')!.hidden
        if (done && document.querySelector('#count')!.textContent === all) found.total = now
      }
      return { ...found, longest: Math.max(0, ...tasks) }
    },
    { text, count },
  )
}

const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-page-'))
const browser = await launch({ webgpu: false })
await buildPage(folder, { minify: true })
const site = await servePage(folder, { isolated: true })
const plain = await serveSite(await buildPackage('bench-page', { minify: true }), { isolated: true })
const model = fileURLToPath(new URL('../models/pretrained/formation-energy.onnx', import.meta.url))
plain.resources.set('/model.onnx', { body: readFileSync(model) })
try {
  await printVisits()
  const text = trajectory(structures)
  const page = await visit(browser, site)
  // The service worker takes its copies.
  await page.waitForSelector('#offline:visible')
  const { rows, value, total, longest } = await dropAll(page, text, structures)
  const own = await (async () => {
    const page = await browser.newPage()
    await page.goto(plain.origin)
    return inPage(page, runtimeAlone, text)
  })()
  console.log(
    `${structures} structures: first rows ${rows.toFixed(0)} ms, first value ${value.toFixed(0)} ms`,
  )
  console.log(`longest task ${longest.toFixed(0)} ms, all ${(total / 1000).toFixed(1)} s`)
  console.log(`the runtime alone ${(own / 1000).toFixed(1)} s: ratio ${(total / own).toFixed(2)}`)

  const few = Math.ceil(structures / 5)
  const devtools = await page.context().newCDPSession(page)
  for (let round = 1; round <= rounds; round++) {
    await page.click('#clear')
    await page.waitForTimeout(500)
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    console.log(`cleared, ${(usedSize / 2 ** 20).toFixed(1)} MiB of heap`)
    if (round < rounds) await dropAll(page, trajectory(few), few)
  }
} finally {
  await browser.close()
  await site.close()
  await plain.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Visits of a new browser and of one that was here before, the least of a few each. */
async function printVisits(): Promise<void> {
  const cold: number[] = []
  const warm: number[] = []
  for (let n = 0; n < VISITS; n++) {
    site.requests.length = 0
    site.times.length = 0
    const page = await visit(browser, site)
    const { after, at } = await firstPrediction(page)
    cold.push(after)
    if (n === 0) printDownloads(at)
    await page.waitForSelector('#offline:visible')
    await page.reload()
    await page.waitForSelector('#prediction data')
    warm.push((await firstPrediction(page)).after)
    await page.context().close()
  }
  const shown = (all: number[]) =>
    `${Math.min(...all).toFixed(0)} ms (${all.map((ms) => ms.toFixed(0)).join(', ')})`
  console.log(`first prediction: first visit ${shown(cold)}, later visits ${shown(warm)}`)
}

/** When it was there: milliseconds from the start of the navigation, and by the clock. */
function firstPrediction(page: Page): Promise<{ after: number; at: number }> {
  return page.evaluate(() => {
    const [{ startTime }] = performance.getEntriesByName('first-prediction')
    return { after: startTime, at: performance.timeOrigin + startTime }
  })
}

/** What was asked for before the first prediction. */
function printDownloads(at: number): void {
  const before = site.requests.filter((_, n) => site.times[n] < at)
  const names = [...new Set(before)].map((request) => request.replace('GET /', ''))
  const files = names.map((name) => ({
    name: name || 'index.html',
    body: readFileSync(join(folder, name || 'index.html')),
  }))
  const sum = (of: (body: Buffer) => number) => files.reduce((bytes, { body }) => bytes + of(body), 0) / 1e6
  console.log(
    `until the first prediction ${files.length} files, ${sum((body) => body.length).toFixed(2)} MB, ` +
      `${sum((body) => gzipSync(body).length).toFixed(2)} after gzip`,
  )
  for (const { name, body } of files) console.log(`  ${name} ${(body.length / 1000).toFixed(0)} kB`)
}

async function runtimeAlone(text: string): Promise<number> {
  const model = await crystalOnnx.load('/model.onnx', { device: 'wasm' })
  const crystals = crystalOnnx.readStructures(text, { file: 'many.extxyz' }).map(({ structure }) => structure)
  await model.predict(crystals[0])
  const start = performance.now()
  for await (const _ of model.predictMany(crystals)) {
    // Nothing is done with it.
  }
  return performance.now() - start
}
