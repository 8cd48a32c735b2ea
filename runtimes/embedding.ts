// The embedding of a crystal: its pooled atoms just before the head of the network, for use as features elsewhere.

import type { Card } from './card.ts'
import { EMBEDDING, requireOutput } from './outputs.ts'
import type { Question } from './predict.ts'

/** A crystal as the network sees it just before its head. */
export interface Embedding {
  /** [d] */
  readonly embedding: Float32Array
  /** Milliseconds: its tables, and in a batch this crystal's share by atoms. */
  readonly ms: number
}

/** What `model.embed` asks. @throws ConfigError when the graph does not give it. */
export function embeddingOf(card: Card): Question<Embedding> {
  requireOutput(card, 'embedding')
  return {
    outputs: [EMBEDDING],
    // A row is a view of those of the whole run.
    read: ({ rows, ms }) => ({ embedding: rows[EMBEDDING].slice(), ms }),
  }
}
