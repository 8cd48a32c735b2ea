// A real Chromium for the tests: the system's, driven through playwright-core, which brings none of its own. Where there
// is none the tests are skipped with the reason; on a build machine (CI, root, Debian) it is installed first.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

const find = () => PLACES.find((path) => path !== undefined && path !== '' && existsSync(path))

function install(): void {
  const mayInstall = process.env.CI && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (!mayInstall) return
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', ...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  try {
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'chromium')
  } catch {
    // No network, or no Debian: the tests say that they are skipped, and why.
  }
}

export function chromiumPath(): string | undefined {
  const found = find()
  if (found !== undefined) return found
  install()
  return find()
}

const path = chromiumPath()

/** For `describe.skipIf(...)`: why there is no browser, or undefined. */
export const noChromium =
  path === undefined
    ? 'no Chromium here: apt-get install chromium (Debian, Ubuntu), or set CHROMIUM to the path of Chrome'
    : undefined

/** Title of a suite that says why it is skipped. */
export const inChromium = (title: string): string => (noChromium ? `${title} (${noChromium})` : title)

/** Starts the browser. `webgpu` switches on a software adapter: Chromium hides WebGPU where there is no GPU. */
export function launch({ webgpu }: { webgpu: boolean }): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: [
      // Chromium refuses to sandbox root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...[
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
      ],
      ...['--disable-sync', '--disable-dev-shm-usage'],
      ...(webgpu ? ['--enable-unsafe-webgpu'] : ['--disable-features=WebGPU']),
    ],
  })
}
