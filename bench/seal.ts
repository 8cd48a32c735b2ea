// What the seal of a model file costs when it is loaded, beside the whole load in the same process; and how soon a changed
// file is refused: bits, bytes, and edits of the card that leave the protobuf valid.

import { appendMetadata } from '../exporters/crystal/metadata.ts'
import { CARD_KEY, type Card } from '../runtimes/card.ts'
import { readModelFile } from '../runtimes/model-file.ts'
import { load } from '../runtimes/node/load.ts'
import { checkSeal } from '../runtimes/seal.ts'
import { ModelFileError } from '../src/errors.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'

const HERE = { device: 'cpu', threads: 1, worker: false } as const
const PASSES = 20

export interface SealResult {
  readonly bytes: number
  /** Median milliseconds. */
  readonly load_ms: number
  readonly seal_ms: number
  readonly seal_ms_per_mb: number
  readonly mutations: number
  /** Changed files that loaded all the same. */
  readonly accepted: number
  readonly refused_ms: { readonly median: number; readonly p99: number; readonly most: number }
}

export async function benchSeal(
  mutations: number,
  onProgress: (message: string) => void,
): Promise<SealResult> {
  const { weights } = fullSizeWeights()
  onProgress('exporting a full-size network')
  const { bytes, card } = await exportFullSize(weights)
  const file = readModelFile(bytes)
  const loads: number[] = []
  const seals: number[] = []
  for (let pass = 0; pass < PASSES; pass++) {
    loads.push(await timed(async () => (await load(bytes, HERE)).dispose()))
    seals.push(await timed(() => checkSeal(bytes, file)))
  }
  onProgress(`${mutations} changed files`)
  const refused: number[] = []
  let accepted = 0
  for (let n = 0; n < mutations; n++) {
    const changed = n % 3 === 2 ? withOtherCard(bytes, card, n) : withOtherByte(bytes, n % 3 === 0)
    refused.push(
      await timed(async () => {
        const outcome = await load(changed, { ...HERE, selfCheck: false }).catch((error: unknown) => error)
        if (!(outcome instanceof ModelFileError)) accepted++
      }),
    )
  }
  const seal_ms = quantile(seals, 0.5)
  return {
    bytes: bytes.length,
    load_ms: quantile(loads, 0.5),
    seal_ms,
    seal_ms_per_mb: seal_ms / (bytes.length / 2 ** 20),
    mutations,
    accepted,
    refused_ms: { median: quantile(refused, 0.5), p99: quantile(refused, 0.99), most: quantile(refused, 1) },
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

function withOtherByte(bytes: Uint8Array, bit: boolean): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const at = Math.floor(Math.random() * bytes.length)
  changed[at] ^= bit ? 1 << Math.floor(Math.random() * 8) : 1 + Math.floor(Math.random() * 255)
  return changed
}

/** What somebody would edit in a card. */
const EDITS: readonly ((card: Card) => object)[] = [
  (card) => ({ ...card, targets: [{ ...card.targets[0], unit: 'meV' }] }),
  (card) => ({ ...card, targets: [{ ...card.targets[0], mean: Math.random() }] }),
  (card) => ({ ...card, targets: [{ ...card.targets[0], std: 1 + Math.random() }] }),
  (card) => ({ ...card, elements: [...card.elements].reverse() }),
  (card) => ({ ...card, tolerance: 1e-3 * Math.random() }),
  (card) => ({ ...card, mode: 'published' }),
  (card) => ({ ...card, geometry: { ...card.geometry, images: { kind: 'sphere', radius: 99 } } }),
  (card) => ({ ...card, golden: card.golden.slice(1) }),
  (card) => ({ ...card, format: 1 }),
]

/** Put behind the card that is there: of two under one key the later counts. */
function withOtherCard(bytes: Uint8Array, card: Card, n: number): Uint8Array {
  return appendMetadata(bytes, [[CARD_KEY, JSON.stringify(EDITS[n % EDITS.length](card))]])
}
