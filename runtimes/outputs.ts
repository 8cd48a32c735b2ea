// What a graph can give besides its prediction, where it was exported with `--outputs`: names and what to say where it
// does not.

import { ConfigError } from '../src/errors.ts'
import type { GraphGeometry, TableGeometry } from '../src/periodic/types.ts'
import type { Card } from './card.ts'

/** The pooled atoms before the head, [C, d]. */
export const EMBEDDING = 'embedding'
/** What each member of an ensemble gives, [C, members, targets]. */
export const MEMBERS = 'members'
/** Attention weights of block l, [A, H, M·S]. */
export const attentionName = (l: number): string => `attention.${l}`
/** Frames of block l, axes as rows, [A, H, 3, 3]; of a CrystalFramer. */
export const framesName = (l: number): string => `frames.${l}`

/** Numbers of the blocks whose attention is among the outputs of a graph. */
export function attendingBlocks(outputs: readonly string[]): number[] {
  return outputs.flatMap((name) => {
    const l = /^attention\.(\d+)$/.exec(name)?.[1]
    return l === undefined ? [] : [Number(l)]
  })
}

/** The geometry of a network that attends to images. @throws ConfigError for another one. */
export function geometryWithImages({ geometry }: Card): TableGeometry | GraphGeometry {
  if (geometry.images) return geometry
  throw new ConfigError('this network works in reciprocal space only: it has no attention over images')
}

/** @throws ConfigError for a graph that does not give the output, saying how to export it. */
export function requireOutput(card: Card, output: Card['outputs'][number]): void {
  if (!card.outputs.includes(output)) {
    throw new ConfigError(
      `the model gives no ${output}: export it again with --outputs ${output}, or option outputs: ['${output}']`,
    )
  }
}
