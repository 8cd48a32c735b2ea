// Networks that were trained one by one as the members of an ensemble.

import { ConfigError } from '../src/errors.ts'
import type { Transform } from '../src/math/transform.ts'
import { ofAll } from './ensemble/members.ts'
import { ENSEMBLE } from './ensemble/name.ts'
import type { NetworkConfig } from './network.ts'
import { configure, networkOf } from './registry.ts'
import type { Weights } from './safetensors.ts'

/** A trained network and what its outputs stand for: prediction = output·std + mean, or the number whose `transform` that is. */
export interface Member {
  /** under the names of its network */
  readonly weights: Weights
  /** of the network */
  readonly config: NetworkConfig
  /** one a column of the output */
  readonly targets: readonly {
    /** such as `e_form` */
    readonly name: string
    /** such as `eV/atom` */
    readonly unit: string
    /** of what was learned of the training crystals, in `unit` where that is the value */
    readonly mean: number
    /** the same; positive */
    readonly std: number
    /** what was learned instead of the value */
    readonly transform?: Transform
  }[]
}

/**
 * One network of several, for `exportCrystalModel`. Each was taught on its own scale of the targets; the last layers are brought to that of the first.
 * @throws ConfigError for fewer than two, or for networks that do not predict the same
 */
export function joinMembers<M extends Member>(members: readonly M[]): Member & Pick<M, 'targets'> {
  const [{ targets }] = members
  const config = configure({ architecture: ENSEMBLE.name, members: members.map((member) => member.config) })
  for (const [n, member] of members.entries()) {
    const other = member.targets.find((target, t) => inWords(target) !== inWords(targets[t]))
    if (other) {
      throw new ConfigError(
        `member ${n} predicts ${inWords(other)}, member 0 ${targets.map(inWords).join(', ')}; ` +
          'an ensemble is of networks that predict the same',
      )
    }
  }
  return { weights: ofAll(members.map((member) => rescaled(member, targets))), config, targets }
}

/** What is predicted, and learned of it. */
function inWords({ name, unit, transform }: Member['targets'][number]): string {
  return `${name} in ${unit}${transform ? `, learned as ${transform}` : ''}`
}

/** The same predictions on the scale of other means and standard deviations. */
function rescaled({ weights, config, targets }: Member, scale: Member['targets']): Weights {
  const result = new Map(weights)
  for (const last of [networkOf(config).lastLayer(config)].flat()) {
    const weight = weights.get(`${last}.weight`)!
    const bias = weights.get(`${last}.bias`)!
    const inputs = weight.data.length / targets.length
    const factor = targets.map(({ std }, t) => std / scale[t].std)
    const shift = targets.map(({ mean }, t) => (mean - scale[t].mean) / scale[t].std)
    result.set(`${last}.weight`, {
      ...weight,
      data: weight.data.map((w, n) => w * factor[Math.floor(n / inputs)]),
    })
    result.set(`${last}.bias`, { ...bias, data: bias.data.map((b, t) => b * factor[t] + shift[t]) })
  }
  return result
}
