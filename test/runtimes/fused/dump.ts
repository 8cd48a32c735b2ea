// Small networks and crystals as the fused engine takes them, with what the float64 reference makes of them: a file for
// hostile.c, which reads the same numbers in C.

import { modelConfig } from '../../../models/attention/config.ts'
import { describeAttention } from '../../../models/attention/fused.ts'
import { geometryOf } from '../../../models/attention/geometry.ts'
import { ELEMENT_TABLE } from '../../../models/elements.ts'
import { referenceForward } from '../../../models/reference/forward.ts'
import { type Structure, structure } from '../../../src/crystal/structure.ts'
import { imageList, joinImages } from '../../../src/engines/image-list.ts'
import { joinedAs } from '../../../src/math/joined.ts'
import { prepareCrystal, type TableCrystal } from '../../../src/periodic/prepare.ts'
import type { TableGeometry } from '../../../src/periodic/types.ts'
import { livelyWeights } from '../../models/lively.ts'

const TINY = {
  ...{ num_layers: 2, model_dim: 15, head_num: 5, ff_dim: 20, embedding_dim: [9, 7], num_targets: 2 },
  ...{ value_pe_dist_real: 6, scale_real: [0.7, 0.8], domain: 'real' },
}
const FRAMED = {
  ...TINY,
  architecture: 'crystalframer',
  value_pe_angle_real: 8,
  value_pe_angle_wscale: 2,
} as const

/** Each kind of network, and sizes that fill vectors and do not. */
export const NETWORKS: Readonly<Record<string, unknown>> = {
  crystalformer: TINY,
  'without a radial encoding, one head': { ...TINY, value_pe_dist_real: 0, head_num: 1, model_dim: 16 },
  'wide Gaussians, many heads': { ...TINY, value_pe_width_scale: 1.7, head_num: 18, model_dim: 36 },
  max: { ...FRAMED, frame_method: 'max' },
  'max, average, twelve heads': {
    ...{ ...FRAMED, frame_method: 'max', ties: 'average', head_num: 12, model_dim: 24 },
  },
  max_static: { ...FRAMED, frame_method: 'max_static' },
  lattice: { ...FRAMED, frame_method: 'lattice', cos_abs: 1 },
  pca: { ...FRAMED, frame_method: 'pca' },
  weighted_pca: { ...FRAMED, frame_method: 'weighted_pca' },
  density: { ...FRAMED, frame_method: 'density', density_degree: 3, density_axes: 1 },
  'density, two sorts of axes, twelve heads': {
    ...{ ...FRAMED, frame_method: 'density', head_num: 12, model_dim: 24 },
  },
  'weighted_pca of unit vectors': { ...FRAMED, frame_method: 'weighted_pca', pca_unit_vectors: true },
}

/** A skewed cell of three atoms, one site of which is shared; a cubic one of one. */
const CRYSTALS: readonly Structure[] = [
  structure({
    lattice: [
      [3.9, 0, 0],
      [0.4, 4.2, 0],
      [-0.3, 0.5, 4.6],
    ],
    frac: [
      [0.02, 0, 0.01],
      [0.47, 0.55, 0.1],
      [0.2, 0.63, 0.58],
    ],
    species: [
      12,
      [
        { element: 8, occupancy: 0.6 },
        { element: 16, occupancy: 0.3 },
      ],
      26,
    ],
  }),
  structure({
    lattice: [
      [2.9, 0, 0],
      [0, 3.1, 0],
      [0, 0, 3.4],
    ],
    frac: [[0, 0, 0]],
    species: [29],
  }),
]

/** Words between two arrays at least, which hostile.c watches. */
const GAP = 16

/** The words of hostile.c's file. */
export function dump(): Int32Array {
  const parts: Int32Array[] = []
  for (const [n, input] of Object.values(NETWORKS).entries()) {
    const config = modelConfig(input)
    const weights = livelyWeights(config, n + 1)
    const { geometry } = geometryOf(config, 'converged')
    const description = describeAttention(config, geometry, weights)
    if (typeof description === 'string') throw new Error(description)
    const prepared = CRYSTALS.map((crystal) =>
      prepareCrystal(crystal, geometry as TableGeometry, ELEMENT_TABLE, { oneOfEachOrbit: true }),
    )
    const { memory, batch } = memoryOf(prepared, description.directions, config)
    const values = CRYSTALS.flatMap((crystal) => [
      ...referenceForward(weights, config, crystal, 'converged').value,
    ])
    const { words, weights: given } = description
    parts.push(Int32Array.of(words.length, given.length, memory.length, batch, values.length))
    parts.push(words, wordsOf(given), memory, wordsOf(Float32Array.from(values)))
  }
  return joinedAs(Int32Array, parts)
}

/** A memory that holds a batch, and the place of its words, in the order of `enum batch_words`. */
function memoryOf(
  crystals: readonly TableCrystal[],
  directions: boolean,
  { num_targets: targets, model_dim: width }: { num_targets: number; model_dim: number },
): { memory: Int32Array; batch: number } {
  const memory = new Int32Array(4096)
  let next = GAP
  const room = (count: number) => {
    const at = next
    next += Math.ceil((count + GAP) / 16) * 16
    if (next > memory.length) throw new RangeError(`${next} words for a memory of ${memory.length}`)
    return at
  }
  const put = (array: Int32Array | Float32Array) => {
    const at = room(array.length)
    memory.set(array instanceof Int32Array ? array : wordsOf(array), at)
    return at
  }
  const list = joinImages(crystals.map(({ images, runs }) => imageList(images, runs, { directions })))
  const occupants = Math.max(...crystals.map((crystal) => crystal.occupants))
  /** [atoms, occupants] of every crystal, those of few occupants with zeros. */
  const padded = (of: (crystal: TableCrystal) => ArrayLike<number>) =>
    crystals.flatMap((crystal) =>
      Array.from({ length: crystal.atoms * occupants }, (_, n) => {
        const e = n % occupants
        return e < crystal.occupants ? of(crystal)[Math.floor(n / occupants) * crystal.occupants + e] : 0
      }),
    )
  const starts = [0]
  for (const { atoms } of crystals) starts.push(starts.at(-1)! + atoms)
  const frames = crystals.flatMap(({ atoms, frame }) =>
    Array(atoms)
      .fill(frame && [...frame])
      .flat(),
  )
  const batch = Int32Array.of(
    ...[starts.at(-1)!, occupants, crystals.length, list.pairAtom.length, list.distance2.length],
    put(Int32Array.from(padded(({ species }) => species))),
    put(Float32Array.from(padded(({ occupancy }) => occupancy))),
    ...[put(list.pairStart), put(list.pairAtom), put(list.imageStart), put(list.distance2)],
    list.unit ? put(list.unit) : 0,
    crystals[0].frame ? put(Float32Array.from(frames)) : 0,
    put(Int32Array.from(starts)),
    put(Float32Array.from(crystals.flatMap(({ shares }) => [...shares]))),
    room(crystals.length * targets),
    room(crystals.length * width),
    directions ? room(crystals.length) : 0,
  )
  const at = put(batch)
  return { memory: memory.slice(0, next), batch: at }
}

function wordsOf(floats: Float32Array): Int32Array {
  return new Int32Array(floats.buffer, floats.byteOffset, floats.length)
}
