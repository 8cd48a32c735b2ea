// What a graph takes that joins the requests of a batch itself (exporters/triton/ragged.ts), beside the same graph with tables
// of the shape that suits each batch best: the same crystals in the same batches, one thread, in turns. Runs alone: what a
// host makes of a crystal is the same work for both.

import { behind } from '../exporters/onnx/file/front.ts'
import { decodeModel, encodeModel } from '../exporters/onnx/proto.ts'
import { raggedBatch } from '../exporters/triton/feeds.ts'
import { raggedFront } from '../exporters/triton/ragged.ts'
import { readModelFile } from '../runtimes/model-file.ts'
import { openSession } from '../runtimes/node/session.ts'
import { prepare } from '../runtimes/prepare.ts'
import { OUTPUT } from '../runtimes/runtime.ts'
import type { Feeds, Session } from '../runtimes/session.ts'
import { CrystalOnnxError } from '../src/errors.ts'
import { median } from '../src/math/median.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { groupAlike } from '../src/periodic/group.ts'
import type { TableCrystal } from '../src/periodic/prepare.ts'
import { framedWeights } from './crystalframer.ts'
import { exportFullSize, fullSizeWeights } from './inference.ts'
import { mixes } from './workload.ts'

/** M */
const IMAGES = [1, 2, 4, 8]
/** Of a batch. */
const ATOMS = 100

export interface RaggedResult {
  readonly network: string
  readonly mix: string
  readonly images_per_slot: number
  /** median over the passes of the time over that of tables, and the least and most */
  readonly ratio: number
  readonly spread: readonly [number, number]
  /** of the largest prediction */
  readonly difference: number
  /** nodes in front of the graph */
  readonly nodes: number
}

export async function benchRagged(
  passes: number,
  onProgress: (message: string) => void,
): Promise<RaggedResult[]> {
  const results: RaggedResult[] = []
  const networks = { crystalformer: fullSizeWeights(), crystalframer: framedWeights('crystalframer') }
  for (const [network, { weights }] of Object.entries(networks)) {
    onProgress(`exporting ${network}`)
    const { bytes, card } = await exportFullSize(weights)
    const { inputs } = readModelFile(bytes)
    const model = decodeModel(bytes)
    const open = (file: Uint8Array) => openSession(file, { device: 'cpu', threads: 1 })
    const tables = await open(bytes)
    const fronts = await Promise.all(
      IMAGES.map(async (M) => {
        const front = raggedFront(model.opset, inputs, M)
        return { M, nodes: front.nodes.length, session: await open(encodeModel(behind(front, model))) }
      }),
    )
    for (const { name: mix, crystals } of mixes().mixes) {
      onProgress(`${network}, ${mix}`)
      const able = crystals.flatMap((crystal) => {
        try {
          return [prepare(card, crystal, { oneOfEachOrbit: true }) as TableCrystal]
        } catch (error) {
          if (error instanceof CrystalOnnxError) return []
          throw error
        }
      })
      const batches = groupAlike(able, ATOMS).map((group) => group.map((n) => able[n]))
      const ways = [
        { session: tables, feeds: batches.map((batch) => packBatch(batch).tensors as Feeds), M: 0, nodes: 0 },
        ...fronts.map((front) => ({
          ...front,
          feeds: batches.map((batch) => raggedBatch(batch, front.M) as Feeds),
        })),
      ]
      const taken = ways.map((): { ms: number; values: number[] }[] => [])
      for (let pass = 0; pass <= passes; pass++) {
        for (const [n, { session, feeds }] of ways.entries()) {
          const run = await timed(session, feeds)
          // The first pass warms up.
          if (pass > 0) taken[n].push(run)
        }
      }
      for (const [n, { M, nodes }] of ways.entries()) {
        if (n === 0) continue
        const ratios = taken[n].map(({ ms }, pass) => ms / taken[0][pass].ms)
        results.push({
          ...{ network, mix, images_per_slot: M, nodes },
          ratio: median(ratios),
          spread: [Math.min(...ratios), Math.max(...ratios)],
          difference: largestDifference(taken[n][0].values, taken[0][0].values),
        })
      }
    }
    for (const { session } of [{ session: tables }, ...fronts]) await session.release()
  }
  return results
}

async function timed(session: Session, batches: readonly Feeds[]) {
  const values: number[] = []
  const start = performance.now()
  for (const feeds of batches) values.push(...(await session.run(feeds))[OUTPUT].data)
  return { ms: performance.now() - start, values }
}

function largestDifference(found: readonly number[], expected: readonly number[]): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return found.reduce((worst, value, n) => Math.max(worst, Math.abs(value - expected[n])), 0) / scale
}
