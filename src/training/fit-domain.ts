// The domain of trained weights: what the network has seen in training, and how wrong it is on what was held out.

import type { NetworkConfig } from '../../models/network.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { fitDomain, type Sample } from '../domain/fit.ts'
import type { Domain } from '../domain/section.ts'
import type { Feed } from '../engines/feed.ts'
import { sampleOf } from './domain-sample.ts'
import { embeddingsOf, predict, valuesOf } from './evaluate.ts'
import type { PreparedSet } from './prepared.ts'
import { disposeAll, type TensorMap, uploadWeights } from './tensors.ts'

/** Undefined where too few crystals were held out to say anything. */
export async function fitRunDomain(
  weights: Weights,
  config: NetworkConfig,
  { train, val, leftOut }: Readonly<Record<'train' | 'val' | 'leftOut', PreparedSet>>,
  scaling: readonly TargetScaling[],
  feed: Feed,
): Promise<Domain | undefined> {
  const parameters = uploadWeights(weights)
  try {
    const few = (set: PreparedSet) => samplesOf(parameters, config, set.some(sampleOf(set)), scaling, feed)
    const [learned, heldOut, byChemistry] = [await few(train), await few(val), await few(leftOut)]
    return fitDomain({ targets: scaling, learned, heldOut, byChemistry })
  } finally {
    disposeAll(parameters)
  }
}

async function samplesOf(
  parameters: TensorMap,
  config: NetworkConfig,
  set: PreparedSet,
  scaling: readonly TargetScaling[],
  feed: Feed,
): Promise<Sample[]> {
  const embeddings = embeddingsOf(set.length)
  const values = await predict(parameters, config, set, scaling, feed, embeddings.add)
  return Array.from(valuesOf(set, values), (of, c) => ({
    structure: set.labelled(c).structure,
    embedding: embeddings.at(c),
    ...of,
  }))
}
