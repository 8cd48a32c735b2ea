// Whether weights are those that a network takes.

import { ConfigError, WeightsError } from '../src/errors.ts'
import type { Weights } from './safetensors.ts'

/** @throws WeightsError naming missing, extra, mis-shaped and non-finite tensors. */
export function checkShapes(weights: Weights, shapes: ReadonlyMap<string, readonly number[]>): void {
  const missing = [...shapes.keys()].filter((name) => !weights.has(name))
  const extra = [...weights.keys()].filter((name) => !shapes.has(name))
  const wrong: string[] = []
  for (const [name, tensor] of weights) {
    const shape = shapes.get(name)
    if (shape === undefined) continue
    const length = shape.reduce((a, b) => a * b, 1)
    if (String(tensor.shape) !== String(shape)) {
      wrong.push(`${name} has shape [${tensor.shape}], expected [${shape}]`)
    } else if (tensor.data.length !== length) {
      wrong.push(`${name} holds ${tensor.data.length} numbers, expected ${length}`)
    } else if (!tensor.data.every(Number.isFinite)) {
      wrong.push(`${name} holds a value that is not finite`)
    }
  }
  const problems = [
    ...(missing.length > 0 ? [`missing ${some(missing)}`] : []),
    ...(extra.length > 0 ? [`not part of the architecture: ${some(extra)}`] : []),
    ...(wrong.length > 0 ? [some(wrong)] : []),
  ]
  if (problems.length > 0)
    throw new WeightsError(`weights do not fit the configuration: ${problems.join('; ')}`)
}

/** @throws ConfigError for a size that the weights do not have. */
export function refuseContradiction(given: object, found: object): void {
  for (const [key, value] of Object.entries(found)) {
    const configured = (given as Record<string, unknown>)[key]
    if (configured !== undefined && String(configured) !== String(value)) {
      throw new ConfigError(`configuration says ${key} ${configured}, the weights have ${value}`)
    }
  }
}

/** The first few of a list, for a message. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
