// The configuration of a network of one's own: hyper-parameters of the kinds that their defaults are.

import { ConfigError } from '../src/errors.ts'
import type { NetworkConfig } from './network.ts'

export type Value = number | string | boolean | readonly number[]

/** A configuration with such defaults. */
export type Widened<Hyper> = NetworkConfig & {
  readonly [Key in keyof Hyper]: Hyper[Key] extends number
    ? number
    : Hyper[Key] extends string
      ? string
      : Hyper[Key] extends boolean
        ? boolean
        : readonly number[]
}

const MAX_TARGETS = 256
/** Numbers of all weights: more is no network for this toolkit, and surely a mistake. */
const MAX_PARAMETERS = 1e9

/** The defaults with what is given over them. @throws ConfigError naming each wrong key. */
export function hyperParameters<Hyper extends Readonly<Record<string, Value>>>(
  name: string,
  defaults: Hyper,
  input: unknown,
): Widened<Hyper> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new ConfigError(`model configuration ${JSON.stringify(input)}: expected an object`)
  }
  const all: Readonly<Record<string, Value>> = { architecture: name, ...defaults, num_targets: 1 }
  const faults: string[] = []
  for (const [key, value] of Object.entries(input)) {
    if (!Object.hasOwn(all, key))
      faults.push(`${key} is not known; expected some of ${Object.keys(all).join(', ')}`)
    else if (kindOf(value) !== kindOf(all[key])) {
      faults.push(`${key} is ${JSON.stringify(value)}, expected ${kindOf(all[key])}`)
    }
  }
  const config = { ...all, ...input } as unknown as Widened<Hyper>
  const { architecture, num_targets: targets } = config
  if (architecture !== name)
    faults.push(`architecture is ${JSON.stringify(architecture)}, expected "${name}"`)
  if (!Number.isInteger(targets) || targets < 1 || targets > MAX_TARGETS) {
    faults.push(`num_targets is ${targets}, expected 1 to ${MAX_TARGETS}`)
  }
  if (faults.length > 0) throw new ConfigError(`model configuration of ${name}: ${faults.join('; ')}`)
  return config
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.every(Number.isFinite) ? 'a list of numbers' : 'a list'
  return Number.isFinite(value) ? 'a finite number' : `a ${typeof value}`
}

/** @throws ConfigError for shapes that are none, or a last layer that is not there */
export function checkParameters(
  shapes: ReadonlyMap<string, readonly number[]>,
  lastLayer: string,
  { num_targets: targets }: NetworkConfig,
  title: string,
): void {
  let numbers = 0
  for (const [name, shape] of shapes) {
    if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
      throw new ConfigError(
        `${title}: the weight ${name} has shape [${shape}]; expected whole numbers from 1`,
      )
    }
    numbers += shape.reduce((product, size) => product * size, 1)
  }
  if (numbers > MAX_PARAMETERS) {
    throw new ConfigError(`${title}: ${numbers} numbers in all weights, expected at most ${MAX_PARAMETERS}`)
  }
  const [weight, bias] = ['weight', 'bias'].map((part) => shapes.get(`${lastLayer}.${part}`))
  if (weight?.length !== 2 || weight[0] !== targets || bias?.length !== 1 || bias[0] !== targets) {
    throw new ConfigError(
      `${title}: the last layer has ${lastLayer}.weight [${weight ?? 'missing'}] and ${lastLayer}.bias ` +
        `[${bias ?? 'missing'}]; expected [${targets}, n] and [${targets}] for ${targets} targets`,
    )
  }
}
