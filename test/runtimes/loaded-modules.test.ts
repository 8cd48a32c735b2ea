// What a process loads that only predicts: one engine, and nothing that trains, draws or writes ONNX. Looked at in the
// built package, where bundling decides which files belong together.

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { built } from '../built.ts'
import { example, temporaryFolder } from '../cli/run.ts'
import { root } from '../imports.ts'

const HOOK = new URL('./record-modules.mjs', import.meta.url).href
const MODEL = fileURLToPath(new URL('../../web/public/models/ionic-crystalformer.onnx', import.meta.url))
const HEAVY =
  /node_modules\/(@tensorflow|vega|vega-lite|protobufjs|fastify|@fastify|@grpc|pino|prom-client)\//

/** Modules that a script loads, the threads that it starts included. */
async function modulesOf(script: string): Promise<string[]> {
  const folder = temporaryFolder()
  const MODULES = join(folder, 'modules.txt')
  const file = join(folder, 'script.mjs')
  writeFileSync(file, script)
  await promisify(execFile)(process.execPath, ['--import', HOOK, file], { env: { ...process.env, MODULES } })
  return readFileSync(MODULES, 'utf8').trim().split('\n')
}

const imported = (names: string, entry: string) =>
  `import { ${names} } from ${JSON.stringify(built(entry))}\n`

describe('modules of a process', () => {
  it.each([
    [
      'crystal-onnx/runtimes',
      `${imported('load', 'runtimes')}
       const model = await load(${JSON.stringify(MODEL)}, { device: 'cpu' })
       await model.predict(model.card.golden[0])
       await model.dispose()`,
    ],
    [
      'crystal-onnx',
      `${imported('load, readStructureFile', 'index')}
       const model = await load(${JSON.stringify(MODEL)}, { device: 'cpu' })
       const [{ structure }] = await readStructureFile(${JSON.stringify(example('NaCl.cif'))})
       await model.predict(structure)
       await model.dispose()`,
    ],
    [
      'the onnxruntime engine',
      `${imported('load', 'runtimes')}
       const model = await load(${JSON.stringify(MODEL)}, { device: 'cpu', engine: 'onnxruntime' })
       await model.predict(model.card.golden[0])
       await model.dispose()`,
    ],
  ])('%s predicts without TensorFlow.js, vega and protobuf', async (name, script) => {
    const modules = await modulesOf(script)
    expect(modules.filter((module) => HEAVY.test(module))).toEqual([])
    const isLoaded = modules.some((module) => module.includes('/onnxruntime-node/'))
    expect(isLoaded).toBe(name.includes('onnxruntime'))
  })

  it('crystal-onnx loads no onnxruntime before a model', async () => {
    const modules = await modulesOf(imported('load', 'index'))
    expect(modules.some((module) => module.endsWith('/dist/index.js'))).toBe(true)
    expect(modules.filter((module) => /\/node_modules\/onnxruntime/.test(module))).toEqual([])
  })

  it('predicts where onnxruntime is not installed, and says what lacks it', async () => {
    const folder = temporaryFolder()
    cpSync(dirname(built('index')), join(folder, 'dist'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    mkdirSync(join(folder, 'node_modules'))
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name === 'onnxruntime-node' || name.startsWith('.')) continue
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    }
    const script = `
      import { load } from ${JSON.stringify(join(folder, 'dist/index.js'))}
      const model = await load(${JSON.stringify(MODEL)})
      const { value } = await model.predict(model.card.golden[0])
      await model.dispose()
      const error = await load(${JSON.stringify(MODEL)}, { engine: 'onnxruntime' }).catch((error) => error)
      console.log(JSON.stringify([value - model.card.golden[0].value[0], error.code, error.message]))`
    writeFileSync(join(folder, 'script.mjs'), script)
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'script.mjs')], {
      cwd: folder,
    })
    const [error, code, message] = JSON.parse(stdout)
    expect(Math.abs(error)).toBeLessThan(1e-4)
    expect(code).toBe('DEVICE')
    expect(message).toMatch(/onnxruntime-node.*npm install onnxruntime-node/s)
  })

  it('those of TensorFlow.js and protobuf are seen where they are loaded', async () => {
    const modules = await modulesOf(imported('exportOnnx', 'exporters'))
    for (const name of ['@tensorflow/tfjs-core', 'protobufjs']) {
      expect(
        modules.some((module) => module.includes(`/node_modules/${name}/`)),
        name,
      ).toBe(true)
    }
  })
})
