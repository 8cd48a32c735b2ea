// The embedding of a crystal: its pooled atoms just before the head of the network, for use as features elsewhere.

import type { Card } from './card.ts'
import { EMBEDDING, requireOutput } from './outputs.ts'
import { finite, type Question } from './predict.ts'
import type { Device } from './runtime.ts'

/** A crystal as the network sees it just before its head. */
export interface Embedding {
  /** [d] */
  readonly embedding: Float32Array
  /** Milliseconds: in a batch, this crystal's share by atoms. */
  readonly ms: number
}

/** What `model.embed` asks. @throws ConfigError when the graph does not give it. */
export function embeddingOf(card: Card, device: Device): Question<Embedding> {
  requireOutput(card, 'embedding')
  return {
    outputs: [EMBEDDING],
    read({ [EMBEDDING]: { data, dims } }, c, ms) {
      const d = dims[1]
      return { embedding: finite(data.slice(c * d, (c + 1) * d), device), ms }
    },
  }
}
