// The geometry of a card: a JSON object whose fields are those of a GeometrySpec, made one of its kinds. Here alone does a
// geometry come from outside.

import * as z from 'zod/mini'
import { ModelFileError } from '../src/errors.ts'
import type { GeometrySpec } from '../src/periodic/types.ts'

export const whole = (least: number, most: number) => z.int().check(z.minimum(least), z.maximum(most))
const length = z.number().check(z.positive(), z.maximum(100))

/** The fields, each valid; whether they are a geometry together says `geometryOf`. */
export const geometryFields = z.object({
  images: z.optional(
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('sphere'), radius: length }),
      z.strictObject({ kind: z.literal('adaptive-box'), minimum: whole(0, 8), max_cutoff: length }),
      z.strictObject({ kind: z.literal('box'), range: whole(0, 8) }),
    ]),
  ),
  reciprocal: z.optional(z.object({ range: whole(1, 8) })),
  frame: z.optional(z.enum(['lattice', 'pca'])),
  near: z.optional(z.object({ decay: z.number().check(z.positive()) })),
  symmetry: z.optional(z.enum(['proper', 'all'])),
  in_graph: z.optional(z.literal(true)),
})

export type GeometryFields = z.output<typeof geometryFields>

/** @throws ModelFileError for fields that cannot go together */
export function geometryOf(given: GeometryFields, file: string): GeometrySpec {
  const refuse = (what: string): never => {
    throw new ModelFileError(`${file}: invalid card: geometry has ${what}; export the model again`)
  }
  const { images, near, symmetry, in_graph, ...cellWide } = given
  if (in_graph) {
    if (images?.kind !== 'sphere') return refuse('in_graph, but images that are not those of a sphere')
    // Older files also say what the host would be asked for without it.
    return { images, in_graph }
  }
  if (!images) return near || symmetry ? refuse('near or symmetry, but no images') : cellWide
  const tables = { images, ...(near && { near }) }
  if (!symmetry) return { ...tables, ...cellWide }
  if (cellWide.reciprocal || cellWide.frame)
    return refuse('symmetry, but a part that is made of the whole cell')
  return { ...tables, symmetry }
}
