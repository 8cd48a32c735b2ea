// The images that all members of an ensemble find what they need in.

import { ConfigError } from '../../src/errors.ts'
import type { Isometries, TableGeometry } from '../../src/periodic/types.ts'
import type { GeometryOptions, RequiredGeometry } from '../geometry.ts'
import type { EnsembleConfig, FindNetwork } from './config.ts'

/**
 * The sphere of the member that sees farthest, the frame of the cell and the waves that any of them reads, and the
 * isometries that all of them allow.
 * @throws ConfigError for members that cannot share a batch
 */
export function ensembleGeometry(
  { members }: EnsembleConfig,
  options: GeometryOptions,
  find: FindNetwork,
): RequiredGeometry {
  const { radius: asked, ...bounds } = options
  const requiredBy = (n: number, radius?: number) => {
    const network = find(members[n])
    // An error bound is for sums that neglect something.
    const own = network.calibration && radius === undefined ? bounds : {}
    return network.geometry(members[n], 'converged', { ...own, ...(radius !== undefined && { radius }) })
  }
  const alone = members.map((_, n) => requiredBy(n, asked))
  const radius = Math.max(...alone.map(({ geometry }) => reachOf(geometry as TableGeometry)))
  const geometries = members.map((_, n) => requiredBy(n, radius).geometry as TableGeometry)
  const frame = theOne(geometries, 'frame')
  const reciprocal = theOne(geometries, 'reciprocal')
  const symmetry = frame || reciprocal ? undefined : leastOf(geometries.map((geometry) => geometry.symmetry))
  const decays = geometries.flatMap(({ near }) => (near ? [near.decay] : []))
  const bound = Math.max(...alone.map(({ errorBound }) => errorBound ?? 0))
  return {
    geometry: {
      images: { kind: 'sphere', radius },
      ...(decays.length > 0 && { near: { decay: Math.min(...decays) } }),
      ...(symmetry ? { symmetry } : { ...(frame && { frame }), ...(reciprocal && { reciprocal }) }),
    } as TableGeometry,
    errorBound: bound > 0 ? bound : null,
  }
}

function reachOf({ images }: TableGeometry): number {
  if (images?.kind === 'sphere') return images.radius
  throw new ConfigError('a member of an ensemble takes no images within a radius: export it by itself')
}

/** What the members that need it agree on. */
function theOne<Key extends 'frame' | 'reciprocal'>(
  geometries: readonly TableGeometry[],
  key: Key,
): TableGeometry[Key] | undefined {
  const needed = geometries.flatMap((geometry) => (geometry[key] ? [geometry[key]] : []))
  if (new Set(needed.map((one) => JSON.stringify(one))).size <= 1) return needed[0]
  throw new ConfigError(
    `members of an ensemble need different ${key === 'frame' ? 'frames of the cell' : 'waves'}: ` +
      `${needed.map((one) => JSON.stringify(one)).join(', ')}; export them in files of their own`,
  )
}

function leastOf(allowed: readonly (Isometries | undefined)[]): Isometries | undefined {
  if (allowed.includes(undefined)) return undefined
  return allowed.includes('proper') ? 'proper' : 'all'
}
