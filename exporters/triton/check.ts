// Runs a graph with a front on the golden samples of its card: all together, in the other order, and alone. Whatever stands
// beside a crystal, its value is the same.

import { type Card, targetError } from '../../runtimes/card.ts'
import { readMetadata } from '../../runtimes/metadata.ts'
import { OUTPUT } from '../../runtimes/runtime.ts'
import { structure } from '../../src/crystal/structure.ts'
import { ExportError } from '../../src/errors.ts'
import { openFile } from '../onnx/verify/session.ts'
import { cellFeeds, raggedFeeds } from './feeds.ts'
import type { Layout } from './names.ts'

/** The largest relative error. @throws ExportError for one that is larger than the card allows */
export async function checkLayout(
  bytes: Uint8Array,
  card: Card,
  layout: Exclude<Layout, 'tables'>,
): Promise<number> {
  const inputs = readMetadata(bytes).inputs.map(({ name }) => name)
  const session = await openFile({ bytes }, inputs)
  const all = [...card.golden.keys()]
  let worst = 0
  try {
    for (const batch of [all, all.toReversed(), all.slice(0, 1)]) {
      const crystals = batch.map((n) => structure(card.golden[n]))
      const feeds = layout === 'cells' ? cellFeeds(crystals) : raggedFeeds(crystals, card)
      const given = new Map(
        Object.entries(feeds).map(([name, { data, dims }]) => [
          name,
          { dtype: data instanceof Int32Array ? ('int32' as const) : ('float32' as const), data, dims },
        ]),
      )
      const found = (await session.run(given)).get(OUTPUT)!
      for (const [row, n] of batch.entries()) worst = Math.max(worst, checked(found, row, card, n))
    }
  } finally {
    await session.release()
  }
  return worst
}

function checked(
  { data, dims }: { readonly data: ArrayLike<number>; readonly dims: readonly number[] },
  row: number,
  { golden, targets, tolerance }: Card,
  n: number,
): number {
  const columns = dims.at(-1)!
  return golden[n].value.reduce((worst, right, t) => {
    const found = data[row * columns + t]
    const error = targetError(found, right, targets[t])
    if (error <= tolerance) return Math.max(worst, error)
    throw new ExportError(
      `in a batch, golden sample "${golden[n].name}" gives ${found}, expected ${right}; this is a fault of the exporter`,
    )
  }, 0)
}
