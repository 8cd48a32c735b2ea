// What can be chosen about the periodic images that a network looks at. How a network fills in the specification of
// src/periodic stands in its row (models/network.ts).

import { ConfigError } from '../src/errors.ts'
import type { GeometrySpec } from '../src/periodic/types.ts'

export const MODES = ['converged', 'published'] as const
/** `converged` takes every image that matters; `published` the box of the published code, for networks that have one. */
export type Mode = (typeof MODES)[number]

/** Share of the Gaussian weight that a converged sum may leave out by default. */
export const DEFAULT_ERROR_BOUND = 1e-5

/** What can be said of the images; nothing, for the default error bound. */
export interface GeometryOptions {
  /** converged: largest share of the Gaussian weight outside the radius, in (0, 0.1] */
  readonly errorBound?: number
  /** converged: radius in Å instead of the one that follows from errorBound */
  readonly radius?: number
  /** converged: smallest ρ that real crystals reach, instead of its lower bound b; leave a margin */
  readonly smallestRho?: number
}

/** What a network requires of the host, and the share of the weight that its images leave out; null where there is none. */
export interface RequiredGeometry {
  /** what a batch must hold */
  readonly geometry: GeometrySpec
  /** largest share of the Gaussian weight that is left out */
  readonly errorBound: number | null
}

/** Å beyond which a batch of this geometry holds no image; undefined for a box, which has no such radius. */
export function imageRadius({ images }: GeometrySpec): number | undefined {
  return images?.kind === 'sphere' ? images.radius : undefined
}

export function checkedBound(bound = DEFAULT_ERROR_BOUND): number {
  if (bound > 0 && bound <= 0.1) return bound
  throw new ConfigError(`error bound ${bound} is not in (0, 0.1]`)
}

export function checkedRadius(radius: number | undefined): number | undefined {
  if (radius === undefined || (radius > 0 && radius <= 100)) return radius
  throw new ConfigError(`radius ${radius} Å is not in (0, 100]`)
}

/**
 * For networks whose images are those within a radius of their own, of which nothing is neglected.
 * @param whence what sets the radius, after "that of a CGCNN"
 * @throws ConfigError for options that ask for anything else
 */
export function refuseOtherSphere(
  title: string,
  radius: number,
  whence: string,
  mode: Mode,
  options: GeometryOptions,
): void {
  if (mode === 'published') throw new ConfigError(`mode published: a ${title} has no box of published code`)
  if (options.errorBound !== undefined || options.smallestRho !== undefined) {
    throw new ConfigError(`an error bound: a ${title} neglects nothing within its radius; leave it out`)
  }
  if (options.radius !== undefined && options.radius !== radius) {
    throw new ConfigError(`radius ${options.radius} Å: that of a ${title} ${whence}`)
  }
}
