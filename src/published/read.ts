// A published checkpoint as what the exporter takes: weights under their own names, configuration and targets.

import type { ModelConfig } from '../../models/attention/config.ts'
import { parameterShapes } from '../../models/attention/parameters.ts'
import { checkWeights } from '../../models/registry.ts'
import type { Weights, WeightTensor } from '../../models/safetensors.ts'
import { ConfigError } from '../errors.ts'
import { configOf, differences, type HyperParameters, targetNames } from './hyper-parameters.ts'
import { openSource } from './source.ts'
import { publishedState, type StateTensor, type WeightSet } from './state-dict.ts'
import { type PublishedTarget, targetsOf, unitOf } from './targets.ts'

export interface PublishedOptions {
  /** which weights of a Lightning checkpoint; the average by default */
  readonly weights?: WeightSet
  /** instead of the hyper-parameters in the file */
  readonly hyper?: HyperParameters
  /** only where the file itself has none: the hparams.yaml beside it */
  readonly fallback?: HyperParameters
  readonly property?: readonly string[]
  readonly unit?: string
  /** for a file without target_mean and target_std */
  readonly mean?: number
  readonly std?: number
}

export interface PublishedModel {
  readonly weights: Weights
  readonly config: ModelConfig
  readonly targets: readonly PublishedTarget[]
  readonly set: WeightSet | undefined
  /** optimiser steps in the average */
  readonly averaged: number | undefined
  /** name of the data set, as the published code knows it */
  readonly dataSet: string | undefined
  /** hyper-parameters that neither repository has */
  readonly unknown: readonly string[]
  /** hyper-parameters that were not given and have the value of the published JSON files */
  readonly missing: readonly string[]
  /** what a user should know, a sentence each */
  readonly warnings: readonly string[]
}

/**
 * Reads a .ckpt, .pt, .pth or .safetensors file; the name decides between the last and the others.
 * @throws WeightsError for a damaged file, or tensors missing, extra or of other shapes; ConfigError for hyper-parameters
 *   of a network that is not built here, or none at all; LimitError beyond the bounds.
 */
export function readPublished(
  bytes: Uint8Array,
  file: string,
  options: PublishedOptions = {},
): PublishedModel {
  const source = openSource(bytes, file)
  const hyper = options.hyper ?? source.hyper ?? options.fallback
  if (hyper === undefined) {
    throw new ConfigError(
      `${file}: holds no hyper-parameters, and there is no hparams.yaml beside it; give them with --config, ` +
        'a file with {} for those of the published Crystalformer',
    )
  }
  const state = publishedState(source, options.weights, file)
  const columns = outputsOf(state.parameters)
  const { config, unknown, missing } = configOf(hyper, columns)
  const weights = inOrder(state.parameters, config)
  checkWeights(weights, config)

  if (state.mean !== undefined && options.mean !== undefined) {
    throw new ConfigError(`${file}: has a target_mean of ${state.mean} itself; leave --mean and --std away`)
  }
  const targets = targetsOf(columns, {
    names: options.property ?? targetNames(hyper),
    unit: options.unit,
    mean: state.mean ?? repeated(options.mean, columns),
    std: state.std ?? repeated(options.std, columns),
  })
  const dataSet = hyper.get('target_set')
  const warnings: string[] = []
  if (state.set === 'swa' && state.from !== undefined) {
    warnings.push(`the average under ${state.from} is taken; --weights last takes the last weights`)
  }
  if (unknown.length > 0) {
    warnings.push(
      `hyper-parameters that are not known here: ${unknown.slice(0, 20).join(', ')}; if one of them changes the network, ` +
        'predictions are wrong',
    )
  }
  if (missing.length > 0 && options.hyper === undefined) {
    warnings.push(
      `hyper-parameters that the file does not give, published values taken: ${missing.join(', ')}`,
    )
  }
  if (options.hyper && source.hyper) {
    const changed = differences(options.hyper, source.hyper)
    if (changed.length > 0)
      warnings.push(`--config differs from what the checkpoint was trained with: ${changed.join(', ')}`)
  }
  if ((state.mean ?? options.mean) === undefined) {
    warnings.push(
      'no scaling of the targets in the file: predictions are in standard deviations; give --mean and --std',
    )
  }
  for (const { name } of targets) {
    if (options.unit === undefined && unitOf(name) === undefined) {
      warnings.push(`the unit of "${name}" is not known; give it with --unit`)
    }
  }
  if (config.architecture !== 'crystalformer' && ['weighted_pca', 'pca'].includes(config.frame_method)) {
    warnings.push(
      `frame_method ${config.frame_method}: the released code draws random signs` +
        `${config.frame_method === 'pca' ? '' : ' and reads uninitialised memory'}, so its predictions cannot be repeated exactly`,
    )
  }
  return {
    weights,
    config,
    targets,
    set: state.set,
    averaged: state.averaged,
    dataSet: typeof dataSet === 'string' ? dataSet.slice(0, 200) : undefined,
    unknown,
    missing,
    warnings,
  }
}

/** Outputs of the head: the length of its last bias; 1 where there is none, for the check of the weights to complain. */
function outputsOf(parameters: ReadonlyMap<string, StateTensor>): number {
  const layers = [...parameters.keys()].map((name) => Number(/^mlp\.(\d+)\.bias$/.exec(name)?.[1] ?? -1))
  return parameters.get(`mlp.${Math.max(-1, ...layers)}.bias`)?.shape[0] ?? 1
}

/** The tensors in the order of the network, so that the same weights always give the same file; others at the end. */
function inOrder(parameters: ReadonlyMap<string, StateTensor>, config: ModelConfig): Weights {
  const names = [...parameterShapes(config).keys()].filter((name) => parameters.has(name))
  return new Map(
    [...new Set([...names, ...parameters.keys()])].map((name): [string, WeightTensor] => {
      const { shape, read } = parameters.get(name)!
      return [name, { shape, data: Float32Array.from(read()) }]
    }),
  )
}

function repeated(value: number | undefined, count: number): number[] | undefined {
  return value === undefined ? undefined : new Array<number>(count).fill(value)
}
