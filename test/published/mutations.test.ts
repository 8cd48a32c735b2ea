// Damaged and hostile checkpoints: each gives a typed error or the very numbers of the intact file. Nothing crashes,
// hangs, runs code or takes a gigabyte.

import { existsSync, readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { CrystalOnnxError } from '../../src/errors.ts'
import { type PublishedModel, readPublished } from '../../src/published/read.ts'
import { fixture } from '../cli/run.ts'
import { archive, pickle, saved, tensor, text, tuple, uint32 } from '../torch/files.ts'
import { differing } from './weights.ts'

const intact = new Uint8Array(readFileSync(fixture('checkpoints/crystalformer_tiny.ckpt')))
const original = readPublished(intact, 'intact.ckpt')
const GIGABYTE = 2 ** 30

afterAll(() => {
  expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(GIGABYTE)
  expect(existsSync('executed-by-the-reader')).toBe(false)
})

/** Weights of a file, or the typed error that refuses it; anything else that is thrown fails the test. */
function outcome(bytes: Uint8Array) {
  try {
    return readPublished(bytes, 'mutant.ckpt', { fallback: new Map() })
  } catch (error) {
    if (!(error instanceof CrystalOnnxError)) throw error
    expect(error.message.length).toBeLessThan(1500)
    return error
  }
}

/** Whether a mutant gave what the intact file gives. */
function same({ weights, config, targets }: PublishedModel): boolean {
  const described = JSON.stringify({ config, targets })
  return (
    described === JSON.stringify({ config: original.config, targets: original.targets }) &&
    differing(weights, original.weights).length === 0
  )
}

/** Numbers in [0, below) from a linear congruential generator. */
let state = 20241
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}

describe('damage', () => {
  it('80 flipped bits', () => {
    let refused = 0
    for (let n = 0; n < 80; n++) {
      const bytes = intact.slice()
      bytes[random(bytes.length)] ^= 1 << random(8)
      const found = outcome(bytes)
      if (found instanceof CrystalOnnxError) refused++
      else expect(same(found)).toBe(true)
    }
    // the rest hit what is never read: the optimiser, padding, model.*
    expect(refused).toBeGreaterThan(20)
  })

  it('30 truncations', () => {
    for (let n = 0; n < 30; n++) {
      const found = outcome(intact.subarray(0, random(intact.length)))
      expect(found).toBeInstanceOf(CrystalOnnxError)
    }
  })

  it('60 pickles with a changed byte, in archives that are sound', () => {
    const members = unzipSync(intact)
    const name = Object.keys(members).find((member) => member.endsWith('/data.pkl'))!
    let refused = 0
    for (let n = 0; n < 60; n++) {
      const changed = members[name].slice()
      changed[random(changed.length)] = random(256)
      const found = outcome(archive({ ...members, [name]: changed }))
      if (found instanceof CrystalOnnxError) refused++
      else for (const { data } of found.weights.values()) expect(data.every(Number.isFinite)).toBe(true)
    }
    expect(refused).toBeGreaterThan(20)
  })
})

/** A dictionary with one entry, the value being what the parts leave on the stack. */
const dict = (key: string, ...value: (string | number | Uint8Array)[]) =>
  pickle(0x80, 2, '}', text(key), ...value, 's.')
const calls = (global: string, argument = 'touch executed-by-the-reader') =>
  saved(dict('state_dict', `c${global}\n`, '(', text(argument), 't', 'R'))
const described = (...window: [number, number[], number[], number?]) =>
  saved(dict('state_dict', '}', text('w'), tensor('0', ...window), 's'), { 0: new Uint8Array(16) })

const ZEROS = 2 ** 25
/** `archive` with a 32-bit field of the last directory entry replaced. */
function claiming(bytes: Uint8Array, field: number, value: number): Uint8Array {
  const changed = bytes.slice()
  const view = new DataView(changed.buffer)
  let entry = changed.length - 4
  while (view.getUint32(entry, true) !== 0x02014b50) entry--
  view.setUint32(entry + field, value, true)
  return changed
}
const bomb = archive({ 'x/data.pkl': new Uint8Array(ZEROS) }, 9)

const deflated = saved(
  dict('state_dict', '}', text('w'), tensor('0', 4, [4], [1]), 's'),
  { 0: new Uint8Array(16) },
  9,
)
const SET_OF_LIST = pickle('c__builtin__\nset\n', 'h', 0, 0x85, 'R0')

const attacks: [string, Uint8Array, RegExp][] = [
  ['os.system', calls('os\nsystem'), /"os\.system"/],
  ['posix.system', calls('posix\nsystem'), /"posix\.system"/],
  ['eval', calls('builtins\neval'), /"builtins\.eval"/],
  ['exec of Python 2', calls('__builtin__\nexec'), /"__builtin__\.exec"/],
  ['getattr', calls('builtins\ngetattr'), /"builtins\.getattr"/],
  ['torch.hub', calls('torch.hub\nload'), /"torch\.hub\.load"/],
  ['a pickle in a storage', calls('torch.storage\n_load_from_bytes'), /_load_from_bytes/],
  ['a name of the prototype', calls('constructor\nconstructor'), /"constructor\.constructor"/],
  ['a stacked name', saved(pickle(0x80, 4, text('os'), text('system'), 0x93, '.')), /"os\.system"/],
  [
    'an old-style instance',
    saved(pickle(0x80, 2, '(', text('x'), 'ios\nsystem\n', '.')),
    /unknown instruction 0x69/,
  ],
  ['an extension code', saved(pickle(0x80, 2, 0x82, 1, '.')), /unknown instruction 0x82/],
  [
    'a storage that is called',
    saved(dict('state_dict', 'ctorch\nFloatStorage\n', ')', 'R')),
    /calls what is no function/,
  ],
  ['state on a list', saved(dict('state_dict', ']', '}', 'b')), /attributes of what is no dictionary/],
  ['a deflate bomb as the pickle', bomb, /33554432 bytes, at most/],
  ['a bomb that claims to be small', claiming(bomb, 24, 1000), /more than the 1000 bytes it claims/],
  ['a member that claims 4 GB', claiming(bomb, 24, 0xfffffff0), /4294967280 bytes, at most/],
  ['a storage that claims 4 GB', claiming(deflated, 24, 0xfffffff0), /inflates to more than/],
  ['a storage that claims 200 MB', claiming(deflated, 24, 2e8), /cannot inflate to the 200000000/],
  ['a member beyond the file', claiming(saved(pickle('N.')), 42, 0x7fffffff), /not where the directory says/],
  ['a shape of 2⁶² elements', described(4, [2 ** 31 - 1, 2 ** 31 - 1], [0, 0]), /33554432 numbers/],
  ['a shape beyond its storage', described(4, [5], [1]), /reaches element 4 of 4/],
  ['strides beyond its storage', described(4, [2, 2], [2 ** 30, 1]), /reaches element/],
  ['an offset beyond its storage', described(4, [1], [1], 2 ** 30), /reaches element/],
  ['a negative size', described(4, [-1], [1]), /shape and strides/],
  ['a negative stride', described(4, [2], [-1], 1), /shape and strides/],
  ['17 axes', described(1, Array(17).fill(1), Array(17).fill(1)), /at most 16/],
  ['a storage larger than its member', described(2 ** 30, [4], [1]), /16 bytes, expected 1073741824/],
  ['100,000 nested lists', saved(pickle(']'.repeat(1e5), 'a'.repeat(1e5 - 1), '.')), /no dictionary/],
  [
    'nested lists as the state',
    saved(dict('state_dict', ']'.repeat(1e5), 'a'.repeat(1e5 - 1))),
    /no dictionary/,
  ],
  ['half a million dictionaries', saved(pickle('('.repeat(1), '}'.repeat(6e5), 't.')), /500000 instructions/],
  ['half a million marks', saved(pickle('('.repeat(6e5), '.')), /500000 instructions/],
  [
    'sets of a long list, again and again',
    saved(pickle(']q', 0, '(', 'N'.repeat(2e5), 'e', ...Array(50).fill(SET_OF_LIST), '.')),
    /500000 instructions/,
  ],
  ['an integer of 255 bytes', saved(pickle(0x80, 2, 0x8a, 255, new Uint8Array(255), '.')), /255 bytes/],
  ['a text of 4 GB', saved(pickle(0x80, 2, 'X', uint32(0xffffffff), 'x.')), /truncated pickle/],
  ['text that is not UTF-8', saved(pickle(0x80, 2, 'X', uint32(1), 0xff, '.')), /not UTF-8/],
  ['nothing on the stack', saved(pickle(0x80, 2, 'a.')), /nothing to take/],
  ['a list that holds itself', saved(dict('state_dict', ']q', 0, 'h', 0, 'a')), /no dictionary/],
  ['an unknown memory', saved(pickle(0x80, 2, 'h', 9, '.')), /nothing is remembered as 9/],
  ['a newer protocol', saved(pickle(0x80, 6, 'N.')), /protocol 6 is newer/],
  ['a pickle in pieces', saved(pickle(0x80, 2, '}')), /truncated pickle/],
  ['another dictionary', saved(dict('weights', 'K', 1)), /"weights" is no tensor/],
  ['a number', saved(pickle('K', 1, '.')), /holds no dictionary/],
  ['a tensor of no network', described(4, [2, 2], [1, 1]), /not part of the architecture: w/],
]

describe('attacks', () => {
  for (const [name, bytes, message] of attacks) {
    it(name, () => {
      const found = outcome(bytes)
      expect(found).toBeInstanceOf(CrystalOnnxError)
      expect((found as Error).message).toMatch(message)
    })
  }

  it('hyper-parameters that reach for the prototype or for themselves', () => {
    const hostile = pickle('}', text('__proto__'), '}', 's', text('embedding_dim'), ']q', 7, 'h', 7, 'a', 's')
    const file = saved(
      pickle(0x80, 2, '}', text('state_dict'), '}', 's', text('hyper_parameters'), hostile, 's.'),
    )
    expect(outcome(file)).toBeInstanceOf(CrystalOnnxError)
    expect(({} as Record<string, unknown>).embedding_dim).toBeUndefined()
    const named = saved(
      pickle(
        0x80,
        2,
        '}',
        text('state_dict'),
        '}',
        's',
        text('hyper_parameters'),
        '}',
        text('k_dim'),
        tuple([1]),
        's',
        's.',
      ),
    )
    expect((outcome(named) as Error).message).toMatch(/k_dim is \[1\], expected 0/)
  })
})
