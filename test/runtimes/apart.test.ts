// Models in two files: the graph in one, the weights in the other. They are the one file, taken apart.

import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { signModel } from '../../exporters/crystal/sign.ts'
import { fileBeside, splitModel, together, withWeightsBeside } from '../../runtimes/apart.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { load } from '../../runtimes/node/load.ts'
import { readModel } from '../../runtimes/web/source.ts'
import { varintField } from '../../runtimes/wire-write.ts'
import { ConfigError, ModelFileError, SignatureError } from '../../src/errors.ts'
import { chain, exported } from './models.ts'

const LOCATION = 'model.onnx.data'
const crystals = [chain(3), chain(5)]
/** Bytes of the smallest tensor that is moved. */
const SMALLEST = 1024

/** Both files in a folder of their own. */
function twoFiles(bytes: Uint8Array, location = LOCATION): string {
  const { model, data } = splitModel(bytes, location)
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-'))
  writeFileSync(join(folder, location), data)
  writeFileSync(join(folder, 'model.onnx'), model)
  return join(folder, 'model.onnx')
}

async function predicted(source: string, options = {}): Promise<number[]> {
  const model = await load(source, { worker: false, threads: 1, ...options })
  try {
    const predictions = await Promise.all(crystals.map((crystal) => model.predict(crystal)))
    return predictions.map(({ value }) => value)
  } finally {
    await model.dispose()
  }
}

describe('a model in two files', () => {
  it('is the same bytes again', () => {
    const { model, data } = splitModel(exported.bytes, LOCATION)
    expect(model.length).toBeLessThan(exported.bytes.length / 2)
    expect(data.length).toBeGreaterThan(SMALLEST)
    expect(fileBeside(model, 'm')).toBe(LOCATION)
    expect(fileBeside(exported.bytes, 'm')).toBeUndefined()
    expect(together(model, data, 'm')).toEqual(exported.bytes)
  })

  it('is one that onnxruntime opens by its path', async () => {
    const session = await InferenceSession.create(twoFiles(exported.bytes))
    expect(session.outputNames).toContain('prediction')
  })

  it('predicts as the one file, on each engine', async () => {
    const whole = join(mkdtempSync(join(tmpdir(), 'crystal-onnx-')), 'model.onnx')
    writeFileSync(whole, exported.bytes)
    for (const engine of ['fused', 'onnxruntime']) {
      const wanted = await predicted(whole, { engine })
      expect(wanted.every(Number.isFinite)).toBe(true)
      expect(await predicted(twoFiles(exported.bytes), { engine })).toEqual(wanted)
    }
  })

  it('has one signature for both', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const signed = await signModel(
      exported.bytes,
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    )
    const path = twoFiles(signed)
    expect((await predicted(path, { publicKey: pem })).length).toBe(2)
    changeByte(join(dirname(path), LOCATION))
    await expect(predicted(path, { publicKey: pem })).rejects.toThrow(SignatureError)
  })
})

/** In the middle of the weights. */
function changeByte(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(path, bytes)
}

describe('is refused where', () => {
  it.each<[string, (data: string) => void, RegExp]>([
    ['a byte of the weights differs', changeByte, /damaged or edited/],
    [
      'the weights are cut off',
      (data) => truncateSync(data, SMALLEST),
      /lies from byte \d+ to \d+ of "model\.onnx\.data", which has 1024; it is cut off, or that of another model/,
    ],
    ['the weights are a folder', (data) => replaceByFolder(data), /which is not beside it; put both files/],
  ])('%s', async (_, damage, message) => {
    const path = twoFiles(exported.bytes)
    damage(join(dirname(path), LOCATION))
    await expect(predicted(path)).rejects.toThrow(ModelFileError)
    await expect(predicted(path)).rejects.toThrow(message)
  })

  it('the weights are missing', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'crystal-onnx-')), 'model.onnx')
    writeFileSync(path, splitModel(exported.bytes, LOCATION).model)
    await expect(predicted(path)).rejects.toThrow(
      /model\.onnx: its weights are in "model\.onnx\.data", which is not beside it/,
    )
    await expect(load(readFileSync(path))).rejects.toThrow(
      /its weights are in another file; load the model by/,
    )
  })

  it.each(['../weights.data', '/etc/passwd', '..', 'a/b', 'C:weights', 'a\\b', ''])(
    'they are said to be in %j',
    async (location) => {
      expect(() => splitModel(exported.bytes, location)).toThrow(ConfigError)
      if (location === '') return
      // A name of the same length, written over that of a file that is right.
      const own = 'x'.repeat(location.length)
      const { model } = splitModel(exported.bytes, own)
      const forged = replaced(model, own, location)
      const fetchData = () => Promise.reject(new Error('it was asked for'))
      await expect(withWeightsBeside({ bytes: forged, file: 'm.onnx' }, fetchData)).rejects.toThrow(
        /m\.onnx: its weights are said to be in .*; expected the name of a file beside it/,
      )
    },
  )

  it('nothing is a model: what reads it says so', async () => {
    for (const bytes of [new Uint8Array(), varintField(1, 8), Uint8Array.of(255, 255, 255)]) {
      expect(fileBeside(bytes, 'm')).toBeUndefined()
      expect(() => readModelFile(bytes, 'm')).toThrow(ModelFileError)
    }
  })
})

function replaceByFolder(path: string): void {
  unlinkSync(path)
  mkdirSync(path)
}

/** All places of the location, which stands behind its length in every tensor. */
function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const [key, wanted, given] = ['location', from, to].map((text) => new TextEncoder().encode(text))
  const changed = bytes.slice()
  for (let at = 0; at + key.length < changed.length; at++) {
    if (!key.every((byte, i) => changed[at + i] === byte)) continue
    const value = at + key.length + 2
    if (wanted.every((byte, i) => changed[value + i] === byte)) changed.set(given, value)
  }
  return changed
}

describe('over the network', () => {
  const { model, data } = splitModel(exported.bytes, 'weights of it.data')
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.startsWith('/models/m.onnx')) response.end(model)
    else if (request.url === '/models/weights%20of%20it.data') response.end(data)
    else response.writeHead(404).end()
  })
  let address = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    vi.unstubAllGlobals()
    server.close()
  })

  it('the weights come from beside the model', async () => {
    expect((await predicted(`${address}/models/m.onnx`)).length).toBe(2)
    expect(asked).toEqual(['/models/m.onnx', '/models/weights%20of%20it.data'])
  })

  it('in a page, too, where the seal is of both', async () => {
    // What a page has, and Node has not.
    vi.stubGlobal('location', new URL(address))
    const read = await readModel(`${address}/models/m.onnx?version=2`, { cache: false })
    expect(read).toEqual({ bytes: exported.bytes, file: 'm.onnx' })
    data[data.length >> 1] ^= 1
    await expect(readModel(`${address}/models/m.onnx`, { cache: false })).rejects.toThrow(/damaged or edited/)
  })
})
