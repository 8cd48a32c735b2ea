// One check of verify.ts: something that evaluates crystals, compared with the float64 reference on crystals alone,
// together, and beside a larger cell.

import { type Card, targetError } from '../../runtimes/card.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { mean } from '../../src/math/mean.ts'
import { groupAlike } from '../../src/periodic/group.ts'
import { type PreparedCrystal, prepareCrystal } from '../../src/periodic/prepare.ts'

/** What else a crystal was evaluated with in one batch. */
export type BatchShape = 'alone' | 'together' | 'beside a larger cell'

/** One value compared with the float64 reference. */
export interface VerifyRow {
  /** 'float64' for the stored golden values, 'float64-graph', 'tfjs', the device of onnxruntime, or 'fused' */
  readonly device: string
  /** name of the crystal */
  readonly structure: string
  /** what it was evaluated with */
  readonly batch: BatchShape
  /** name of the target */
  readonly property: string
  /** of `value`, `reference` and `abs` */
  readonly unit: string
  /** what the device gave */
  readonly value: number
  /** what it should be */
  readonly reference: number
  /** |value − reference| */
  readonly abs: number
  /** relative to the reference, or to the target's std where that is larger; of what was learned of them */
  readonly rel: number
  /** whether `rel` is within the tolerance */
  readonly pass: boolean
}

/** Errors of one check over all structures and batches, for one property. */
export interface VerifySummary {
  /** as in the rows */
  readonly device: string
  /** name of the target */
  readonly property: string
  /** of `maxAbs` and `meanAbs` */
  readonly unit: string
  /** of rows */
  readonly count: number
  /** largest absolute error */
  readonly maxAbs: number
  /** mean absolute error */
  readonly meanAbs: number
  /** largest relative error */
  readonly maxRel: number
  /** mean relative error */
  readonly meanRel: number
  /** whether every row is within its tolerance */
  readonly pass: boolean
}

/** A crystal, as it is and as one atom of each orbit. */
export interface Sample {
  readonly crystal: Structure
  readonly prepared: PreparedCrystal
}

/** A crystal and its float64 values, one a target. */
export interface Subject extends Sample {
  readonly name: string
  readonly reference: readonly number[]
}

/** The values of each of some crystals that are evaluated in one run: NaN where there are none. */
export type Evaluate = (samples: readonly Sample[]) => Promise<readonly ArrayLike<number>[]>

/** Evaluates every subject in every batch shape. */
export async function* checkBatches(
  card: Card,
  device: string,
  subjects: readonly Subject[],
  evaluate: Evaluate,
): AsyncGenerator<VerifyRow> {
  const larger = largerCell(card)
  const together = groupAlike(
    subjects.map(({ prepared }) => prepared),
    card.max_atoms,
  )
  const runs: { batch: BatchShape; beside: readonly Sample[]; members: readonly number[] }[] = [
    ...subjects.map((_, n) => ({ batch: 'alone' as const, beside: [], members: [n] })),
    ...together.map((members) => ({ batch: 'together' as const, beside: [], members })),
    ...together.map((members) => ({ batch: 'beside a larger cell' as const, beside: [larger], members })),
  ]
  for (const { batch, beside, members } of runs) {
    const rows = await evaluate([...beside, ...members.map((n) => subjects[n])])
    for (const [c, n] of members.entries()) {
      yield* compare(card, { device, batch }, subjects[n], rows[beside.length + c], card.tolerance)
    }
  }
}

/** Atoms of the sample that is doubled: a box of images grows with the square of the atoms, and tfjs is slow. */
const DOUBLED_ATOMS = 10

/** Of a cell edge: no symmetry makes the two halves of a doubled cell equal when an atom is so far off. */
const MOVED = 0.01

/** A supercell of a golden sample: another number of atoms, slots and images than the samples have alone. */
function largerCell(card: Card): Sample {
  const bySize = [...card.golden].sort((a, b) => a.frac.length - b.frac.length)
  const sample = bySize.findLast(({ frac }) => frac.length <= DOUBLED_ATOMS) ?? bySize[0]
  const doubled = supercell(structure(sample), [
    [2, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ])
  const [[x, y, z], ...others] = doubled.frac
  const crystal = structure({ ...doubled, frac: [[x + MOVED, y, z], ...others] })
  const prepared = prepareCrystal(crystal, card.geometry, card.elements, { oneOfEachOrbit: true })
  return { crystal, prepared }
}

/** One row a target. */
export function compare(
  card: Card,
  check: { readonly device: string; readonly batch: BatchShape },
  { name, reference }: Subject,
  values: ArrayLike<number>,
  tolerance: number,
): VerifyRow[] {
  return card.targets.map((target, t) => {
    const { name: property, unit } = target
    const abs = Math.abs(values[t] - reference[t])
    const rel = targetError(values[t], reference[t], target)
    const pass = rel <= tolerance
    return {
      ...check,
      structure: name,
      property,
      unit,
      value: values[t],
      reference: reference[t],
      abs,
      rel,
      pass,
    }
  })
}

/** One summary a check and property, in order of appearance. */
export function summarise(rows: readonly VerifyRow[]): VerifySummary[] {
  const groups = new Map<string, VerifyRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.device, row.property])
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].map((group) => {
    const { device, property, unit } = group[0]
    const abs = group.map((row) => row.abs)
    const rel = group.map((row) => row.rel)
    return {
      device,
      property,
      unit,
      count: group.length,
      maxAbs: Math.max(...abs),
      meanAbs: mean(abs),
      maxRel: Math.max(...rel),
      meanRel: mean(rel),
      pass: group.every((row) => row.pass),
    }
  })
}
