// The hyper-parameters of a CGCNN.

import { z } from 'zod'
import { ConfigError } from '../../src/errors.ts'
import { CGCNN } from './name.ts'

const count = z.number().int().positive().max(4096)

const schema = z.strictObject({
  architecture: z.literal(CGCNN.name).default(CGCNN.name),
  /** convolutions */
  num_layers: count.max(64).default(3),
  /** d, features of an atom */
  model_dim: count.default(64),
  /** hidden sizes of the head */
  embedding_dim: z.array(count).max(8).default([128]),
  /** outputs of the head */
  num_targets: count.max(256).default(1),
  /** R in Å: an atom sees the images nearer than that */
  radius: z.number().positive().max(20).default(6),
  /** K, Gaussians of a distance, on a grid over [0, R] */
  num_gaussians: count.min(2).default(32),
})

export type CgcnnConfig = z.output<typeof schema>

/** Validated configuration with every default filled in. @throws ConfigError naming each wrong key. */
export function cgcnnConfig(input: unknown = {}): CgcnnConfig {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new ConfigError(`model configuration: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`)
}
