// weights.safetensors of a run: the weights that it hands out, and in the metadata of the file everything that is needed
// to use them, so that the file is worth as much alone as in its folder.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { MODES, type Mode } from '../../models/geometry.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { configure } from '../../models/registry.ts'
import { readSafetensors, type Weights, writeSafetensors } from '../../models/safetensors.ts'
import type { TargetScaling } from '../data/scaling.ts'
import { ConfigError, WeightsError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { type Settings, scalingSchema } from './run-folder.ts'
import { sha256 } from './seal.ts'

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
})
const schema = z.object({
  config: json.transform((value) => configure(value)),
  targets: json.pipe(z.array(scalingSchema).min(1)),
  /** Which images attention summed over; in files of older toolkits missing. */
  geometry: json
    .pipe(z.strictObject({ mode: z.enum(MODES), radius: z.number().positive().max(100).nullable() }))
    .optional(),
  /** Hash of the settings, and of tensors and metadata without this entry: seal.ts. */
  run: z.string().optional(),
  sha256: z.string().optional(),
})

/** What the file says of itself. */
export interface RunWeights {
  /** By name. */
  readonly weights: Weights
  /** Of the network. */
  readonly config: NetworkConfig
  /** With the scaling that the run was trained with. */
  readonly targets: readonly TargetScaling[]
  /** Which images were summed over; undefined in files of older toolkits. */
  readonly mode?: Mode
  /** The radius that the run was trained with, when it was given one. */
  readonly geometry: {
    /** Å */
    readonly radius?: number
  }
  /** Hash of the settings of the run; undefined in files of older toolkits. */
  readonly run?: string
  /** Hash of the file without this entry, hex; undefined in files of older toolkits. */
  readonly sha256?: string
}

/** Writes the file and returns its seal. */
export async function writeRunWeights(path: string, weights: Weights, run: Settings): Promise<string> {
  const { mode, radius } = run.training
  const metadata = {
    config: JSON.stringify(run.model),
    targets: JSON.stringify(run.targets),
    geometry: JSON.stringify({ mode, radius }),
    toolkit: run.toolkit,
    run: run.hash,
  }
  const seal = sha256(writeSafetensors(weights, metadata))
  await writeWhole(path, writeSafetensors(weights, { ...metadata, sha256: seal }))
  return seal
}

/**
 * Weights that a run wrote; undefined for a safetensors file from elsewhere, which does not say what it predicts.
 * @throws WeightsError or ConfigError for a damaged or changed file, or metadata that cannot be.
 */
export function runWeights(bytes: Uint8Array, path: string): RunWeights | undefined {
  const { tensors, metadata } = readSafetensors(bytes, path)
  if (!('config' in metadata && 'targets' in metadata && 'toolkit' in metadata)) return undefined
  const { sha256: seal, ...rest } = metadata
  if (seal !== undefined && seal !== sha256(writeSafetensors(tensors, rest))) {
    throw new WeightsError(
      `${path} was changed after it was written (its sha256 does not fit); restore it, or train anew`,
    )
  }
  const { config, targets, geometry, run } = parsed(metadata, path)
  return {
    weights: tensors,
    ...{ config, targets, mode: geometry?.mode, run, sha256: seal },
    geometry: geometry?.radius ? { radius: geometry.radius } : {},
  }
}

export async function readRunWeights(path: string): Promise<RunWeights> {
  const found = runWeights(await readFile(path), path)
  if (found) return found
  throw new WeightsError(`${path} was not written by train: its metadata says neither network nor targets`)
}

function parsed(metadata: Record<string, string>, path: string): z.output<typeof schema> {
  try {
    const result = schema.safeParse(metadata)
    if (result.success) return result.data
    throw new ConfigError(z.prettifyError(result.error).replaceAll('\n', ' '))
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause
    throw new WeightsError(`${path}: its metadata cannot be used: ${cause.message}`, { cause })
  }
}
