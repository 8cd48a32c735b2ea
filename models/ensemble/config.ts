// The configuration of an ensemble: those of its members.

import * as z from 'zod/mini'
import { ConfigError } from '../../src/errors.ts'
import type { Network, NetworkConfig } from '../network.ts'
import { ENSEMBLE } from './name.ts'

/** Members at most: a file of more is slow, and no better. */
export const MOST_MEMBERS = 32

export type EnsembleConfig = {
  readonly architecture: typeof ENSEMBLE.name
  /** of every member */
  readonly num_targets: number
  readonly members: readonly NetworkConfig[]
  /** width of the embedding, those of the members side by side; where every member has one */
  readonly model_dim?: number
}

/** Finds the network of a member. @throws ConfigError for a name that is not known */
export type FindNetwork = (config: Pick<NetworkConfig, 'architecture'>) => Network

const schema = z.strictObject({
  architecture: z.optional(z.literal(ENSEMBLE.name)),
  num_targets: z.optional(z.number()),
  model_dim: z.optional(z.number()),
  members: z
    .array(z.looseObject({ architecture: z.string() }))
    .check(z.minLength(2), z.maxLength(MOST_MEMBERS)),
})

/** @throws ConfigError for what is no ensemble, or members that do not predict the same targets */
export function ensembleConfig(input: unknown, find: FindNetwork): EnsembleConfig {
  const parsed = schema.safeParse(input)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new ConfigError(`configuration of an ensemble, ${path.join('.') || 'as a whole'}: ${message}`)
  }
  const members = parsed.data.members.map((member, n) => {
    if (member.architecture !== ENSEMBLE.name) return find(member).configure(member)
    throw new ConfigError(`member ${n} of an ensemble is an ensemble: give its members instead`)
  })
  const [{ num_targets }] = members
  const other = members.findIndex((member) => member.num_targets !== num_targets)
  if (other >= 0) {
    throw new ConfigError(
      `member ${other} predicts ${members[other].num_targets} targets, member 0 ${num_targets}: expected the same`,
    )
  }
  const widths = members.map((member) => (member as { model_dim?: unknown }).model_dim)
  const wide = widths.every((width) => typeof width === 'number')
  return {
    architecture: ENSEMBLE.name,
    num_targets,
    members,
    ...(wide && { model_dim: widths.reduce<number>((sum, width) => sum + (width as number), 0) }),
  }
}
