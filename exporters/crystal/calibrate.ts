// How wide the Gaussians of a trained network really are. The radius of the converged sum follows from the widest σ a
// head may take, r0/√b; on real crystals ρ stays above its bound b, and a smaller radius is as exact.

import * as tf from '@tensorflow/tfjs-core'
import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { checkTrained, networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { ConfigError } from '../../src/errors.ts'
import { packBatch } from '../../src/periodic/batch.ts'
import { streamByAtoms } from '../../src/periodic/group.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import { batchTensors, withParameters } from './tensors.ts'

/** Other crystals may go below what was seen: a tenth of ρ is five hundredths of the radius. */
const MARGIN = 0.1
/** Atoms a forward pass. */
const MAX_ATOMS = 100

/** The radius that real crystals need, in terms of ρ: the width of a head is σ = r0/√ρ. */
export interface Calibration {
  /** how many were looked at */
  readonly crystals: number
  /** the smallest ρ of any atom, head and block */
  readonly observedRho: number
  /** what the radius should follow from: the smallest ρ less a margin, at least b */
  readonly smallestRho: number
}

/** How to go through the crystals. */
export interface CalibrateOptions {
  /** Ends the search between two batches, with its reason. */
  readonly signal?: AbortSignal
  /** Crystals done so far. */
  readonly onProgress?: (done: number) => void
}

/**
 * The smallest ρ over a set of crystals, evaluated on the current tfjs backend.
 * @throws ConfigError when there are no crystals or no heads in real space; ElementError or LimitError for a crystal.
 */
export async function calibrate(
  weights: Weights,
  config: NetworkConfig,
  structures: Iterable<Structure> | AsyncIterable<Structure>,
  { signal, onProgress }: CalibrateOptions = {},
): Promise<Calibration> {
  checkTrained(weights, config)
  const network = networkOf(config)
  const { calibration } = network
  const { geometry } = network.geometry(config, 'converged', {})
  if (!calibration || !geometry.images) {
    throw new ConfigError(`this ${network.title} has no cutoff radius to calibrate; leave --calibrate out`)
  }

  async function* prepared() {
    for await (const structure of structures) yield prepareCrystal(structure, geometry, ELEMENT_TABLE)
  }
  let crystals = 0
  let observedRho = Number.POSITIVE_INFINITY
  await withParameters(weights, async (parameters) => {
    for await (const group of streamByAtoms(prepared(), MAX_ATOMS)) {
      signal?.throwIfAborted()
      const smallest = tf.tidy(() => {
        const found: tf.Tensor[] = []
        const trace = (name: string, value: tf.Tensor) => {
          if (name.endsWith(calibration.traced)) found.push(tf.keep(tf.min(value)))
        }
        network.forward(parameters, config, batchTensors(packBatch(group)), { trace })
        return found
      })
      for (const rho of smallest) observedRho = Math.min(observedRho, (await rho.data())[0])
      tf.dispose(smallest)
      crystals += group.length
      onProgress?.(crystals)
    }
  })
  if (crystals === 0) throw new ConfigError('there are no crystals to calibrate the radius with')
  const smallestRho = Math.max(calibration.lowerBound(config), observedRho * (1 - MARGIN))
  return { crystals, observedRho, smallestRho }
}
