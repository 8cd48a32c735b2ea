// How much a prediction changes when a crystal is written down differently, which should be nothing, and when its atoms
// move a little: measured, not derived. A network that chooses
// (the image of largest weight as an axis, the twelfth neighbour) jumps where two of them change places; one that does not
// changes in proportion to the move.

import type { Card } from '../../runtimes/card.ts'
import { OUTPUT, type Runtime } from '../../runtimes/runtime.ts'
import { fractionalOf } from '../../src/crystal/cell.ts'
import { type Structure, structure } from '../../src/crystal/structure.ts'
import { supercell } from '../../src/crystal/supercell.ts'
import { CrystalOnnxError } from '../../src/errors.ts'
import type { Random } from '../../src/math/random/random.ts'
import { random } from '../../src/math/random/xoshiro.ts'
import { dot, type Mat3 } from '../../src/math/vectors.ts'

/** Standard deviations of the moves of every Cartesian coordinate, Å. */
const AMPLITUDES = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]
/** What float32 sums in another order differ by, relative to the value or the target's std. */
const ROUNDING = 1e-6

const DOUBLED: Mat3 = [
  [1, 1, 0],
  [-1, 1, 0],
  [0, 0, 1],
]
/** By 111° around an axis in a general direction. */
const TURN: Mat3 = [
  [2 / 7, -6 / 7, 3 / 7],
  [3 / 7, -2 / 7, -6 / 7],
  [6 / 7, 3 / 7, 2 / 7],
]

/** The largest change of one property under moves of one size. */
export interface SmoothnessRow {
  /** standard deviation of the moves of every coordinate, Å; 0 where the crystal is turned, doubled and reordered instead */
  readonly amplitude: number
  /** name of the target */
  readonly property: string
  /** of `change` */
  readonly unit: string
  /** largest change of any crystal */
  readonly change: number
  /** `change`, less what float32 rounds, by the amplitude; null where nothing moves */
  readonly per_angstrom: number | null
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
  for (const amplitude of [0, ...AMPLITUDES]) {
    const changed =
      amplitude === 0
        ? crystals.map(rewritten)
        : Array.from({ length: times }, () => crystals.map((s) => rattled(s, amplitude, numbers))).flat()
    const after = await predicted(runtime, changed, maxAtoms)
    targets.forEach(({ name: property, unit, std }, t) => {
      let worst: Pick<SmoothnessRow, 'change' | 'per_angstrom' | 'structure'> | undefined
      after.forEach((values, n) => {
        const own = n % crystals.length
        const change = Math.abs(values[t] - before[own][t])
        const rounding = ROUNDING * Math.max(std, Math.abs(before[own][t]))
        const per_angstrom = amplitude === 0 ? null : Math.max(0, change - rounding) / amplitude
        if (worst && !(change > worst.change)) return
        worst = { change, per_angstrom, structure: crystals[own].name ?? '' }
      })
      if (worst) rows.push({ amplitude, property, unit, ...worst })
    })
  }
  return rows
}

/** The same crystal: turned, in a cell of twice the atoms along other lattice vectors, and in another order. */
function rewritten(crystal: Structure): Structure {
  const doubled = supercell(crystal, DOUBLED)
  return structure({
    lattice: doubled.lattice.map((row) => TURN.map((column) => dot(row, column))),
    frac: doubled.frac.toReversed(),
    species: doubled.species.toReversed(),
  })
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
