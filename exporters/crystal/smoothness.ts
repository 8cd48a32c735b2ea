// How much a prediction changes when the atoms of a crystal move a little: measured, not derived. A network that chooses
// (the image of largest weight as an axis, the twelfth neighbour) jumps where two of them change places; one that does not
// changes in proportion to the move.

import type { Card } from '../../runtimes/card.ts'
import { OUTPUT, type Runtime } from '../../runtimes/runtime.ts'
import { fractionalOf } from '../../src/crystal/cell.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { CrystalOnnxError } from '../../src/errors.ts'
import type { Random } from '../../src/math/random/random.ts'
import { random } from '../../src/math/random/xoshiro.ts'

/** Standard deviations of the moves of every Cartesian coordinate, Å. */
const AMPLITUDES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]
/** What float32 sums in another order differ by, relative to the value or the target's std. */
const ROUNDING = 1e-6

/** The largest change of one property under moves of one size. */
export interface SmoothnessRow {
  /** standard deviation of the moves of every coordinate, Å */
  readonly amplitude: number
  /** name of the target */
  readonly property: string
  /** of `change` */
  readonly unit: string
  /** largest change of any crystal */
  readonly change: number
  /** `change`, less what float32 rounds, by the amplitude */
  readonly per_angstrom: number
  /** the crystal that changes most */
  readonly structure: string
}

/**
 * Moves all atoms of each crystal at random, by each amplitude, and compares the predictions.
 * @param times how often, with other moves
 */
export async function smoothness(
  { targets, max_atoms: maxAtoms }: Card,
  runtime: Runtime,
  crystals: readonly Structure[],
  times: number,
): Promise<SmoothnessRow[]> {
  const before = await predicted(runtime, crystals, maxAtoms)
  const numbers = random(1)
  const rows: SmoothnessRow[] = []
  for (const amplitude of AMPLITUDES) {
    const moved = Array.from({ length: times }, () => crystals.map((s) => rattled(s, amplitude, numbers)))
    const after = await predicted(runtime, moved.flat(), maxAtoms)
    targets.forEach(({ name: property, unit, std }, t) => {
      let worst = { change: 0, per_angstrom: 0, structure: '' }
      after.forEach((values, n) => {
        const own = n % crystals.length
        const change = Math.abs(values[t] - before[own][t])
        const rounding = ROUNDING * Math.max(std, Math.abs(before[own][t]))
        const per_angstrom = Math.max(0, change - rounding) / amplitude
        if (worst.structure !== '' && !(change > worst.change)) return
        worst = { change, per_angstrom, structure: crystals[own].name ?? '' }
      })
      rows.push({ amplitude, property, unit, ...worst })
    })
  }
  return rows
}

/** The crystal with every Cartesian coordinate moved by normally distributed numbers. */
function rattled(crystal: Structure, amplitude: number, { normal }: Random): Structure {
  const inCells = fractionalOf(crystal.lattice)
  const frac = crystal.frac.map((f) => {
    const move = inCells([amplitude * normal(), amplitude * normal(), amplitude * normal()])
    return f.map((x, c) => x + move[c])
  })
  return structure({ ...crystal, frac })
}

/** One row a crystal, NaN where it cannot be predicted. */
async function predicted(
  runtime: Runtime,
  crystals: readonly Structure[],
  maxAtoms: number,
): Promise<ArrayLike<number>[]> {
  const results = await runtime.evaluate(crystals, [OUTPUT], { maxAtoms, trusted: true })
  return results.map((result) => (result instanceof CrystalOnnxError ? [] : result.rows[OUTPUT]))
}
