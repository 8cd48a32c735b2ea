// A model file as something to train on from: its weights, and what they were trained with.

import type { Mode } from '../models/geometry.ts'
import type { WeightTensor } from '../models/safetensors.ts'
import { ConfigError } from '../src/errors.ts'
import type { Card } from './card.ts'
import { readModelFile } from './model-file.ts'
import { checkSeal } from './seal.ts'
import { storedWeights } from './stored-weights.ts'

/** What `train` takes as `from`, and more of what the file says of its training. */
export interface TrainedFile {
  /** By name; of a file of float16 or int8 as they were rounded. */
  readonly weights: ReadonlyMap<string, WeightTensor>
  /** Of the network. */
  readonly config: Card['config']
  /** With the scaling that the network was trained with. */
  readonly targets: Card['targets']
  /** Which images are summed over. */
  readonly mode: Mode
  /** Å, of a network that looks at the atoms within a radius; null otherwise. */
  readonly radius: number | null
}

/**
 * The trained network in a model file.
 * @throws ModelFileError for a damaged file, or one without a card or a table of its weights; ConfigError for an ensemble, whose members
 *   are trained one by one
 */
export async function trainedFile(bytes: Uint8Array, file = 'model'): Promise<TrainedFile> {
  const read = readModelFile(bytes, file)
  await checkSeal(bytes, read, file)
  const { card } = read
  if (card.outputs.includes('members')) {
    throw new ConfigError(
      `${file}: an ensemble, whose members are trained one by one; train on from the file of one of them`,
    )
  }
  const { config, targets, mode, geometry } = card
  return {
    weights: storedWeights(bytes, file),
    ...{ config, targets, mode },
    radius: geometry.images?.kind === 'sphere' ? geometry.images.radius : null,
  }
}
