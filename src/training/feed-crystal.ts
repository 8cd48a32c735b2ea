// One crystal of the data as a feed takes it, or why it does not.

import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { LabelledCrystal } from '../data/labelled.ts'
import type { FedCrystal } from '../engines/preparation.ts'
import { DatasetError } from '../errors.ts'

/** @throws DatasetError naming a crystal that the network cannot take */
export function prepareCrystalOf(
  { id, structure }: Pick<LabelledCrystal, 'id' | 'structure'>,
  prepare: (structure: LabelledCrystal['structure']) => FedCrystal,
): FedCrystal {
  for (const { element } of structure.species.flat()) {
    if (ELEMENT_TABLE.includes(element)) continue
    throw new DatasetError(
      `crystal "${id}" holds atomic number ${element}; the network knows 1 to ${ELEMENT_TABLE.length}`,
    )
  }
  try {
    return prepare(structure)
  } catch (cause) {
    throw new DatasetError(`crystal "${id}": ${(cause as Error).message}`, { cause })
  }
}
