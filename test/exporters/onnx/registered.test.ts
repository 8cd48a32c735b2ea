// Kernels of the user's own, operators that the exporter does not know, and constants in a file beside the graph.

import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu'
import ort from 'onnxruntime-node'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exportOnnx } from '../../../exporters/onnx/export.ts'
import { registerLowering } from '../../../exporters/onnx/lower/registered.ts'
import type { InputSpec } from '../../../exporters/onnx/options.ts'
import { decodeModel } from '../../../exporters/onnx/proto.ts'
import { evaluateGraph } from '../../../exporters/onnx/reference/evaluate.ts'
import { openFile } from '../../../exporters/onnx/verify/session.ts'
import { ExportError, ModelFileError } from '../../../src/errors.ts'

const x: InputSpec = { dtype: 'float32', shape: ['A', 3] }
const taken: (() => void)[] = []
const register = (...args: Parameters<typeof registerLowering>) => taken.push(registerLowering(...args))

/** Kernels that tfjs does not have. */
const KERNELS: Readonly<Record<string, (x: number) => number>> = {
  MyMish: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
  MyQuickGelu: (x) => x / (1 + Math.exp(-1.702 * x)),
}
const mish = (x: tf.Tensor): tf.Tensor => tf.engine().runKernel('MyMish', { x })
const quickGelu = (x: tf.Tensor): tf.Tensor => tf.engine().runKernel('MyQuickGelu', { x })

beforeAll(async () => {
  await tf.setBackend('cpu')
  for (const [kernelName, f] of Object.entries(KERNELS)) {
    tf.registerKernel({
      kernelName,
      backendName: 'cpu',
      kernelFunc: ({ inputs, backend }) => {
        const { dataId, shape } = inputs.x!
        const cpu = backend as MathBackendCPU
        return cpu.makeTensorInfo(shape, 'float32', (cpu.data.get(dataId).values as Float32Array).map(f))
      },
    })
  }
})

afterEach(() => {
  for (const take of taken.splice(0)) take()
})

describe('kernels of the user', () => {
  it('are refused until they are registered, and again after', async () => {
    const exported = () => exportOnnx(({ x }) => mish(x), { x })
    await expect(exported()).rejects.toThrow(/MyMish.*register one with registerLowering/)
    const take = registerLowering('MyMish', (g, { inputs }) => g.op('Erf', [inputs.get('x')!]))
    // It is another function: the comparison says so.
    await expect(exported()).rejects.toThrow(/not the function at A = 1/)
    take()
    await expect(exported()).rejects.toThrow(/register one with registerLowering/)
  })

  it('become any operator of ONNX that the operator set has', async () => {
    register('MyMish', (g, { inputs, outputs }) =>
      g.foreign({ op: 'Mish', version: 18 }, [inputs.get('x')!], {}, outputs),
    )
    const fn = ({ x }: Record<string, tf.Tensor>) => tf.add(mish(tf.mul(x, 2)), 1)
    await expect(exportOnnx(fn, { x })).rejects.toThrow(
      /came with operator set 18; choose it with option opset/,
    )
    const result = await exportOnnx(fn, { x }, { opset: 18 })
    expect(result.operators).toEqual({ Add: 1, Mish: 1, Mul: 1 })
    expect(result.verified?.error).toBeLessThan(1e-6)
  })

  it('become operators of onnxruntime, with attributes of any type', async () => {
    register('MyQuickGelu', (g, { inputs, outputs }) =>
      g.foreign(
        { domain: 'com.microsoft', op: 'QuickGelu' },
        [inputs.get('x')!],
        { alpha: { real: 1.702 } },
        outputs,
      ),
    )
    const result = await exportOnnx(({ x }) => quickGelu(x), { x })
    const { domains, graph } = decodeModel(result.bytes)
    expect(graph.nodes.map(({ op }) => op)).toEqual(['com.microsoft.QuickGelu'])
    expect([...domains!]).toEqual([['com.microsoft', 1]])
    expect(result.verified?.error).toBeLessThan(1e-6)
  })

  it('become operators of another domain, which nobody here can run', async () => {
    const attrs = {
      whole: 1,
      real: { real: 1 },
      list: [1, 2],
      reals: { real: [0.5, 2] },
      text: 'a',
      texts: ['b', 'c'],
    }
    register('MyQuickGelu', (g, { inputs, outputs }) =>
      g.foreign({ domain: 'org.example', op: 'Gelu', version: 3 }, [inputs.get('x')!], attrs, outputs),
    )
    const { bytes, notes, verified } = await exportOnnx(({ x }) => quickGelu(x), { x })
    const { domains, graph } = decodeModel(bytes)
    expect(graph.nodes[0]).toMatchObject({
      op: 'org.example.Gelu',
      attrs: { ...attrs, real: 1, reals: [0.5, 2] },
    })
    expect([...domains!]).toEqual([['org.example', 3]])
    expect(verified).toBeUndefined()
    expect(notes).toEqual([expect.stringMatching(/not run beside the function: operators of "org.example"/)])
  })

  it('of tfjs are exported as it is registered', async () => {
    register('Relu', (g, { inputs }) => g.op('Max', [inputs.get('x')!, g.scalar(0, 'float32')]))
    expect((await exportOnnx(({ x }) => tf.relu(x), { x })).operators).toEqual({ Max: 1 })
  })
})

describe('constants beside the file', () => {
  const weights = tf.tensor2d(
    Array.from({ length: 3 * 400 }, (_, i) => Math.sin(i)),
    [3, 400],
  )
  const fn = ({ x }: Record<string, tf.Tensor>) => tf.mul(tf.matMul(x, weights), tf.linspace(0, 1, 400))

  it('are read back by onnxruntime and in float64', async () => {
    const result = await exportOnnx(fn, { x }, { externalData: { location: 'weights.bin', above: 1200 } })
    const { location, parts, length } = result.external!
    expect(result.bytes.length).toBeLessThan(2000)
    expect(result.verified?.error).toBeLessThan(1e-6)
    // onnxruntime takes no notice of where in its memory a Buffer begins.
    const data = new Uint8Array(Buffer.concat(parts))
    expect([location, data.length]).toEqual(['weights.bin', length])
    const given = Float32Array.of(1, -2, 3)
    const wanted = fn({ x: tf.tensor2d(given, [1, 3]) }).dataSync()
    const session = await ort.InferenceSession.create(result.bytes, {
      externalData: [{ path: location, data }],
    })
    const { output } = await session.run({ x: new ort.Tensor('float32', given, [1, 3]) })
    const inFloat64 = evaluateGraph(result.bytes, { x: { data: given, dims: [1, 3] } }, { [location]: data })
    for (const found of [output.data, inFloat64.get('output')!.data]) {
      wanted.forEach((value, n) => {
        expect(Number(found[n])).toBeCloseTo(value, 5)
      })
    }
  })

  it('that are large are in a folder of their own while they are compared, and in no memory', async () => {
    const { bytes, external } = await exportOnnx(fn, { x }, { externalData: {}, verify: false })
    const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('crystal-onnx-large-'))
    const before = folders()
    const session = await openFile({ bytes, external }, ['x'], 1000)
    const [own] = folders().filter((name) => !before.includes(name))
    expect(readdirSync(join(tmpdir(), own)).sort()).toEqual(['main.data', 'model.onnx'])
    const data = Float32Array.of(1, -2, 3)
    const outputs = await session.run(new Map([['x', { dtype: 'float32', dims: [1, 3], data }]]))
    const wanted = fn({ x: tf.tensor2d(data, [1, 3]) }).dataSync()
    for (const [n, value] of wanted.entries()) expect(outputs.get('output')!.data[n]).toBeCloseTo(value, 5)
    await session.release()
    expect(folders()).not.toContain(own)
    const wrong = openFile({ bytes: bytes.subarray(0, 100), external }, ['x'], 1000)
    await expect(wrong).rejects.toThrow(/onnxruntime does not open what was exported/)
    expect(folders().filter((name) => !before.includes(name))).toEqual([])
  })

  it('are missed by name, and not cut off', async () => {
    const { bytes, external } = await exportOnnx(fn, { x }, { externalData: {}, verify: false })
    const given = { x: { data: new Float32Array(3), dims: [1, 3] } }
    expect(external!.location).toBe('main.data')
    expect(() => evaluateGraph(bytes, given)).toThrow(/lies in the file "main.data" beside the model/)
    const cut = { 'main.data': Buffer.concat(external!.parts).subarray(0, 4000) }
    expect(() => evaluateGraph(bytes, given, cut)).toThrow(ModelFileError)
    expect(() => evaluateGraph(bytes, given, cut)).toThrow(/which has 4000; it is cut off/)
  })

  it.each(['../w.data', 'a/b', '', '..'])('in no folder: %j', async (location) => {
    const refused = exportOnnx(fn, { x }, { externalData: { location } })
    await expect(refused).rejects.toThrow(ExportError)
    await expect(refused).rejects.toThrow(/is no plain file name/)
  })
})
