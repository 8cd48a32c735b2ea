// What an atom attends to, as the 3D view draws it: the images with the largest weights, and the axes of its frame.

import { strongestImages } from '../../runtimes/attention.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { Vec3 } from '../../src/math/vectors.ts'
import type { DrawnAttention, DrawnImage } from '../../src/viewer/drawn.ts'
import { type DrawnAtom, mainElement, sitePosition } from '../../src/viewer/expand.ts'
import type { PageState } from '../state.ts'

/** Images of less than this share of the largest weight are not drawn, nor more than so many. */
const DRAWN = { share: 0.02, count: 90 }

export function drawnAttention({ attending, atom, block, head }: PageState): DrawnAttention | undefined {
  if (!attending || 'failure' in attending || atom === undefined) return undefined
  const { attention, structure } = attending
  const images = strongestImages(attention, atom, { block, head })
  const others = images.filter(({ displacement }) => Math.hypot(...displacement) > 0)
  const largest = others[0]?.weight ?? 1
  const from: DrawnAtom = {
    site: atom,
    element: mainElement(structure, atom),
    position: sitePosition(structure, atom),
  }
  return {
    from,
    images: others
      .filter(({ weight }) => weight >= DRAWN.share * largest)
      .slice(0, DRAWN.count)
      .map((image) => drawnImage(structure, atom, image, image.weight / largest)),
    axes: axes(attending, atom, block, head),
  }
}

export function drawnImage(
  structure: Structure,
  atom: number,
  { site, displacement }: { readonly site: number; readonly displacement: Vec3 },
  strength: number,
): DrawnImage {
  const [x, y, z] = sitePosition(structure, atom)
  const position: Vec3 = [x + displacement[0], y + displacement[1], z + displacement[2]]
  return { site, element: mainElement(structure, site), position, strength }
}

/** The axes of the frame of one block and head; none where the network has no frames, or of a mean. */
function axes(
  attending: NonNullable<PageState['attending']>,
  atom: number,
  block: number | undefined,
  head: number | undefined,
): Vec3[] {
  if ('failure' in attending || block === undefined || head === undefined) return []
  const { frames, blocks, heads } = attending.attention
  if (!frames) return []
  const start = ((atom * blocks.length + blocks.indexOf(block)) * heads + head) * 9
  return [0, 3, 6].map((m) => [frames[start + m], frames[start + m + 1], frames[start + m + 2]])
}
