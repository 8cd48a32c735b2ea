// The layout `ragged`: in front of a graph that takes neighbour tables, what makes them of the slots of crystals that came
// one after another, each as its host prepared it (src/periodic/ragged.ts). Triton joins the requests of many clients.

import { ConfigError } from '../../src/errors.ts'
import { RAGGED_TENSORS, type RaggedName } from '../../src/periodic/ragged.ts'
import type { TableTensorName } from '../../src/periodic/tensors.ts'
import { createFront, type Front, type FrontBuilder, type Tensor } from '../onnx/file/front.ts'
import { ATOMS_END } from './names.ts'
import { type Padded, padded, rowsOf } from './padded.ts'

type Tables = Partial<Record<TableTensorName, Tensor>>

/** Atoms of a batch, and which crystal each belongs to. */
interface Atoms {
  /** int32 scalar A */
  readonly count: Tensor
  /** int32 [A]: 0, 1, … */
  readonly index: Tensor
  /** int32 [A]: the first atom of its crystal */
  readonly first: Tensor
  /** float32 [C, A]: 1 in the row of its crystal */
  readonly own: Tensor
}

/**
 * @param wanted inputs of the graph behind
 * @param imagesPerSlot M
 * @throws ConfigError for an input that cannot be made
 */
export function raggedFront(opset: number, wanted: readonly string[], imagesPerSlot: number): Front {
  const g = createFront(opset)
  const input = (name: RaggedName) => {
    const { dtype, of } = RAGGED_TENSORS[name]
    return g.input(name, dtype, [of])
  }
  const wants = (name: TableTensorName) => wanted.includes(name)
  const share = input('share')
  const atoms = atomsOf(g, share, g.input(ATOMS_END, 'int32', ['crystals']))
  const made: Tables = { pool: g.op('Mul', [atoms.own, g.unsqueeze(share, 0)]) }
  if (wants('species')) {
    const sites = padded(g, input('species_per_atom'))
    const occupancy = g.op('Mul', [sites.of(input('occupancy')), g.cast(sites.real, 'float32')])
    Object.assign(made, { species: sites.of(input('species')), occupancy })
  }
  if (wants('translation') || wants('image_mask')) {
    const slots = padded(g, input('slots_per_atom'))
    Object.assign(made, pairsOf(g, slots, atoms, input('neighbour')))
    Object.assign(made, imagesOf(g, slots, imagesPerSlot, input('images_per_slot'), input('translation')))
    if (wants('near')) {
      made.near = nearOf(g, slots, atoms, imagesPerSlot, input('near_per_atom'), input('near'))
    }
  }
  const missing = wanted.filter((name) => !Object.hasOwn(made, name))
  if (missing.length > 0) {
    throw new ConfigError(
      `the layout ragged does not make ${missing.join(', ')}, which this graph takes; use the layout tables`,
    )
  }
  return g.finish(made as Record<string, Tensor>)
}

function atomsOf(g: FrontBuilder, share: Tensor, ends: Tensor): Atoms {
  const count = g.cast(g.op('Size', [share]), 'int32')
  const index = g.range(count)
  const { starts } = rowsOf(g, ends)
  const begun = g.op('LessOrEqual', [g.unsqueeze(starts, 1), g.unsqueeze(index, 0)])
  const going = g.op('Less', [g.unsqueeze(index, 0), g.unsqueeze(ends, 1)])
  const own = g.op('And', [begun, going])
  const first = g.sum(g.op('Mul', [g.cast(own, 'int32'), g.unsqueeze(starts, 1)]), 0)
  return { count, index, first, own: g.cast(own, 'float32') }
}

/** pair [A, S], pair_start and pair_end [A, A]: the slots of a pair of atoms follow one another. */
function pairsOf(g: FrontBuilder, slots: Padded, { count, index, first }: Atoms, neighbour: Tensor): Tables {
  const one = g.scalar(1, 'int32')
  const own = g.unsqueeze(index, 1)
  const other = g.op('Where', [slots.real, g.op('Add', [slots.of(neighbour), g.unsqueeze(first, 1)]), own])
  const pair = g.op('Add', [g.op('Mul', [own, count]), other])

  const row = g.op('Mul', [index, g.op('Add', [slots.width, one])])
  const sum = g.op('Add', [g.unsqueeze(row, 1), g.unsqueeze(slots.column, 0)])
  // Where a pair has no slot, its sum starts and ends at the start of the row. One place more, for what is no first or last.
  const pairs = g.op('Mul', [count, count])
  const size = g.reshape(g.cast(pairs, 'int64'), [1])
  const square = g.op(
    'Concat',
    [g.reshape(g.cast(count, 'int64'), [1]), g.reshape(g.cast(count, 'int64'), [1])],
    {
      axis: 0,
    },
  )
  const empty = g.op(
    'Concat',
    [g.reshape(g.op('Expand', [g.unsqueeze(row, 1), square]), [-1]), g.vector([0], 'int32')],
    { axis: 0 },
  )
  const placed = (where: Tensor, values: Tensor): Tensor => {
    const at = g.reshape(g.op('Where', [where, pair, pairs]), [-1])
    const all = g.op('ScatterElements', [empty, at, g.reshape(values, [-1])], { axis: 0 })
    const kept = g.op('Slice', [all, g.vector([0]), size, g.vector([0])])
    return g.op('Reshape', [kept, square])
  }
  const differs = (ends: readonly [Tensor, Tensor]) => g.op('Not', [g.op('Equal', [...ends])])
  const [before, after] = neighbours(g, slots, other)
  return {
    pair,
    pair_start: placed(g.op('And', [slots.real, differs([before, other])]), sum),
    pair_end: placed(g.op('And', [slots.real, differs([after, other])]), g.op('Add', [sum, one])),
  }
}

/** What stands before and behind each of [A, S] in its row, −1 where nothing or padding does. */
function neighbours(g: FrontBuilder, slots: Padded, of: Tensor): [Tensor, Tensor] {
  const none = g.scalar(-1, 'int32')
  const marked = g.op('Where', [slots.real, of, none])
  const shifted = (pads: readonly number[], start: number, end: number) => {
    const wider = g.op('Pad', [marked, g.vector(pads), none])
    return g.op('Slice', [wider, g.vector([start]), g.vector([end]), g.vector([1])])
  }
  return [shifted([0, 1, 0, 0], 0, -1), shifted([0, 0, 0, 1], 1, 2 ** 31 - 1)]
}

/** translation [A, M, S, 3] and image_mask [A, M, S]. */
function imagesOf(g: FrontBuilder, slots: Padded, M: number, held: Tensor, translation: Tensor): Tables {
  const counts = g.op('Mul', [slots.of(held), g.cast(slots.real, 'int32')])
  const rows = g.reshape(g.vector([...Array(M).keys()], 'int32'), [1, M, 1])
  const mask = g.cast(g.op('Less', [rows, g.unsqueeze(counts, 1)]), 'float32')
  const perSlot = slots.of(g.reshape(translation, [-1, M, 3]))
  const perImage = g.op('Transpose', [perSlot], { perm: [0, 2, 1, 3] })
  return { translation: g.op('Mul', [perImage, g.unsqueeze(mask, 3)]), image_mask: mask }
}

/**
 * near [A, N]: places along [A·M·S]. An atom with fewer images than others repeats its first, one without any has its first
 * place, as in pack-near.ts.
 */
function nearOf(
  g: FrontBuilder,
  slots: Padded,
  { index }: Atoms,
  M: number,
  perAtom: Tensor,
  flat: Tensor,
): Tensor {
  const near = padded(g, perAtom)
  const images = g.scalar(M, 'int32')
  // With one more, so that there is one to look up where no atom has any.
  const own = near.of(g.op('Concat', [flat, g.vector([0], 'int32')], { axis: 0 }))
  const firstOwn = g.op('Slice', [own, g.vector([0]), g.vector([1]), g.vector([1])])
  const some = g.unsqueeze(g.op('Greater', [perAtom, g.scalar(0, 'int32')]), 1)
  const first = g.op('Where', [some, firstOwn, g.scalar(0, 'int32')])
  const local = g.op('Where', [near.real, own, first])
  const slot = g.op('Div', [local, images])
  const row = g.op('Sub', [local, g.op('Mul', [slot, images])])
  const inAtom = g.op('Add', [g.op('Mul', [row, slots.width]), slot])
  const corner = g.op('Mul', [index, g.op('Mul', [slots.width, images])])
  return g.op('Add', [g.unsqueeze(corner, 1), inAtom])
}
