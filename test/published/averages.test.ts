// Averages that callbacks keep beside a state_dict, and what else a checkpoint holds.

import { describe, expect, it } from 'vitest'
import { besides } from '../../src/published/averages.ts'
import { publishedState, type StateTensor } from '../../src/published/state-dict.ts'
import { readTorchFile } from '../../src/torch/checkpoint.ts'
import { archive, bytesOf, pickle, saved, tensor, text } from '../torch/files.ts'

const DICT = pickle('}', '(')
/** A dictionary of entries, each a key and what makes its value. */
const dict = (...entries: (readonly [string, Uint8Array])[]) =>
  pickle(DICT, ...entries.flatMap(([key, value]) => [text(key), value]), 'u')
const checkpoint = (...entries: (readonly [string, Uint8Array])[]) =>
  saved(pickle(0x80, 2, dict(...entries), '.'), STORAGES)
const STORAGES = { 0: new Uint8Array(8), 1: new Uint8Array(Float32Array.of(1, 2).buffer) }
const last = tensor('0', 2, [2], [1])
const average = tensor('1', 2, [2], [1])
const weights = (of: Uint8Array, prefix = '') => dict([`${prefix}a`, of], [`${prefix}b`, of])

/** The first number of the parameter `a` that is taken, and from where. */
function taken(bytes: Uint8Array, wanted?: 'swa' | 'last') {
  const { value, read } = readTorchFile(bytes)
  const found = value as Map<string, Map<string, never>>
  const readable = (of: ReadonlyMap<string, { shape: readonly number[] }>): Map<string, StateTensor> =>
    new Map(
      [...of].map(([name, tensor]) => [name, { shape: tensor.shape, read: () => read(tensor as never) }]),
    )
  const { averages, current, unnamed } = besides(found, found.get('state_dict'))
  const { parameters, from } = publishedState(
    {
      state: readable(found.get('state_dict')!),
      averages: new Map([...averages].map(([where, of]) => [where, readable(of)])),
      current: current && readable(current),
      unnamed,
    },
    wanted,
    'x.ckpt',
  )
  return { first: parameters.get('a')!.read()[0], from }
}

describe('averages beside a state_dict', () => {
  it.each([
    ['ema_state_dict', [['ema_state_dict', weights(average)]]],
    ['ema_state_dict', [['ema_state_dict', weights(average, 'model.')]]],
    ['state_dict_ema', [['state_dict_ema', weights(average, 'module.')]]],
    ['model_ema', [['model_ema', weights(average)]]],
    ['callbacks.EMA.ema_weights', [['callbacks', dict(['EMA', dict(['ema_weights', weights(average)])])]]],
    [
      'callbacks.StochasticWeightAveraging.average_model_state',
      [['callbacks', dict(['StochasticWeightAveraging', dict(['average_model_state', weights(average)])])]],
    ],
  ] as const)('%s', (from, beside) => {
    const bytes = checkpoint(['state_dict', weights(last, 'model.')], ...beside)
    expect(taken(bytes)).toEqual({ first: 1, from })
    expect(taken(bytes, 'last')).toEqual({ first: 0, from: 'state_dict' })
  })

  it('without names, as torch_ema keeps them, it is refused', () => {
    const list = pickle(']', '(', average, average, 'e')
    const bytes = checkpoint(
      ['state_dict', weights(last, 'model.')],
      ['ema_state', dict(['shadow_params', list])],
    )
    expect(() => taken(bytes)).toThrow(
      /the average under ema_state\.shadow_params has no names; copy it into/,
    )
    expect(taken(bytes, 'last')).toEqual({ first: 0, from: undefined })
  })

  it('a module around all names is taken off', () => {
    const both = dict(
      ...['model', 'swa_model.module'].flatMap((of) =>
        ['a', 'b'].map((name) => [`net.${of}.${name}`, of === 'model' ? last : average] as const),
      ),
    )
    expect(taken(checkpoint(['state_dict', both])).first).toBe(1)
    expect(taken(checkpoint(['state_dict', weights(average, 'student.')])).first).toBe(1)
  })

  it('the state_dict itself is one where the last weights stand beside it', () => {
    const bytes = checkpoint(
      ['state_dict', weights(average, 'model.')],
      ['current_model_state', weights(last, 'model.')],
    )
    expect(taken(bytes)).toEqual({ first: 1, from: 'state_dict' })
    expect(taken(bytes, 'last')).toEqual({ first: 0, from: 'current_model_state' })
  })

  it('several are refused, and those of another network are none', () => {
    const two = checkpoint(
      ['state_dict', weights(last, 'model.')],
      ['ema', weights(average)],
      ['swa', weights(average)],
    )
    expect(() => taken(two)).toThrow(/keeps several averages: ema, swa/)
    const other = checkpoint(
      ['state_dict', weights(last, 'model.')],
      ['ema_state_dict', dict(['c', average], ['d', average])],
    )
    expect(() => taken(other)).toThrow(/--weights last/)
  })
})

describe('what stands in a checkpoint besides', () => {
  const value = (made: Uint8Array) =>
    (readTorchFile(saved(pickle(0x80, 3, dict(['x', made]), '.'))).value as Map<string, unknown>).get('x')

  it('numbers of NumPy are numbers', () => {
    const type = (name: string) =>
      pickle('cnumpy\ndtype\n', '(', text(name), 0x89, 0x88, 't', 'R', '(', 'K', 3, text('<'), 't', 'b')
    const scalar = (name: string, bytes: Uint8Array) =>
      pickle('cnumpy.core.multiarray\nscalar\n', type(name), 'C', bytes.length, bytes, 0x86, 'R')
    expect(value(scalar('f8', new Uint8Array(Float64Array.of(-1.5).buffer)))).toBe(-1.5)
    expect(value(scalar('i8', new Uint8Array(BigInt64Array.of(-7n).buffer)))).toBe(-7)
    expect(value(scalar('b1', Uint8Array.of(1)))).toBe(true)
    expect(value(scalar('c16', new Uint8Array(16)))).toMatchObject({ name: 'numpy.scalar' })
  })

  it('paths are left unread, and code is refused as ever', () => {
    expect(value(pickle('cpathlib\nPosixPath\n', '(', text('/data'), text('x'), 't', 'R'))).toMatchObject({
      name: 'pathlib.PosixPath',
    })
    expect(() => value(pickle('cposix\nsystem\n', '(', text('true'), 't', 'R'))).toThrow(
      /"posix.system", which is not data/,
    )
  })
})

describe('what is no checkpoint', () => {
  it.each([
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n',
      /a Git LFS pointer, not the checkpoint/,
    ],
    ['<!DOCTYPE html><html></html>', /an HTML or XML page, not the checkpoint/],
  ])('%s', (content, message) => {
    expect(() => readTorchFile(bytesOf(content), 'm.ckpt')).toThrow(message)
  })

  it('an archive of checkpoints names them', () => {
    const zip = archive({
      'weights/a.ckpt': bytesOf('a'),
      'weights/b.ckpt': bytesOf('b'),
      'README.md': bytesOf(''),
    })
    expect(() => readTorchFile(zip, 'weights.zip')).toThrow(
      'weights.zip: a zip archive with 2 checkpoints in it: weights/a.ckpt, weights/b.ckpt; unzip it',
    )
  })
})
