// Before all tests, on a build machine only (CI is set, root, Debian or Ubuntu): installs Chromium where there is none.
// Elsewhere nothing is installed; the browser tests are skipped then, and say what to do.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromiumPath } from './chromium.ts'

export default function install(): void {
  if (chromiumPath() !== undefined) return
  if (!process.env.CI || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  const apt = (...args: string[]) =>
    execFileSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  try {
    apt('update')
    apt('install', '-y', '--no-install-recommends', 'chromium')
  } catch (error) {
    console.warn(`Chromium could not be installed, its tests are skipped: ${(error as Error).message}`)
  }
}
