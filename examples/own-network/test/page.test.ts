// The page, built by Vite, in a real browser: it predicts what Node predicts, from the same file.

import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readStructures } from 'crystal-onnx'
import { load } from 'crystal-onnx/runtimes'
import { chromium } from 'playwright-core'
import { build, preview } from 'vite'
import { expect, it } from 'vitest'

const project = join(import.meta.dirname, '..')
const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome']
const browserPath = places.find((path) => path && existsSync(path))

/** Two runtimes in float32, eV/atom. */
const SAME = 1e-4

const POSCAR = `MgO
4.212
0.0 0.5 0.5
0.5 0.0 0.5
0.5 0.5 0.0
Mg O
1 1
Direct
0.0 0.0 0.0
0.5 0.5 0.5
`

it.skipIf(!browserPath)(
  `predicts in a page${browserPath ? '' : ' (no Chromium here: set CHROMIUM to its path)'}`,
  async () => {
    const model = join(project, 'public/pair-filter.onnx')
    mkdirSync(join(project, 'public'), { recursive: true })
    const script = ['--import', import.meta.resolve('tsx'), 'train.ts', model, '40', '1']
    await promisify(execFile)(process.execPath, script, { cwd: project })

    await build({ root: project, logLevel: 'error' })
    const server = await preview({ root: project, preview: { port: 0 } })
    const browser = await chromium.launch({
      executablePath: browserPath,
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
    try {
      const page = await browser.newPage()
      const { port } = server.httpServer.address() as { port: number }
      await page.goto(`http://localhost:${port}/`)
      const files = [
        { name: 'MgO.vasp', mimeType: 'text/plain', buffer: Buffer.from(POSCAR) },
        {
          name: 'broken.cif',
          mimeType: 'text/plain',
          buffer: Buffer.from('data_\n_cell_length_a nonsense\n'),
        },
      ]
      await expect.poll(() => page.textContent('#device'), { timeout: 30_000 }).toMatch(/wasm|webgpu/)
      await page.setInputFiles('#files', files)
      const items = page.locator('#predictions li')
      await expect.poll(() => items.count(), { timeout: 30_000 }).toBe(2)
      const [good, bad] = await items.allTextContents()
      expect(bad).toMatch(/broken\.cif/)

      const inNode = await load(model)
      const { value } = await inNode.predict(readStructures(POSCAR)[0].structure)
      await inNode.dispose()
      expect(good).toMatch(/^MgO\.vasp: .* eV\/atom$/)
      expect(Math.abs(Number(good.split(' ')[1]) - value)).toBeLessThan(SAME)
    } finally {
      await browser.close()
      await server.close()
    }
  },
  180_000,
)
