// Files of torch.save against files that Python's own pickle, struct and zipfile made: every number type, windows on a
// shared storage, byte order, pickle protocols, deflate and zip64. What is no such file is refused with advice.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { WeightsError } from '../../src/errors.ts'
import { readTorchFile } from '../../src/torch/checkpoint.ts'
import { isTensor } from '../../src/torch/tensor.ts'
import { fixture } from '../cli/run.ts'
import { archive, bytesOf } from './files.ts'

const checkpoint = (name: string) => readFileSync(fixture(`checkpoints/${name}`))
const expected: Record<string, Record<string, number[]>> = JSON.parse(checkpoint('expected.json').toString())

describe('numbers', () => {
  for (const [name, tensors] of Object.entries(expected)) {
    it(name, () => {
      const { value, read } = readTorchFile(checkpoint(name), name)
      const saved = value as Map<string, unknown>
      const state = (saved.get('state_dict') ?? saved) as Map<string, unknown>
      expect([...state.keys()]).toEqual(Object.keys(tensors))
      for (const [key, tensor] of state) {
        if (!isTensor(tensor)) throw new Error(`${key} is no tensor`)
        expect([...read(tensor)], key).toEqual(tensors[key])
      }
    })
  }

  it('plain values of every kind', () => {
    for (const name of ['layouts.pt', 'deflated-zip64-protocol4.pt', 'protocol5.pt']) {
      const plain = (readTorchFile(checkpoint(name)).value as Map<string, unknown>).get('plain')
      const bytes = new TextEncoder().encode('bytes')
      const [none, yes, minus, large, larger, half, text, data, tuple, set] = plain as unknown[]
      expect([none, yes, minus, large, larger]).toEqual([null, true, -1, 2 ** 40, 2n ** 80n])
      expect([half, text, [...(data as Uint8Array)]]).toEqual([0.5, 'text', [...bytes]])
      expect([tuple, set]).toEqual([[1, 2], new Set([3])])
    }
  })

  it('a checkpoint of PyTorch', () => {
    const { value } = readTorchFile(checkpoint('crystalformer_tiny.ckpt'))
    const saved = value as Map<string, unknown>
    expect(saved.get('pytorch-lightning_version')).toBe('2.1.0')
    expect((saved.get('hyper_parameters') as Map<string, unknown>).get('positive_func')).toBe('elu=0.1')
    expect((saved.get('state_dict') as Map<string, unknown>).size).toBe(69)
  })
})

describe('refusals', () => {
  it('names the code that a pickle calls, and does not call it', () => {
    const read = () => readTorchFile(checkpoint('os-system.ckpt'), 'os-system.ckpt')
    expect(read).toThrow(WeightsError)
    expect(read).toThrow(/"(posix|os)\.system".*nothing of it was executed/)
    expect(existsSync('executed-by-the-reader')).toBe(false)
  })

  const old = Uint8Array.of(
    0x80,
    2,
    0x8a,
    10,
    0x6c,
    0xfc,
    0x9c,
    0x46,
    0xf9,
    0x20,
    0x6a,
    0xa8,
    0x50,
    0x19,
    0x2e,
  )
  const tar = new Uint8Array(600)
  tar.set(new TextEncoder().encode('ustar'), 257)
  const good = checkpoint('layouts.pt')
  const cases: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(), /an empty file/],
    ['text', new TextEncoder().encode('data_NaCl\n'), /not a file of torch\.save/],
    ['the layout before torch 1.6', old, /before 1\.6; .*torch\.save\(torch\.load/],
    ['the tar layout', tar, /tar layout .*torch\.save\(torch\.load/],
    ['a bare pickle', Uint8Array.of(0x80, 2, 0x4e, 0x2e), /bare pickle/],
    ['a truncated file', good.subarray(0, good.length - 1), /truncated/],
    ['a zip without a pickle', archive({ 'a/b.txt': bytesOf('x') }), /0 data\.pkl/],
    ['two pickles', archive({ 'a/data.pkl': bytesOf('N.'), 'b/data.pkl': bytesOf('N.') }), /2 data\.pkl/],
    ['TorchScript', archive({ 'a/data.pkl': bytesOf('N.'), 'a/constants.pkl': bytesOf('') }), /TorchScript/],
    [
      'an unknown byte order',
      archive({ 'a/data.pkl': bytesOf('N.'), 'a/byteorder': bytesOf('middle') }),
      /"middle"/,
    ],
  ]
  for (const [name, bytes, message] of cases) {
    it(name, () => {
      expect(() => readTorchFile(bytes, 'x.ckpt')).toThrow(WeightsError)
      expect(() => readTorchFile(bytes, 'x.ckpt')).toThrow(message)
      expect(() => readTorchFile(bytes, 'x.ckpt')).toThrow(/^x\.ckpt: /)
    })
  }
})
