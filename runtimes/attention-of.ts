// The attention of one crystal: the weights that a graph gives, put into the order of the images and without padding.

import { fractionalOf } from '../src/crystal/cell.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { packBatch } from '../src/periodic/batch.ts'
import { placesInCell } from '../src/periodic/cell-batch.ts'
import { neighbourTable } from '../src/periodic/neighbours.ts'
import { imagePlaces } from '../src/periodic/pack-images.ts'
import { slotShape } from '../src/periodic/slots.ts'
import type { NeighbourTable } from '../src/periodic/types.ts'
import type { Attention } from './attention.ts'
import type { ModelContent } from './evaluator.ts'
import { attendingBlocks, attentionName, framesName, geometryWithImages, requireOutput } from './outputs.ts'
import { prepare } from './prepare.ts'
import type { Outputs, OutputTensor } from './runtime.ts'
import { feedsOf, type Session } from './session.ts'

/**
 * The attention of one crystal.
 * @throws ConfigError when the graph does not give it; StructureError, ElementError, LimitError or DeviceError
 */
export async function attentionOf(
  { card, inputs, outputs }: ModelContent,
  session: Session,
  structure: Structure,
): Promise<Attention> {
  const geometry = geometryWithImages(card)
  requireOutput(card, 'attention')
  const blocks = attendingBlocks(outputs)
  const names = blocks.flatMap((l) => [attentionName(l), framesName(l)])
  const prepared = prepare({ geometry, elements: card.elements }, structure)
  const given = await session.run(
    feedsOf(packBatch([prepared]), inputs),
    names.filter((name) => outputs.includes(name)),
  )
  const images = prepared.kind === 'tables' ? prepared.images : neighbourTable(structure, geometry.images)
  const cell = cellsOf(structure, images)
  const places =
    prepared.kind === 'tables'
      ? imagePlaces(prepared, slotShape([prepared.runs]))
      : placesInCell(prepared.cell, images, cell)
  return readAttention(blocks, given, images, cell, places)
}

function readAttention(
  blocks: readonly number[],
  outputs: Outputs,
  { atoms, offsets, neighbour: site, displacement }: NeighbourTable,
  cell: Int32Array,
  places: Int32Array,
): Attention {
  const weights = blocks.map((l) => outputs[attentionName(l)])
  const frames = blocks.map((l) => outputs[framesName(l)] as OutputTensor | undefined)
  const [, heads, flat] = weights[0].dims
  const count = blocks.length * heads
  const shares = new Float32Array(site.length * count)
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      if (places[image] < 0) continue
      const place = places[image] - i * flat
      for (let n = 0; n < count; n++) {
        const { data } = weights[Math.floor(n / heads)]
        shares[image * count + n] = data[(i * heads + (n % heads)) * flat + place]
      }
    }
  }
  return {
    atoms,
    blocks,
    heads,
    offsets,
    site,
    cell,
    displacement,
    weights: shares,
    ...(frames[0] && { frames: byAtom(frames as OutputTensor[], atoms, heads * 9) }),
  }
}

/** [atoms · B · size] of what each block gives as [atoms · size]. */
function byAtom(blocks: readonly OutputTensor[], atoms: number, size: number): Float32Array {
  const all = new Float32Array(atoms * blocks.length * size)
  blocks.forEach(({ data }, b) => {
    for (let i = 0; i < atoms; i++) {
      all.set(data.subarray(i * size, (i + 1) * size), (i * blocks.length + b) * size)
    }
  })
  return all
}

/** n of every image: its displacement in cells, less what the coordinates of the two atoms differ by. */
function cellsOf(
  { lattice, frac }: Structure,
  { atoms, offsets, neighbour, displacement }: NeighbourTable,
): Int32Array {
  const inCells = fractionalOf(lattice)
  const cells = new Int32Array(displacement.length)
  for (let i = 0; i < atoms; i++) {
    for (let image = offsets[i]; image < offsets[i + 1]; image++) {
      const r = displacement.subarray(3 * image, 3 * image + 3)
      inCells([r[0], r[1], r[2]]).forEach((f, m) => {
        cells[3 * image + m] = Math.round(f - (frac[neighbour[image]][m] - frac[i][m]))
      })
    }
  }
  return cells
}
