// `convert`: a stored model of TensorFlow.js to a file that onnxruntime runs, and what is no such model.

import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ort from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

async function stored(name: string, json: object | string, numbers: number): Promise<string> {
  const path = join(folder, name)
  await mkdir(path)
  await writeFile(join(path, 'model.json'), typeof json === 'string' ? json : JSON.stringify(json))
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

it('writes weights into a file beside it, from which onnxruntime reads them', async () => {
  const output = join(folder, 'large.onnx')
  const wide = structuredClone(MODEL)
  wide.weightsManifest[0].weights[0].shape = [2, 300]
  const file = await stored('large', wide, 600)
  const { code, lines } = await cli('convert', file, '-o', output, '--external-data', '--json')
  const [line] = lines
  expect([code, line.external]).toEqual([0, { file: 'large.onnx.data', bytes: 2400 }])
  expect(line.bytes).toBeLessThan(600)
  expect((await stat(`${output}.data`)).size).toBe(2400)
  const session = await ort.InferenceSession.create(output)
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [1, 2]) })
  expect([...(y.data as Float32Array)].slice(0, 3)).toEqual([600, 603, 606])
  const loaded = await cli('verify', output, '--json')
  expect(loaded.code).toBe(1)
  expect(loaded.lines[0].error.message).toMatch(/large\.onnx: .*no model card|large\.onnx: .*crystal-onnx/)
})

describe('refuses', () => {
  const part = { paths: ['w.bin', 'v.bin'], weights: MODEL.weightsManifest[0].weights }
  it.each<[string, object | string, number, string, RegExp]>([
    [
      'weights that are cut off',
      MODEL,
      5,
      'MODEL_FILE',
      /these weights take 24 bytes, found 20 in .*w\.bin \(20 bytes\)/,
    ],
    [
      'weights of another model',
      MODEL,
      7,
      'MODEL_FILE',
      /these weights take 24 bytes, found 28 .*that of another model/,
    ],
    [
      'a part of the weights that is not there',
      { ...MODEL, weightsManifest: [part] },
      6,
      'MODEL_FILE',
      /its weights ".*v\.bin" cannot be read/,
    ],
    [
      'JSON of something else',
      { name: 'crystal-onnx', version: '1' },
      6,
      'MODEL_FILE',
      /is no model of TensorFlow\.js: it lacks modelTopology/,
    ],
    ['JSON that is cut off', '{"modelTopology": {', 6, 'MODEL_FILE', /is no JSON, or is cut off/],
    [
      'a claim of 10 GB',
      {
        ...MODEL,
        weightsManifest: [
          { paths: ['w.bin'], weights: [{ name: 'w', shape: [2_500_000_000], dtype: 'float32' }] },
        ],
      },
      6,
      'LIMIT',
      /claims 10000000000 bytes of weights/,
    ],
    [
      'a node that names what is not there',
      { ...MODEL, modelTopology: { node: MODEL.modelTopology.node.slice(1), versions: {} } },
      6,
      'MODEL_FILE',
      /TensorFlow\.js cannot load it/,
    ],
  ])('%s', async (name, json, numbers, errorCode, message) => {
    const file = await stored(name.replaceAll(' ', '-'), json, numbers)
    const output = join(folder, 'none.onnx')
    const { code, lines } = await cli('convert', file, '-o', output, '--json')
    const [{ error }] = lines
    expect([code, error.code]).toEqual([1, errorCode])
    expect(error.message).toMatch(message)
    await expect(stat(output)).rejects.toThrow(/ENOENT/)
  })
})
