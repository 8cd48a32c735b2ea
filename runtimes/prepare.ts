// The geometry of one crystal for a model, within limits that protect memory and time, refusing what is no crystal.

import type { Structure } from '../src/crystal/structure.ts'
import { LimitError } from '../src/errors.ts'
import { refuseOverlap } from '../src/periodic/closest.ts'
import {
  type PreparedAs,
  type PreparedCrystal,
  type PrepareOptions,
  prepareCrystal,
} from '../src/periodic/prepare.ts'
import type { GeometrySpec } from '../src/periodic/types.ts'

/** Of one cell at most. */
export interface CellLimits {
  readonly atoms: number
  /** periodic images in reach of any atom */
  readonly images: number
}

/**
 * What a graph has memory for: scores are made for all pairs of a run, 0.5 GB for each of a few tensors at this size;
 * and 2²² images fill about 3 GB of intermediate results in a network of 64 radial Gaussians.
 */
export const GRAPH_LIMITS: CellLimits = { atoms: 4096, images: 2 ** 22 }

/**
 * Geometry of a validated structure for a model.
 * @param options `trusted`: no atoms lie in each other, which need not be looked for; `inParts`: limits of cells with more
 *   atoms than a whole graph has memory for, where they can be evaluated in parts
 * @throws StructureError, ElementError, LimitError
 */
export function prepare<Spec extends GeometrySpec>(
  { geometry, elements }: { readonly geometry: Spec; readonly elements: readonly number[] },
  structure: Structure,
  {
    trusted = false,
    inParts,
    ...options
  }: PrepareOptions & { readonly trusted?: boolean; readonly inParts?: CellLimits } = {},
): PreparedAs<Spec> {
  const prepared = prepareCrystal(structure, geometry, elements, options)
  if (!trusted) refuseOverlap(structure)
  const limits = inParts && prepared.atoms > GRAPH_LIMITS.atoms ? inParts : GRAPH_LIMITS
  withinLimits({ atoms: prepared.atoms, images: imagesOf(prepared) }, limits)
  return prepared
}

/** @throws LimitError for a cell that is larger */
export function withinLimits<Size extends CellLimits>(cell: Size, limits: CellLimits): Size {
  const { atoms, images } = cell
  if (atoms > limits.atoms) {
    throw new LimitError(`a cell of ${atoms} atoms, expected at most ${limits.atoms}; use a primitive cell`)
  }
  if (images > limits.images) {
    throw new LimitError(
      `a cell of ${atoms} atoms with ${images} periodic images in reach, expected at most ${limits.images}; ` +
        'check the lattice, or use a primitive cell',
    )
  }
  return cell
}

function imagesOf(prepared: PreparedCrystal): number {
  return prepared.kind === 'tables' ? prepared.images.neighbour.length : 0
}
