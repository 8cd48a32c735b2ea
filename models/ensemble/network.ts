// An ensemble as a network: its members look at the same batch, and the prediction is the mean of theirs. What is made of
// the images, and not of weights, is made once for all of them.

import * as tf from '@tensorflow/tfjs-core'
import { WeightsError } from '../../src/errors.ts'
import type { Network, NetworkConfig } from '../network.ts'
import type { Weights } from '../safetensors.ts'
import { type EnsembleConfig, ensembleConfig, type FindNetwork } from './config.ts'
import { ensembleGeometry } from './geometry.ts'
import { memberPrefix, ofAll, ofMember } from './members.ts'
import { ENSEMBLE } from './name.ts'

/** The configuration that weights belong to. @throws WeightsError, ConfigError */
export type InferConfig = (weights: Weights, given: Readonly<Record<string, unknown>>) => NetworkConfig

/**
 * @param find the networks of members
 * @param infer the configurations of members
 */
export function ensembleNetwork(find: FindNetwork, infer: InferConfig): Network<EnsembleConfig> {
  const each = <T>(
    { members }: EnsembleConfig,
    of: (member: NetworkConfig, network: Network, n: number) => T,
  ): T[] => members.map((member, n) => of(member, find(member), n))
  const network: Network<EnsembleConfig> = {
    ...ENSEMBLE,
    configure: (input) => ensembleConfig(input, find),
    describe: (config) =>
      `${config.members.length} members: ${each(config, (member, { title, describe }) => `${title}, ${describe(member)}`).join('; ')}`,
    parameterShapes: (config) =>
      ofAll(each(config, (member, { parameterShapes }) => parameterShapes(member))),
    isTrainable: () => true,
    initialise: (config, seed) =>
      ofAll(each(config, (member, { initialise }, n) => initialise(member, seed + n))),
    lastLayer: (config) =>
      each(config, (member, { lastLayer }, n) =>
        [lastLayer(member)].flat().map((name) => memberPrefix(n) + name),
      ).flat(),
    checkTrained: (weights, config) =>
      void each(config, (member, { checkTrained }, n) => checkTrained?.(ofMember(weights, n), member)),
    claims: (names) => names.size > 0 && [...names].every((name) => /^members\.\d+\./.test(name)),
    inferConfig(weights, given) {
      const known = (given.members ?? []) as readonly Readonly<Record<string, unknown>>[]
      const members: NetworkConfig[] = []
      for (;;) {
        const own = ofMember(weights, members.length)
        if (own.size === 0) break
        members.push(infer(own, known[members.length] ?? {}))
      }
      if (members.length < 2) {
        throw new WeightsError('weights of an ensemble: expected those of member 0, 1 and so on')
      }
      return ensembleConfig({ ...given, architecture: ENSEMBLE.name, members }, find)
    },
    modes: ['converged'],
    geometry: (config, _, options) => ensembleGeometry(config, options, find),
    sumsOverImages: (config) =>
      Math.max(...each(config, (member, { sumsOverImages }) => sumsOverImages(member))),
    inputNames: (config, mode) => [
      ...new Set(each(config, (member, { inputNames }) => inputNames(member, mode)).flat()),
    ],
    forward: (parameters, config, inputs, { trace, ...options } = {}) =>
      tf.tidy(() => {
        const named = new Map(Object.entries(parameters))
        const pooled: tf.Tensor[] = []
        const values = each(config, (member, { forward }, n) => {
          const own = Object.fromEntries(ofMember(named, n))
          return forward(own, member, inputs, {
            ...options,
            trace(name, value) {
              // A member disposes of what it shows.
              if (name === 'pooled') pooled.push(tf.keep(value))
              else trace?.(`member${n}/${name}`, value)
            },
          })
        })
        trace?.('pooled', tf.concat(pooled, 1))
        trace?.('members', tf.stack(values, 1))
        tf.dispose(pooled)
        return tf.mean(tf.stack(values), 0) as tf.Tensor2D
      }),
    jumps: (config) => each(config, (member, { jumps }) => jumps?.(member)).find((why) => why !== undefined),
    lacks(config, output) {
      if (output === 'attention') return 'an ensemble has no attention of its own: export a member'
      return each(config, (member, { lacks }) => lacks(member, output)).find((reason) => reason !== undefined)
    },
    reference: {
      covers: ({ members }) => members.every((member) => find(member).reference !== undefined),
      evaluate(weights, config, crystal, mode) {
        const values = each(config, (member, { reference }, n) =>
          reference!.evaluate(ofMember(weights, n), member, crystal, mode),
        )
        return Array.from(
          values[0],
          (_, t) => values.reduce((sum, value) => sum + value[t], 0) / values.length,
        )
      },
      quickAtoms: 3,
    },
    members: (weights, { members }) =>
      members.map((config, n) => ({ config, weights: ofMember(weights, n) })),
    presets: {},
    limits: { runAtoms: 32, batchAtoms: 64 },
  }
  return network
}
