// Which networks can be trained.

import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Engine } from '../engines/engine.ts'
import { TrainingError } from '../errors.ts'

/** @throws TrainingError for a network whose gradient a backend is known to get wrong. */
export function checkTrainable(config: NetworkConfig, { name }: Pick<Engine, 'name'>): void {
  const { title, limits } = networkOf(config)
  const reason = limits.wrongGradients?.[name]
  if (reason === undefined) return
  throw new TrainingError(
    `backend "${name}": the gradient of a ${title} is wrong there (${reason}); choose "wasm"`,
  )
}
