// The attention of an engine that does not give it: from an evaluator of onnxruntime beside it, which is opened when
// somebody asks.

import type { Card } from './card.ts'
import type { Evaluator } from './evaluator.ts'
import { requireOutput } from './outputs.ts'

/** @param openGraph the model on onnxruntime */
export function attentionBeside(
  card: Card,
  openGraph: () => Promise<Evaluator>,
): Pick<Evaluator, 'attention' | 'release'> {
  let graph: Promise<Evaluator> | undefined
  return {
    async attention(crystal) {
      // Before anything is opened, or downloaded, for it.
      requireOutput(card, 'attention')
      graph ??= openGraph().catch((error) => {
        // What was missing, memory or a network, may be there at the next call.
        graph = undefined
        throw error
      })
      return (await graph).attention(crystal)
    },
    async release() {
      const opened = await graph?.catch(() => undefined)
      await opened?.release()
    },
  }
}
