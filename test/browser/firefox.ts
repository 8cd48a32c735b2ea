// A real Firefox for one test: the system's, driven by puppeteer-core over WebDriver BiDi. Playwright drives a Firefox of its
// own build only. puppeteer-core is not among the packages of the project; `.ci/run` installs it beside them, and Firefox.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HOSTS } from '../../bench/matrix/project.ts'

const DRIVER = join(HOSTS, 'node_modules/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js')
const PLACES = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox', '/usr/lib/firefox/firefox']
const path = PLACES.find((place) => place !== undefined && place !== '' && existsSync(place))

/** For `describe.skipIf(...)`: why there is no such browser, or undefined. */
export const noFirefox =
  path === undefined
    ? 'no Firefox here: apt-get install firefox-esr (Debian), or set FIREFOX to its path'
    : existsSync(DRIVER)
      ? undefined
      : 'no puppeteer-core here: .ci/run installs it'

/** What a test does with a page, of puppeteer's own. */
export interface FirefoxPage {
  on(event: 'pageerror', listener: (error: Error) => void): void
  setViewport(size: { width: number; height: number }): Promise<void>
  goto(url: string): Promise<unknown>
  waitForFunction(condition: string, options?: { timeout: number }): Promise<unknown>
  evaluate<T>(expression: string): Promise<T>
  click(selector: string): Promise<void>
  keyboard: { press(key: string): Promise<void> }
  $(selector: string): Promise<{ uploadFile(...paths: string[]): Promise<void> }>
  screenshot(options: { path: `${string}.png` }): Promise<unknown>
}
export interface Firefox {
  newPage(): Promise<FirefoxPage>
  close(): Promise<void>
}

export async function launchFirefox(): Promise<Firefox> {
  const { default: puppeteer } = await import(DRIVER)
  return puppeteer.launch({ browser: 'firefox', executablePath: path, headless: true })
}
