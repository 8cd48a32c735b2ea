// `convert`: a stored model of TensorFlow.js to a file that onnxruntime runs, and what is no such model.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cli } from './run.ts'

const float = { T: { type: 'DT_FLOAT' } }
const open = { shape: { dim: [{ size: '-1' }, { size: '2' }] } }
const MODEL = {
  format: 'graph-model',
  modelTopology: {
    node: [
      { name: 'x', op: 'Placeholder', attr: { shape: open, dtype: { type: 'DT_FLOAT' } } },
      { name: 'w', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
      { name: 'y', op: 'MatMul', input: ['x', 'w'], attr: float },
    ],
    versions: {},
  },
  weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'w', shape: [2, 3], dtype: 'float32' }] }],
}
let folder: string

async function stored(name: string, json: object, numbers: number): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  await writeFile(join(path, 'model.json'), JSON.stringify(json))
  await writeFile(
    join(path, 'w.bin'),
    Float32Array.from({ length: numbers }, (_, i) => i),
  )
  return join(path, 'model.json')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'convert-'))
})
afterAll(() => rm(folder, { recursive: true }))

it('writes a file that onnxruntime runs, and says how far it agrees', async () => {
  const output = join(folder, 'y.onnx')
  const file = await stored('good', MODEL, 6)
  const { code, lines } = await cli('convert', file, '-o', output, '--inputs', 'x:N,2', '--verify', '--json')
  const [line] = lines
  expect([code, line.file, line.nodes, line.opset]).toEqual([0, output, 1, 17])
  expect(line.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['N', 2] }])
  expect(line.verified.sizes.length).toBeGreaterThan(3)
  const session = await ort.InferenceSession.create(await readFile(output))
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [1, 2]) })
  expect([...(y.data as Float32Array)]).toEqual([6, 9, 12])
})

it('refuses weights that are cut off, with their sizes', async () => {
  const file = await stored('cut', MODEL, 5)
  const { code, lines } = await cli('convert', file, '-o', join(folder, 'z.onnx'), '--json')
  expect(code).toBe(1)
  const [{ error }] = lines
  expect(error.code).toBe('MODEL_FILE')
  expect(error.message).toMatch(/these weights take 24 bytes, found 20 in .*w\.bin \(20 bytes\)/)
})
