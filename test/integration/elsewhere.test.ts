// The package where onnxruntime cannot be installed or started, and the fused engine runs all the same: under Bun and Deno,
// with native code and workers, and in an edge function (workerd), which may compile nothing and start no workers. `.ci/run`
// installs the three.

import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { edgeFunction } from '../../bench/matrix/edge.ts'
import { HOSTS, installedProgram } from '../../bench/matrix/project.ts'
import { relativeError } from '../../runtimes/card.ts'
import { buildPackage } from '../browser/built.ts'
import { CONVERGED_FORMER, type GoldenModel, goldenModel } from '../browser/models.ts'
import { built } from '../built.ts'
import { temporaryFolder } from '../cli/run.ts'

const run = promisify(execFile)
/** float32 against the published code in float64. */
const F32 = 2e-5

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
  ['Bun', installedProgram('@oven', 'bin/bun'), ['run']],
  ['Deno', installedProgram('@deno', 'deno'), ['run', '--allow-all']],
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

const miniflare = existsSync(join(HOSTS, 'node_modules/miniflare'))

describe('workerd', () => {
  it.skipIf(!miniflare)(
    miniflare ? 'predicts with kernels that were compiled before' : 'is not installed (.ci/run does)',
    async () => {
      const { folder: app } = await buildPackage('edge', { entries: ['web'] })
      const edge = await edgeFunction(app)
      try {
        const { values, report } = await edge.ask(model.bytes, structures(), true)
        expect(report).toMatch(/^wasm \(fused engine, WebAssembly\)/)
        expectGolden(values)
        const { code, message } = await edge.ask(model.bytes, structures(), false)
        expect(code).toBe('DEVICE')
        expect(message).toMatch(/crystal-onnx\/kernels\.wasm/)
        expect(message).not.toMatch(/is served/)
      } finally {
        await edge.dispose()
      }
    },
    90_000,
  )
})
