// What a data set holds, in numbers: for the command line, the training report, and a look before training.

import { isOrdered } from '../crystal/structure.ts'
import { median } from '../math/median.ts'
import { momentsOf } from '../math/moments.ts'
import { type LabelledCrystal, SPLITS, type Split } from './labelled.ts'

/** One target of a data set, in its unit. */
export interface TargetStatistics {
  /** key in `targets` */
  readonly name: string
  /** Crystals that carry the target. */
  readonly count: number
  /** smallest value */
  readonly min: number
  /** largest value */
  readonly max: number
  /** mean value */
  readonly mean: number
  /** Population standard deviation. */
  readonly std: number
  /** Mean absolute deviation from the mean: the error of a model that always answers the mean. */
  readonly mad: number
}

/** What a data set holds. */
export interface DatasetStatistics {
  /** Crystals. */
  readonly count: number
  /** Crystals by split; `none` of those that name none. */
  readonly splits: Readonly<Record<Split | 'none', number>>
  /** Sites per crystal. */
  readonly sites: {
    /** fewest */
    readonly min: number
    /** half of the crystals have no more */
    readonly median: number
    /** most */
    readonly max: number
  }
  /** Crystals with a site that several species share, or a vacancy. */
  readonly disordered: number
  /** Atomic numbers that occur, and in how many crystals; the commonest first. */
  readonly elements: readonly {
    /** atomic number */
    readonly element: number
    /** how many hold it */
    readonly crystals: number
  }[]
  /** In order of first appearance. */
  readonly targets: readonly TargetStatistics[]
}

/** Goes through a data set once, keeping a few numbers a crystal. */
export async function datasetStatistics(
  crystals: Iterable<LabelledCrystal> | AsyncIterable<LabelledCrystal>,
): Promise<DatasetStatistics> {
  const splits: Record<Split | 'none', number> = { train: 0, val: 0, test: 0, none: 0 }
  const sites: number[] = []
  const crystalsOf = new Map<number, number>()
  const valuesOf = new Map<string, number[]>()
  let disordered = 0

  for await (const { structure, split, targets } of crystals) {
    splits[split ?? 'none']++
    sites.push(structure.frac.length)
    if (!isOrdered(structure)) disordered++
    const elements = new Set(structure.species.flatMap((site) => site.map((o) => o.element)))
    for (const z of elements) crystalsOf.set(z, (crystalsOf.get(z) ?? 0) + 1)
    for (const [name, value] of Object.entries(targets)) {
      const values = valuesOf.get(name)
      if (values) values.push(value)
      else valuesOf.set(name, [value])
    }
  }

  return {
    count: sites.length,
    splits,
    sites: { ...range(sites), median: median(sites) },
    disordered,
    elements: [...crystalsOf]
      .map(([element, count]) => ({ element, crystals: count }))
      .sort((a, b) => b.crystals - a.crystals || a.element - b.element),
    targets: [...valuesOf].map(([name, values]) => describe(name, values)),
  }
}

/** One line for a person: crystals by split, sites, elements. */
export function describeDataset({ count, splits, sites, elements }: DatasetStatistics): string {
  const number = (n: number) => n.toLocaleString('en')
  const named = SPLITS.filter((split) => splits[split] > 0).map(
    (split) => `${number(splits[split])} ${split}`,
  )
  const range = sites.min === sites.max ? sites.min : `${sites.min} to ${sites.max}`
  return (
    `${number(count)} crystals${named.length > 0 ? ` (${named.join(', ')})` : ''}, ` +
    `${range} sites, ${elements.length} elements`
  )
}

function describe(name: string, values: readonly number[]): TargetStatistics {
  const count = values.length
  const { mean, std } = momentsOf(values)
  const mad = values.reduce((sum, y) => sum + Math.abs(y - mean) / count, 0)
  return { name, count, ...range(values), mean, std, mad }
}

/** Not Math.min(...values): a spread of a large data set overflows the stack. NaN for no values. */
function range(values: readonly number[]): { min: number; max: number } {
  if (values.length === 0) return { min: Number.NaN, max: Number.NaN }
  return {
    min: values.reduce((a, b) => Math.min(a, b)),
    max: values.reduce((a, b) => Math.max(a, b)),
  }
}
