// The seal: whatever changes in a sealed file, it does not load; older files load and say so. The file's bytes are
// changed here without the toolkit, as a disk, a network or an editor would change them.

import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { appendMetadata } from '../../exporters/crystal/metadata.ts'
import { CARD_KEY, type Card } from '../../runtimes/card.ts'
import { load } from '../../runtimes/node/load.ts'
import { sealed } from '../../runtimes/seal.ts'
import { ModelFileError } from '../../src/errors.ts'
import { withCard } from '../exporters/crystal/exported.ts'
import { chain, exported } from './models.ts'

const HERE = { device: 'cpu', threads: 1, worker: false } as const
const file = Buffer.from(exported.bytes)
/** The entry behind everything else: tag, length, key, value. */
const SEAL_BYTES = 4 + 'crystal-onnx.seal'.length + 2 + 64
const body = file.subarray(0, -SEAL_BYTES)

/** The file with other text in its card, of the same length, so that every length in the protobuf stays right. */
function cardText(from: string, to: string): Buffer {
  const at = file.lastIndexOf(from)
  expect(at, from).toBeGreaterThan(0)
  expect(to).toHaveLength(from.length)
  const changed = Buffer.from(file)
  changed.write(to, at)
  return changed
}

/** An older file: the card of the format before, and no seal. */
function unsealed(change: (card: Card) => object = (card) => card): Uint8Array {
  const card = change({ ...structuredClone(exported.card), format: 1 })
  return appendMetadata(body, [[CARD_KEY, JSON.stringify(card)]])
}

/** Numbers in [0, n), the same ones every time. */
function random(seed: number): (n: number) => number {
  let state = seed
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

describe('a sealed file', () => {
  it('ends with SHA-256 of all bytes before', () => {
    const digest = createHash('sha256').update(body).digest('hex')
    expect(file.subarray(-64).toString()).toBe(digest)
    expect(file.subarray(-SEAL_BYTES).toString('latin1')).toContain('crystal-onnx.seal')
  })

  it('loads, and says that it is sealed', async () => {
    const model = await load(file, HERE)
    expect(model.sealed).toBe(true)
    await model.dispose()
  })

  it('does not load with a changed bit or byte: 10,000 mutations', async () => {
    const below = random(7)
    const accepted: string[] = []
    for (let n = 0; n < 10_000; n++) {
      const changed = Buffer.from(file)
      // Every seventh in the last stretch: the card and the seal itself.
      const at = n % 7 === 0 ? file.length - 1 - below(4000) : below(file.length)
      if (n % 2 === 0) changed[at] ^= 1 << below(8)
      else changed[at] = (changed[at] + 1 + below(255)) % 256
      const refused = await load(changed, { ...HERE, selfCheck: false }).then(
        (model) => model.dispose().then(() => undefined),
        (error) => error,
      )
      if (!(refused instanceof ModelFileError)) accepted.push(`byte ${at}: ${refused}`)
    }
    expect(accepted).toEqual([])
  })

  it.each([
    ['unit', '"unit":"eV/atom"', '"unit":"meV/at."'],
    ['mean', '"mean":-1.4', '"mean":-1.3'],
    ['std', '"std":1.1', '"std":9.1'],
    ['elements', '"elements":[1,2,3', '"elements":[3,2,1'],
    ['tolerance', '"tolerance":0.00003', '"tolerance":0.00093'],
    ['mode', '"mode":"converged"', '"mode":"published"'],
    ['format', '"format":2', '"format":1'],
  ])('does not load with another %s', async (_, from, to) => {
    await expect(load(cardText(from, to), HERE)).rejects.toThrow(ModelFileError)
    await expect(load(cardText(from, to), HERE)).rejects.toThrow(/damaged or edited|invalid card/)
  })

  it('does not load without its seal, with bytes behind it, or with that of another file', async () => {
    const other = await withCard(exported, (card) => ({ ...card, toolkit: 'another' }))
    for (const changed of [
      body,
      Buffer.concat([file, file.subarray(-SEAL_BYTES)]),
      Buffer.concat([body, other.subarray(-SEAL_BYTES)]),
      appendMetadata(file, [['note', 'appended']]),
    ]) {
      await expect(load(changed, HERE)).rejects.toThrow(
        /^model: damaged or edited: .*export the model again$/,
      )
    }
  })

  it('has the same seal from memory that threads share, and where a page has no SHA-256 of its own', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(body.length))
    shared.set(body)
    expect(Buffer.from(await sealed(shared))).toEqual(file)
    const { crypto } = globalThis
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true })
    try {
      expect(Buffer.from(await sealed(body))).toEqual(file)
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true })
    }
  })
})

describe('a file from before seals', () => {
  it('loads, predicts the same, and says that changes to it would not be noticed', async () => {
    const warnings: string[] = []
    const [older, newer] = [
      await load(unsealed(), { ...HERE, onWarning: (warning) => warnings.push(warning) }),
      await load(file, HERE),
    ]
    expect(older.sealed).toBe(false)
    expect(warnings).toEqual([expect.stringMatching(/^model was exported before .*export the model again$/)])
    expect((await older.predict(chain(5))).value).toBe((await newer.predict(chain(5))).value)
    await Promise.all([older.dispose(), newer.dispose()])
  })

  it.each<[string, (card: Card) => object, RegExp]>([
    ['std 0', (card) => withTarget(card, { std: 0 }), /std/],
    ['a negative std', (card) => withTarget(card, { std: -1 }), /std/],
    ['no unit', (card) => withTarget(card, { unit: '' }), /unit/],
    ['an element twice', (card) => ({ ...card, elements: [1, 1, ...card.elements.slice(2)] }), /twice/],
    ['any tolerance', (card) => ({ ...card, tolerance: 1e9 }), /tolerance/],
    ['an error bound above 1', (card) => ({ ...card, error_bound: 2 }), /error_bound/],
    ['no end of atoms a run', (card) => ({ ...card, max_atoms: 2 ** 40 }), /max_atoms/],
    [
      'more targets than columns',
      (card) => ({
        ...card,
        targets: [...card.targets, ...card.targets],
        golden: card.golden.map((sample) => ({ ...sample, value: [0, 0] })),
      }),
      /1 values a crystal, its card names 2 targets/,
    ],
    [
      'a radius that takes minutes',
      (card) => withRadius(card, 99),
      /periodic images in reach, expected at most/,
    ],
  ])('is refused with %s', async (_, change, message) => {
    await expect(load(unsealed(change), HERE)).rejects.toThrow(ModelFileError)
    await expect(load(unsealed(change), HERE)).rejects.toThrow(message)
  })
})

function withTarget(card: Card, target: Partial<Card['targets'][number]>): Card {
  return { ...card, targets: [{ ...card.targets[0], ...target }] }
}

function withRadius(card: Card, radius: number): Card {
  const sample = card.golden[0]
  return {
    ...card,
    geometry: { ...card.geometry, images: { kind: 'sphere', radius } },
    golden: Array.from({ length: 8 }, () => sample),
  }
}
