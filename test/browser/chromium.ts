// A real Chromium for the tests: the system's, driven through playwright-core, which brings none of its own. Where there
// is none the tests are skipped with the reason (install.ts installs one on build machines).

import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

export function chromiumPath(): string | undefined {
  return PLACES.find((path) => path !== undefined && path !== '' && existsSync(path))
}

const path = chromiumPath()

/** For `describe.skipIf(...)`: why there is no browser, or undefined. */
export const noChromium =
  path === undefined
    ? 'no Chromium here: apt-get install chromium (Debian, Ubuntu), or set CHROMIUM to the path of Chrome'
    : undefined

/** Title of a suite that says why it is skipped. */
export const inChromium = (title: string): string => (noChromium ? `${title} (${noChromium})` : title)

const ARGUMENTS = [
  // Chromium refuses to sandbox root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

/** Starts the browser. `webgpu` switches on a software adapter: Chromium hides WebGPU where there is no GPU. */
export function launch({ webgpu }: { webgpu: boolean }): Promise<Browser> {
  const args = [...ARGUMENTS, webgpu ? '--enable-unsafe-webgpu' : '--disable-features=WebGPU']
  return chromium.launch({ executablePath: path, headless: true, args })
}

/** Starts the browser with its profile in a folder: its caches are on disk, as a user's are. */
export function launchProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: path, headless: true, args: ARGUMENTS })
}
