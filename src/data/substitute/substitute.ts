// New crystals from known ones: elements exchanged for others that are like them, the volume scaled by what the elements
// take, the cell strained, the atoms shaken. They have no labels yet. Networks that were taught by relaxed, mostly stable
// crystals alone find everything else too stable; these are what else there is.

import { chemicalSystem, parseSystem } from '../../crystal/chemical-system.ts'
import { isOrdered, type Structure } from '../../crystal/structure.ts'
import { ConfigError, DatasetError } from '../../errors.ts'
import { random } from '../../math/random/xoshiro.ts'
import { type LabelledCrystal, labelledCrystal } from '../labelled.ts'
import { splitDataset } from '../split.ts'
import { attempts } from './attempt.ts'
import { KnownCrystals } from './known.ts'
import { type LeftOut, type SubstituteOptions, substituteSettings } from './options.ts'

/** Attempts at one crystal, after which there is nothing more to be had of the data. */
const MAX_ATTEMPTS = 1000

/**
 * Crystals made of those of the train split (splits as training takes them). Ids are `sub-SEED-NUMBER-PARENT`; the split is
 * `train`, and there are no targets.
 * @throws DatasetError when nothing can be made of the data, or no more; ConfigError for options that are none
 */
export function* substituteElements(
  data: readonly LabelledCrystal[],
  options: SubstituteOptions,
): Generator<LabelledCrystal> {
  const { count, seed = 0, excludedSystems = [], onLeftOut = () => {}, ...rest } = options
  const settings = substituteSettings(rest)
  const { train, test } = splitDataset(data)
  const parents = parentsOf(train, settings.maxAtoms, onLeftOut)
  const excluded = new Set([...excludedSystems].map(canonical))
  for (const { structure } of test) excluded.add(chemicalSystem(structure))
  const known = new KnownCrystals()
  known.addAll(data.map(({ structure }) => structure))
  const make = attempts(train, settings)

  for (let index = 0; index < count; index++) {
    const rng = random(seed, index)
    const reasons = new Map<LeftOut, number>()
    for (let attempt = 1; ; attempt++) {
      const parent = rng.pick(parents)
      const made = make(parent.structure, excluded, rng)
      const reason = typeof made === 'string' ? made : known.add(made) ? undefined : 'duplicate'
      if (reason === undefined) {
        const id = `sub-${seed}-${String(index).padStart(6, '0')}-${parent.id}`
        yield labelledCrystal({ id, structure: made as Structure, split: 'train', targets: [] })
        break
      }
      onLeftOut(reason)
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
      if (attempt === MAX_ATTEMPTS) throw exhausted(index, reasons)
    }
  }
}

function parentsOf(
  train: readonly LabelledCrystal[],
  maxAtoms: number,
  onLeftOut: (reason: LeftOut) => void,
): LabelledCrystal[] {
  const parents = train.filter(({ structure }) => {
    const reason = !isOrdered(structure)
      ? 'disordered'
      : structure.frac.length > maxAtoms
        ? 'too-many-atoms'
        : undefined
    if (reason !== undefined) onLeftOut(reason)
    return reason === undefined
  })
  if (parents.length > 0) return parents
  throw new DatasetError(
    `none of the ${train.length} crystals of the train split is ordered and has at most ${maxAtoms} sites; raise maxAtoms`,
  )
}

/** With its elements in any order. @throws ConfigError for a text that names none */
function canonical(system: string): string {
  const found = parseSystem(system)
  if (found !== undefined) return found
  throw new ConfigError(`${JSON.stringify(system)} is no chemical system, expected one such as Na-Cl`)
}

function exhausted(index: number, reasons: ReadonlyMap<LeftOut, number>): DatasetError {
  const counts = [...reasons].map(([reason, n]) => `${n} ${reason}`).join(', ')
  return new DatasetError(
    `crystal ${index + 1}: ${MAX_ATTEMPTS} attempts in a row came to nothing (${counts}); ask for fewer crystals, or allow more`,
  )
}
