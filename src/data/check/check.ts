// A look at a data set before it is trained on: what it holds, and what in it would spoil a training or its errors. One
// pass over the crystals; of each a few hundred bytes are kept.

import { reducedFormula } from '../../crystal/formula.ts'
import { isOrdered } from '../../crystal/structure.ts'
import { CrystalOnnxError } from '../../errors.ts'
import type { LabelledCrystal } from '../labelled.ts'
import { type DatasetStatistics, datasetStatistics } from '../statistics.ts'
import {
  closeAtoms,
  disordered,
  noValidation,
  rareElements,
  splitsInPart,
  unseenElements,
  unusable,
} from './find-faults.ts'
import { findTwins } from './find-twins.ts'
import { findValues } from './find-values.ts'
import type { Finding, Observation } from './findings.ts'
import { type Fingerprint, fingerprint } from './fingerprint.ts'

/** What is looked at, and how alike twins must be. */
export interface CheckOptions {
  /** The targets to look at. Default: all. */
  readonly targets?: readonly string[]
  /** Relative difference of fingerprints up to which crystals count as the same. Default 0.01. */
  readonly tolerance?: number
  /** Atomic numbers that the networks know. Default: all. */
  readonly elements?: readonly number[]
  /** Look for faults in every n-th crystal alone; counts and values are of all. Default 1. */
  readonly every?: number
}

/** What a data set holds, and what is wrong with it. */
export interface DatasetCheck {
  /** what it holds */
  readonly statistics: DatasetStatistics
  /** problems first */
  readonly findings: readonly Finding[]
  /** what was kept of each crystal that was looked at, in order */
  readonly crystals: readonly Observation[]
}

/** Goes through a data set once and says what it holds and what is wrong with it. */
export async function checkDataset(
  crystals: Iterable<LabelledCrystal> | AsyncIterable<LabelledCrystal>,
  { targets, tolerance = 0.01, elements, every = 1 }: CheckOptions = {},
): Promise<DatasetCheck> {
  const observations: Observation[] = []
  const observed = async function* () {
    let n = 0
    for await (const crystal of crystals) {
      if (n++ % every === 0) observations.push(observe(crystal))
      yield crystal
    }
  }
  const all = await datasetStatistics(observed())
  const statistics =
    targets === undefined
      ? all
      : { ...all, targets: all.targets.filter(({ name }) => targets.includes(name)) }
  const names = statistics.targets.map(({ name }) => name)
  return {
    statistics,
    findings: [
      ...splitsInPart(observations),
      ...noValidation(observations),
      ...unusable(observations, elements),
      ...closeAtoms(observations),
      ...unseenElements(observations),
      ...findTwins(observations, names, tolerance),
      ...findValues(observations, names),
      ...rareElements(observations),
      ...disordered(observations),
    ],
    crystals: observations,
  }
}

function observe({ id, split, structure, targets }: LabelledCrystal): Observation {
  return {
    id,
    split,
    formula: reducedFormula(structure),
    sites: structure.frac.length,
    elements: [...new Set(structure.species.flatMap((site) => site.map(({ element }) => element)))],
    ordered: isOrdered(structure),
    targets,
    fingerprint: fingerprintOf(structure),
  }
}

function fingerprintOf(structure: LabelledCrystal['structure']): Fingerprint | undefined {
  try {
    return fingerprint(structure)
  } catch (error) {
    if (error instanceof CrystalOnnxError) return undefined
    throw error
  }
}
