// What float64 makes of a crystal, in the unit of each target: the network's own program where it has one, the exported
// graph otherwise.

import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { Mode } from '../../models/geometry.ts'
import type { NetworkConfig } from '../../models/network.ts'
import { networkOf } from '../../models/registry.ts'
import type { Weights } from '../../models/safetensors.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { restored } from '../../src/math/transform.ts'
import { prepareCrystal } from '../../src/periodic/prepare.ts'
import type { GeometrySpec } from '../../src/periodic/types.ts'
import type { Target } from './fold.ts'
import { graphInFloat64 } from './graph64.ts'

/** One value a target. */
export type Float64Values = (crystal: Structure) => readonly number[]

/** By the network's own program, in the unit of each target; undefined where it has none. */
export function ownInFloat64(
  weights: Weights,
  config: NetworkConfig,
  mode: Mode,
  targets: readonly Target[],
): Float64Values | undefined {
  const { reference } = networkOf(config)
  if (!reference || reference.covers?.(config) === false) return undefined
  return (crystal) => {
    const value = reference.evaluate(weights, config, crystal, mode)
    return targets.map((target, t) => restored(value[t] * target.std + target.mean, target))
  }
}

/** Of each member of an ensemble by its own program; none where the network is none, or a member has no program. */
export function membersInFloat64(
  weights: Weights,
  config: NetworkConfig,
  mode: Mode,
  targets: readonly Target[],
): Float64Values[] {
  const members = networkOf(config).members?.(weights, config) ?? []
  const each = members.map((member) => ownInFloat64(member.weights, member.config, mode, targets))
  return each.flatMap((own) => own ?? []).length === members.length ? (each as Float64Values[]) : []
}

/** By the graph, which gives the targets in their units. */
export function graphValues(graph: Uint8Array, geometry: GeometrySpec): Float64Values {
  const evaluate = graphInFloat64(graph)
  return (crystal) => evaluate(prepareCrystal(crystal, geometry, ELEMENT_TABLE, { oneOfEachOrbit: true }))
}
