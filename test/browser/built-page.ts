// The page of web/ as it is built, served, and opened in Chromium; and what a test does on it.

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { type Site, serve } from './server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A file to drop or choose. */
export interface GivenFile {
  readonly name: string
  readonly text: string
}

/** Builds the page into a folder. */
export async function buildPage(outDir: string, { minify = false } = {}): Promise<void> {
  // Vite takes a build under vitest, which sets NODE_ENV, for one of development.
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  const options = { outDir, minify, emptyOutDir: true }
  await build({ root: join(root, 'web'), logLevel: 'error', build: options })
  process.env.NODE_ENV = NODE_ENV
}

/** How long another test file may build, ms. */
const BUILT_MS = 200_000

/** The page in a folder of the caller's own. Of all test files of a run, the first one builds it: not minified, since nobody downloads it. */
export async function copyPage(folder: string): Promise<void> {
  const shared = join(tmpdir(), 'page')
  const lock = `${shared}.lock`
  const start = performance.now()
  while (!existsSync(shared)) {
    if (performance.now() - start > BUILT_MS) throw new Error(`another test file has left ${lock}`)
    if (!claimed(lock)) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      continue
    }
    try {
      if (existsSync(shared)) break
      await buildPage(`${shared}.tmp`)
      renameSync(`${shared}.tmp`, shared)
    } finally {
      rmdirSync(lock)
    }
  }
  cpSync(shared, folder, { recursive: true })
}

function claimed(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
}

export async function servePage(folder: string, options: { isolated: boolean }): Promise<Site> {
  const site = await serve({ '/': folder }, options)
  const body = readFileSync(join(folder, 'index.html'))
  site.resources.set('/', { body, headers: { 'Content-Type': 'text/html' } })
  return site
}

export const modelFile = (name: string): string => join(root, 'web/public/models', name)

/** For the flows that are not about the 3D view: drawn in software, it takes most of the time. */
const withoutWebGL = `
  for (const Canvas of [HTMLCanvasElement, OffscreenCanvas]) {
    const getContext = Canvas.prototype.getContext
    Canvas.prototype.getContext = function (kind, ...rest) {
      return /webgl/.test(kind) ? null : getContext.call(this, kind, ...rest)
    }
  }`

/** Opens the page and waits for its first prediction. */
export async function visit(
  browser: Browser,
  site: Pick<Site, 'origin'>,
  { draws = false, before = '' } = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(90_000)
  const page = await context.newPage()
  if (!draws) await page.addInitScript(withoutWebGL)
  await page.addInitScript(before)
  await page.goto(site.origin)
  await page.waitForSelector('#prediction data')
  return page
}

/** The value that the page shows for the structure that is looked at, once there is one. */
export async function shownValue(page: Page): Promise<number> {
  return Number(await page.locator('#prediction data').first().getAttribute('value'))
}

/** Drops files on the page, as a mouse would. */
export async function drop(page: Page, files: readonly GivenFile[]): Promise<void> {
  const dataTransfer = await page.evaluateHandle((files) => {
    const transfer = new DataTransfer()
    for (const { name, text } of files) transfer.items.add(new File([text], name))
    return transfer
  }, files)
  await page.dispatchEvent('body', 'dragover', { dataTransfer })
  await page.dispatchEvent('body', 'drop', { dataTransfer })
}

/** Presses Tab until the element that has the focus fits. @throws Error when none of the page does */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return
  }
  throw new Error(`the keyboard does not reach ${selector}`)
}
