// The package where onnxruntime cannot be installed or started, and the fused engine runs all the same: under Bun and Deno,
// with native code and workers, and in an edge function (workerd), which may compile nothing and start no workers. `.ci/run`
// installs the three.

import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import { buildPackage } from '../browser/built.ts'
import { CONVERGED_FORMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { built } from '../built.ts'
import { temporaryFolder } from '../cli/run.ts'

const run = promisify(execFile)
const HOSTS = fileURLToPath(
  new URL('../../node_modules/.cache/crystal-onnx/hosts/node_modules', import.meta.url),
)
/** float32 against the published code in float64. */
const F32 = 2e-5

/** A program in a package for this machine, such as `@oven/bun-linux-x64`. */
function program(scope: string, path: string): string | undefined {
  const folder = join(HOSTS, scope)
  const found = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, path)) : []
  return found.find((file) => existsSync(file))
}

/** One by one, then many on two threads; prints the values and where they came from. */
const PREDICT = `
import { readFileSync } from 'node:fs'
import { load } from '${pathToFileURL(built('runtimes'))}'

const structures = JSON.parse(readFileSync('structures.json', 'utf8'))
const model = await load('model.onnx', { device: 'cpu', threads: 2 })
const alone = []
for (const structure of structures) alone.push((await model.predict(structure)).value)
const together = []
for await (const { value } of model.predictMany(structures)) together.push(value)
await model.dispose()
console.log(JSON.stringify({ alone, together, report: model.deviceReport }))
`

const FUNCTION = `
import kernels from 'crystal-onnx/kernels.wasm'
import { load } from 'crystal-onnx/web'

export default {
  async fetch(request) {
    const form = await request.formData()
    const structures = JSON.parse(form.get('structures'))
    try {
      const bytes = new Uint8Array(await form.get('model').arrayBuffer())
      const model = await load(bytes, form.has('kernels') ? { kernels } : { worker: false })
      const values = []
      for await (const { value } of model.predictMany(structures)) values.push(value)
      return Response.json({ values, report: model.deviceReport })
    } catch ({ code, message }) {
      return Response.json({ code, message })
    }
  },
}
`

let model: GoldenModel
const folder = temporaryFolder()

beforeAll(async () => {
  model = await goldenModel(CONVERGED_FORMER)
  writeFileSync(join(folder, 'model.onnx'), model.bytes)
  writeFileSync(join(folder, 'structures.json'), JSON.stringify(structures()))
})

const structures = () => model.crystals.map(({ structure }) => structure)

function expectGolden(values: readonly number[]): void {
  expect(values).toHaveLength(model.crystals.length)
  for (const [n, { value }] of model.crystals.entries()) {
    expect(relativeError(values[n], value, 1)).toBeLessThan(F32)
  }
}

describe.each([
  ['Bun', program('@oven', 'bin/bun'), ['run']],
  ['Deno', program('@deno', 'deno'), ['run', '--allow-all']],
])('%s', (name, command, args) => {
  it.skipIf(command === undefined)(
    command ? 'predicts with native code in workers, and ends' : `is not installed (.ci/run does): ${name}`,
    async () => {
      writeFileSync(join(folder, `${name}.mjs`), PREDICT)
      const { stdout } = await run(command!, [...args, `${name}.mjs`], { cwd: folder, timeout: 60_000 })
      const { alone, together, report } = JSON.parse(stdout)
      expect(report).toMatch(/^cpu \(fused engine, native code for \w+/)
      expectGolden(alone)
      expect(together).toEqual(alone)
    },
    90_000,
  )
})

const miniflare = existsSync(join(HOSTS, 'miniflare'))

describe('workerd', () => {
  it.skipIf(!miniflare)(
    miniflare ? 'predicts with kernels that were compiled before' : 'is not installed (.ci/run does)',
    async () => {
      const { folder: app, dist } = await buildPackage('edge', { entries: ['web'] })
      writeFileSync(join(app, 'function.js'), FUNCTION)
      copyFileSync(join(dist, 'kernels.wasm'), join(app, 'kernels.wasm'))
      const { outputFiles } = await build({
        entryPoints: [join(app, 'function.js')],
        bundle: true,
        format: 'esm',
        write: false,
        conditions: ['browser'],
        alias: { 'crystal-onnx/kernels.wasm': './kernels.wasm' },
        external: ['*.wasm'],
      })
      const { Miniflare } = createRequire(join(HOSTS, 'here.js'))('miniflare')
      const contents = readFileSync(join(app, 'kernels.wasm'))
      const edge = new Miniflare({
        modules: [
          { type: 'ESModule', path: 'function.js', contents: outputFiles[0].text },
          { type: 'CompiledWasm', path: 'kernels.wasm', contents },
        ],
        compatibilityDate: '2026-01-01',
      })
      const ask = async (kernels: boolean) => {
        const form = new FormData()
        form.set('model', new Blob([new Uint8Array(model.bytes)]))
        form.set('structures', JSON.stringify(structures()))
        if (kernels) form.set('kernels', '')
        const sent = new Response(form)
        const answer = await edge.dispatchFetch('http://edge/', {
          method: 'POST',
          headers: { 'content-type': sent.headers.get('content-type') },
          body: Buffer.from(await sent.arrayBuffer()),
        })
        return answer.json()
      }
      try {
        const { values, report } = await ask(true)
        expect(report).toMatch(/^wasm \(fused engine, WebAssembly\)/)
        expectGolden(values)
        const { code, message } = await ask(false)
        expect(code).toBe('DEVICE')
        expect(message).toMatch(/crystal-onnx\/kernels\.wasm/)
      } finally {
        await edge.dispose()
      }
    },
    90_000,
  )
})
