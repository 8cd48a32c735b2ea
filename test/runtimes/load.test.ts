// Opening a model: from bytes, paths and addresses; what is refused, with which words; which device runs.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, vi } from 'vitest'
import { chooseDevice } from '../../runtimes/choose-device.ts'
import type { LoadProgress } from '../../runtimes/model.ts'
import { absentInNode, NODE } from '../../runtimes/node/devices.ts'
import { keepFloat32 } from '../../runtimes/node/environment.ts'
import { load } from '../../runtimes/node/load.ts'
import type { Runtime } from '../../runtimes/runtime.ts'
import { DeviceError, ModelFileError } from '../../src/errors.ts'
import { misspelt, withCard } from '../exporters/crystal/exported.ts'
import { chain, exported, onDisk } from './models.ts'

type Source = Parameters<typeof load>[0]

const HERE = { device: 'cpu', threads: 1, worker: false } as const

async function predictedBy(source: Source): Promise<number> {
  const model = await load(source, HERE)
  const { value } = await model.predict(chain(3))
  await model.dispose()
  return value
}

describe('load', () => {
  it('takes bytes, a path, a file address and an http address, and gives the same model', async () => {
    const path = onDisk()
    const server = createServer((_, response) => {
      response.setHeader('content-length', exported.bytes.length)
      response.end(exported.bytes)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`
    const values: number[] = []
    for (const source of [exported.bytes, path, pathToFileURL(path), address]) {
      values.push(await predictedBy(source))
    }
    server.close()
    expect(new Set(values).size).toBe(1)
  })

  it('says what it is doing and what it found', async () => {
    const stages: LoadProgress[] = []
    const model = await load(onDisk(), {
      ...HERE,
      device: 'auto',
      onProgress: (progress) => stages.push(progress),
    })
    const { length } = exported.bytes
    expect(stages[0]).toEqual({ stage: 'read', loaded: length, total: length })
    expect(stages.slice(-2)).toEqual([
      { stage: 'open', device: model.device },
      { stage: 'check', device: model.device },
    ])
    expect(model.goldenError).toBeLessThan(1e-5)
    expect(model.card).toEqual(exported.card)
    expect(model.deviceReport.startsWith(model.device)).toBe(true)
    if (absentInNode('cuda'))
      expect(model.deviceReport).toMatch(
        /^cpu \(fused engine, .*\); passed over cuda: its provider library is not installed$/,
      )
    await model.dispose()
  })

  it('refuses a device whose results disagree with a golden sample, naming all numbers', async () => {
    const [{ name, value }] = exported.card.golden
    const tampered = await withCard(exported, (card) => {
      card.golden[0].value[0] += 1e-3
      return card
    })
    const refused = load(tampered, HERE)
    await expect(refused).rejects.toThrow(DeviceError)
    await expect(refused).rejects.toThrow(`golden sample "${name}"`)
    await expect(refused).rejects.toThrow(`expected ${value[0] + 1e-3}`)
    await expect(refused).rejects.toThrow('tolerance 0.00003')
    await expect(load(tampered, { ...HERE, device: 'auto' })).rejects.toThrow(
      /^no device runs this model\. .*cpu: .*refused/,
    )
    const unchecked = await load(tampered, { ...HERE, selfCheck: false })
    expect(unchecked.goldenError).toBeUndefined()
    await unchecked.dispose()
  })

  it('refuses golden samples that are not numbers or do not fit the targets', async () => {
    const short = await withCard(exported, (card) => ({
      ...card,
      golden: [{ ...card.golden[0], value: [] }],
    }))
    await expect(load(short, HERE)).rejects.toThrow(/golden sample .* 0 values for 1 targets/)
    const none = await withCard(exported, (card) => ({ ...card, golden: [] }))
    await expect(load(none, HERE)).rejects.toThrow(ModelFileError)
  })

  it.each([
    ['/no/such/model.onnx', /no such file/],
    ['/', /a folder/],
    ['http://127.0.0.1:1/model.onnx', /cannot be reached/],
  ])('refuses %s', async (source, message) => {
    const refused = load(source, HERE)
    await expect(refused).rejects.toThrow(ModelFileError)
    await expect(refused).rejects.toThrow(message)
  })

  it('takes bytes of any kind, a Blob, a File and a response', async () => {
    const { bytes } = exported
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    const expected = await predictedBy(bytes)
    for (const source of [
      bytes.slice().buffer,
      new DataView(bytes.slice().buffer),
      shared,
      shared.buffer,
      runInNewContext('new Uint8Array(bytes)', { bytes }) as Uint8Array,
      new Blob([bytes.slice()]),
      new File([bytes.slice()], 'model.onnx'),
      new Response(bytes.slice()),
    ]) {
      expect(await predictedBy(source)).toBe(expected)
    }
  })

  it.each([
    [7, /a model from Number: expected a path or an address/],
    [null, /a model from null/],
    [{ path: 'm.onnx' }, /a model from Object/],
    [new Response('gone', { status: 410, statusText: 'Gone' }), /the server answered 410 Gone/],
  ])('refuses %o', async (source, message) => {
    await expect(load(source as unknown as Source, HERE)).rejects.toThrow(message)
  })

  it('refuses options that it does not know, and threads that cannot be', async () => {
    const wrong = { ...HERE, devise: 'cpu' } as typeof HERE
    await expect(load(exported.bytes, wrong)).rejects.toThrow(
      /no option "devise"; expected some of .*device,/,
    )
    for (const threads of [0, 1.5, Number.NaN, 1e9]) {
      const refused = load(exported.bytes, { ...HERE, threads })
      await expect(refused).rejects.toThrow(`threads ${threads}: expected a whole number from 1 to 1024`)
    }
  })

  it('refuses what a server does not have', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(load(`http://127.0.0.1:${port}/m.onnx`, HERE)).rejects.toThrow(/the server answered 404/)
    server.close()
  })

  it.each([true, false])(
    'refuses a file whose graph onnxruntime cannot read (worker: %s)',
    async (worker) => {
      const refused = load(await misspelt(exported.bytes), { ...HERE, worker, engine: 'onnxruntime' })
      await expect(refused).rejects.toThrow(ModelFileError)
      await expect(refused).rejects.toThrow(/onnxruntime cannot open the graph/)
    },
  )

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const stopped = load(onDisk(), { ...HERE, signal: stop.signal, onProgress: () => stop.abort() })
    await expect(stopped).rejects.toThrow(/abort/i)
  })
})

describe.runIf(absentInNode('cuda'))('without CUDA', () => {
  it.each([['auto' as const], [['cuda', 'cpu'] as const]])(
    '%s predicts on the CPU, with one warning where a GPU was asked for',
    async (device) => {
      const here = await load(exported.bytes, HERE)
      const { value } = await here.predict(chain(4))
      await here.dispose()
      const warnings: string[] = []
      const model = await load(exported.bytes, { ...HERE, device, onWarning: (w) => warnings.push(w) })
      expect(await model.predict(chain(4))).toMatchObject({ value, device: 'cpu' })
      expect(warnings).toEqual(device === 'auto' ? [] : [`the model runs on ${model.deviceReport}`])
      expect(model.deviceReport).toMatch(
        /^cpu \(.*\); passed over cuda: .*its provider library is not installed$/,
      )
      await model.dispose()
    },
  )

  it('is a warning of the process where nobody listens, once', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    for (let n = 0; n < 2; n++) {
      await (await load(exported.bytes, { ...HERE, device: ['tensorrt', 'cpu'] })).dispose()
    }
    expect(warned).toHaveBeenCalledTimes(1)
    expect(warned.mock.calls[0][0]).toMatch(/^the model runs on cpu \(.*\); passed over tensorrt: /)
    warned.mockRestore()
  })
})

it('keeps full float32 on NVIDIA’s devices, unless somebody decided otherwise', () => {
  const undecided: NodeJS.ProcessEnv = {}
  keepFloat32(undecided)
  expect(undecided).toEqual({ NVIDIA_TF32_OVERRIDE: '0' })
  const decided = { NVIDIA_TF32_OVERRIDE: '1' }
  keepFloat32(decided)
  expect(decided).toEqual({ NVIDIA_TF32_OVERRIDE: '1' })
})

describe('devices', () => {
  const runtime = (device: 'cpu' | 'cuda') => ({ device }) as Runtime

  it('names the next step when a named device is missing', async () => {
    const missing = () => Promise.reject(new DeviceError('device cuda cannot open the model: no library'))
    await expect(chooseDevice('cuda', NODE, missing)).rejects.toThrow(
      /no library; "crystal-onnx doctor" .*onnxruntime-node.script.install\.js/,
    )
    await expect(chooseDevice('tpu' as 'cpu', NODE, missing)).rejects.toThrow(
      /"tpu": expected one or several of cpu, cuda, tensorrt, webgpu, dml, coreml, or auto/,
    )
  })

  it('tries again after a failure: nothing that failed is remembered', async () => {
    let tries = 0
    const flaky = async () => {
      if (tries++ === 0) throw new DeviceError('busy')
      return runtime('cpu')
    }
    await expect(chooseDevice('cpu', NODE, flaky)).rejects.toThrow(/busy/)
    expect((await chooseDevice('cpu', NODE, flaky)).report).toBe('cpu')
  })

  it('warns under auto where a device is missed: its hardware is here, or it was tried', async () => {
    const warned: string[] = []
    const platform = { ...NODE, absent: (device: string) => (device === 'cuda' ? 'no library' : undefined) }
    const open = async () => runtime('cpu')
    const warn = (message: string) => warned.push(message)
    await chooseDevice('auto', { ...platform, hasHardware: () => false, warn }, open)
    expect(warned).toEqual([])
    await chooseDevice('auto', { ...platform, hasHardware: (device) => device === 'cuda', warn }, open)
    expect(warned).toEqual(['the model runs on cpu; passed over cuda: no library'])
    const failing = async (device: string) => {
      if (device === 'cuda') throw new DeviceError('device cuda has no memory')
      return runtime('cpu')
    }
    await chooseDevice(
      'auto',
      { ...platform, absent: () => undefined, hasHardware: () => false, warn },
      failing,
    )
    expect(warned[1]).toContain('passed over cuda: has no memory')
  })

  it('lets an error through that is not the device’s', async () => {
    const broken = () => Promise.reject(new ModelFileError('broken'))
    await expect(chooseDevice('auto', NODE, broken)).rejects.toThrow(ModelFileError)
  })
})
